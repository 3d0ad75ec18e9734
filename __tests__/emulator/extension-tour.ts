import { makeCertificate } from "../../emulator/certificates.ts";
import { API, type Said, type Talk, talk } from "./talk.ts";

/**
 * A walk through the routes beside the extensions, and through the writes of extensions that end well and badly, with
 * requests that are all correct, so that the referee has to find no fault. It knows no file about Relay and GitHub.
 */
export async function extensionTour(): Promise<Talk> {
  const one = talk();
  // The referee takes the real form of extensions' status URLs for a mistake (its README).
  one.world.knobs.extensionVersionParameter = "api-version";
  one.world.knobs.signedStatusUrls = false;
  await types(one);
  await relay(one);
  for (const cluster of [one.ids.aks, one.ids.arc]) {
    for (const api of ["2022-11-01", API.extensions, "2024-11-01", "2025-03-01"])
      await lifetime(one, cluster, api);
  }
  await failures(one);
  return one;
}

async function types({ arm, ids, world }: Talk): Promise<void> {
  const configuration = "providers/Microsoft.KubernetesConfiguration";
  const location = `/subscriptions/${world.subscriptionId}/${configuration}/locations/eastus/extensionTypes`;
  const filters: Record<string, string> = {
    [location]: "?releaseTrain=stable&clusterType=managedCluster&majorVersion=1&showLatest=true",
    [`${ids.arc}/${configuration}/extensionTypes`]: "?releaseTrain=preview&majorVersion=1&showLatest=true",
    [`${ids.aks}/${configuration}/extensionTypes`]: "",
  };
  const api = "2023-05-01-preview";
  for (const [list, query] of Object.entries(filters)) {
    const type = `${list}/microsoft.azureml.kubernetes`;
    for (const path of [
      list,
      type,
      `${type}/versions${query}`,
      `${type}/versions/1.1.84`,
      `${type}/versions/9.9.9`,
    ]) {
      await arm("GET", path, { api });
    }
  }
}

async function relay({ arm, ids, world }: Talk): Promise<void> {
  const api = "2017-04-01";
  const namespace = `${ids.group}/providers/Microsoft.Relay/namespaces/fresh-1`;
  const connection = `${namespace}/hybridConnections/arc1`;
  const rule = `${connection}/authorizationRules/azureml_rw`;
  await arm("GET", connection, { api });
  await arm("PUT", namespace, { api, body: { location: "eastus", tags: {} } });
  world.clock.advance(10_000);
  await arm("GET", namespace, { api });
  await arm("PUT", connection, { api, body: { properties: { requiresClientAuthorization: true } } });
  await arm("GET", connection, { api });
  await arm("PUT", rule, { api, body: { properties: { rights: ["Manage", "Send", "Listen"] } } });
  await arm("GET", rule, { api });
  await arm("POST", `${rule}/listKeys`, { api });
  const query = "resources | where type =~ 'microsoft.containerservice/managedclusters' | project id";
  const options = { $top: 1, resultFormat: "objectArray" };
  const graph = "/providers/Microsoft.ResourceGraph/resources";
  await arm("POST", graph, {
    api: "2022-10-01",
    body: { query, subscriptions: [world.subscriptionId], options },
  });
}

async function lifetime(one: Talk, cluster: string, api: string): Promise<void> {
  const { arm, ids } = one;
  const id = `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
  const identity = cluster === ids.arc ? { identity: { type: "SystemAssigned" } } : {};
  const pair = await makeCertificate({ names: ["ml.example.com"] });
  const properties = {
    extensionType: "microsoft.azureml.kubernetes",
    autoUpgradeMinorVersion: false,
    version: "1.1.44",
    releaseTrain: "stable",
    scope: { cluster: { releaseNamespace: "azureml" } },
    configurationSettings: {
      enableTraining: "True",
      enableInference: "True",
      inferenceRouterServiceType: "LoadBalancer",
      sslCname: "ml.example.com",
    },
    configurationProtectedSettings: {
      "scoringFe.sslCert": Buffer.from(pair.certificate).toString("base64"),
      "scoringFe.sslKey": Buffer.from(pair.privateKey).toString("base64"),
    },
  };
  await follow(one, await arm("DELETE", `${id}?forceDelete=false`, { api }));
  await follow(one, await arm("PUT", id, { api, body: { ...identity, properties } }));
  await arm("GET", id, { api });
  await follow(one, await arm("PUT", id, { api, body: { ...identity, properties } }));
  const change = {
    properties: { configurationSettings: { installPromOp: "False" }, autoUpgradeMinorVersion: true },
  };
  await follow(one, await arm("PATCH", id, { api, body: change }));
  await arm("PATCH", id, { api, body: change });
  await arm("GET", id.replace(/\/azureml$/, ""), { api });
}

/** A failed extension in each of its shapes. */
async function failures(one: Talk): Promise<void> {
  const { arm, ids, world } = one;
  const id = `${ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
  for (const level of ["null", "Error"] as const) {
    for (const provider of ["metallb", "azure"]) {
      world.knobs.statusLevel = level;
      const settings = { internalLoadBalancerProvider: provider, round: level };
      await follow(
        one,
        await arm("PATCH", id, {
          api: API.extensions,
          body: { properties: { configurationSettings: settings } },
        }),
      );
      await arm("GET", id, { api: API.extensions });
    }
  }
  const body = { properties: { releaseTrain: "nightly" } };
  await follow(one, await arm("PATCH", id, { api: API.extensions, body }));
  await arm("GET", id, { api: API.extensions });
}

async function follow({ arm, world }: Talk, accepted: Said): Promise<void> {
  const url = accepted.headers["azure-asyncoperation"];
  if (url) await arm("GET", url);
  world.clock.advance(60_000);
  if (url) await arm("GET", url);
}

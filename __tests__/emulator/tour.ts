import { API, attachBody, type Said, type Talk, talk } from "./talk.ts";

/**
 * A walk through every route with requests that are all correct, so that the referee has to find no fault with the
 * requests, and none with the answers. Gives what was asked and answered, one line each.
 */
export async function tour(): Promise<{ talk: Talk; lines: string[] }> {
  const one = talk();
  const { world } = one;
  // The referee knows these two dialects of extension status URLs as false alarms (its README), and one it does not.
  world.knobs.extensionVersionParameter = "api-version";
  const lines: string[] = [];
  const ask: Talk["arm"] = async (method, path, options) => {
    const said = await one.arm(method, path, options);
    lines.push(`${said.status} ${method} ${short(path)} ${errorCode(said)}`.trim());
    return said;
  };
  const guide = { ...one, arm: ask };
  await readEverything(guide);
  await attachAndDetach(guide);
  await everyDialect(guide);
  await refusals(guide);
  await extensions(guide);
  return { talk: one, lines };
}

async function readEverything({ arm, ids, world }: Talk): Promise<void> {
  const subscription = `/subscriptions/${world.subscriptionId}`;
  world.addTrustedAccessRoleBinding(ids.aks, { sourceResourceId: ids.workspace });
  world.addCompute(ids.workspace, {
    name: "legacy",
    properties: {
      computeType: "AKS",
      resourceId: ids.aks,
      properties: { sslConfiguration: { status: "Enabled", key: "k" } },
    },
  });
  await arm("GET", "/tenants", { api: API.subscriptions });
  await arm("GET", "/subscriptions", { api: API.subscriptions });
  await arm("GET", subscription, { api: API.subscriptions });
  await arm("GET", ids.group, { api: API.resources });
  await arm("HEAD", ids.group, { api: API.resources });
  await arm("GET", `${subscription}/providers/Microsoft.KubernetesConfiguration`, { api: API.resources });
  await arm("POST", `${subscription}/providers/Microsoft.KubernetesConfiguration/register`, {
    api: API.resources,
  });
  for (const scope of [ids.group, ids.workspace, ids.aks, ids.arc]) {
    await arm("GET", `${scope}/providers/Microsoft.Authorization/permissions`, { api: API.permissions });
  }
  const ml = "providers/Microsoft.MachineLearningServices/workspaces";
  for (const path of [`${subscription}/${ml}`, `${ids.group}/${ml}`, ids.workspace])
    await arm("GET", path, { api: API.ml });
  const aks = "providers/Microsoft.ContainerService/managedClusters";
  for (const path of [`${subscription}/${aks}`, `${ids.group}/${aks}`, ids.aks])
    await arm("GET", path, { api: API.aks });
  await arm("GET", `${ids.aks}/trustedAccessRoleBindings`, { api: "2024-02-01" });
  await arm("GET", `${ids.aks}/trustedAccessRoleBindings/azureml`, { api: "2024-02-01" });
  await arm("POST", `${ids.aks}/listClusterUserCredential`, { api: API.aks });
  const command = { command: "kubectl get --raw '/version'" };
  const run = await arm("POST", `${ids.aks}/runCommand`, { api: API.aks, body: command });
  await arm("GET", run.headers["location"] ?? "");
  world.clock.advance(60_000);
  await arm("GET", run.headers["location"] ?? "");
  const arc = "providers/Microsoft.Kubernetes/connectedClusters";
  for (const path of [`${subscription}/${arc}`, `${ids.group}/${arc}`, ids.arc])
    await arm("GET", path, { api: API.arc });
  await arm("GET", ids.arc, { api: "2021-10-01" });
  await arm("POST", `${ids.workspace}/computes/legacy/listKeys`, { api: API.ml });
  await arm("GET", `${ids.workspace}/computes/legacy`, { api: "2024-04-01" });
}

async function attachAndDetach({ arm, ids, world }: Talk): Promise<void> {
  const identity = `${ids.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai1`;
  const cluster = { a: ids.aks, b: ids.arc };
  const bodies = {
    a: {
      ...attachBody(cluster.a, { description: "first" }),
      identity: { type: "SystemAssigned" },
      tags: { team: "ml" },
    },
    b: {
      ...attachBody(cluster.b),
      identity: { type: "UserAssigned", userAssignedIdentities: { [identity]: {} } },
    },
  };
  world.knobs.retryAfterSeconds = 1;
  for (const [name, body] of Object.entries(bodies)) {
    const url = `${ids.workspace}/computes/compute-${name}`;
    const put = await arm("PUT", url, { api: API.ml, body });
    await arm("PUT", url, { api: API.ml, body });
    await arm("GET", url, { api: API.ml });
    await watch(arm, world, put);
    await arm("GET", url, { api: API.ml });
    await watch(arm, world, await arm("PUT", url, { api: "2025-12-01", body }));
  }
  world.knobs.retryAfterSeconds = undefined;
  world.knobs.pageSize = 2;
  const list = await arm("GET", `${ids.workspace}/computes`, { api: API.ml });
  await arm("GET", (list.body as { nextLink: string }).nextLink);
  for (const name of ["a", "b"]) {
    const url = `${ids.workspace}/computes/compute-${name}`;
    const gone = await arm("DELETE", `${url}?underlyingResourceAction=Detach`, { api: API.ml });
    await arm("GET", url, { api: API.ml });
    await watch(arm, world, gone);
    await arm("GET", url, { api: API.ml });
    await arm("DELETE", `${url}?underlyingResourceAction=Detach`, { api: API.ml });
  }
}

async function everyDialect({ arm, ids, world }: Talk): Promise<void> {
  const url = `${ids.workspace}/computes/dialects`;
  world.knobs.asyncHeaders = "both";
  world.knobs.errorWhileInProgress = { code: "NotLatestOperation", message: "Another operation came later." };
  for (const dialect of ["containerService", "connectedCluster", "machineLearning"] as const) {
    world.knobs.computeDialect = dialect;
    await watch(arm, world, await arm("PUT", url, { api: API.ml, body: attachBody(ids.aks) }));
    await watch(arm, world, await arm("DELETE", `${url}?underlyingResourceAction=Detach`, { api: API.ml }));
  }
  world.knobs.errorWhileInProgress = undefined;
  world.knobs.asyncHeaders = "azure-asyncoperation";
}

async function refusals({ arm, ids, world }: Talk): Promise<void> {
  const { group, workspace } = ids;
  const stopped = world.addManagedCluster({
    resourceGroup: "rg1",
    name: "stopped",
    properties: { powerState: { code: "Stopped" } },
  });
  const failing = [`${group}/providers/Microsoft.ContainerService/managedClusters/nowhere`, stopped];
  for (const [index, cluster] of failing.entries()) {
    const url = `${workspace}/computes/failing-x${index}x`;
    await watch(arm, world, await arm("PUT", url, { api: API.ml, body: attachBody(cluster) }));
    await arm("GET", url, { api: API.ml });
  }
  for (const path of [`${workspace}x`, `${workspace}x/computes`, `${workspace}/computes/nothing`]) {
    await arm("GET", path, { api: API.ml });
  }
  await arm("PUT", `${workspace}x/computes/abc`, { api: API.ml, body: attachBody(ids.aks) });
  await arm("GET", `${ids.aks}x`, { api: API.aks });
  await arm("GET", `${ids.aks}/trustedAccessRoleBindings/other`, { api: "2024-02-01" });
  await arm("GET", `${ids.arc}x`, { api: API.arc });
  await arm("GET", `${group}x`, { api: API.resources });
  await arm("HEAD", `${group}x`, { api: API.resources });
  await arm("GET", "/subscriptions/99999999-9999-4999-8999-999999999999", { api: API.subscriptions });
  world.revoke(world.application.clientId);
  await arm("GET", workspace, { api: API.ml });
  world.grant(world.application.clientId, ["*"]);
  world.knobs.throttling = true;
  for (let count = 0; count < 250; count++) await arm("GET", workspace, { api: API.ml });
  await arm("GET", workspace, { api: API.ml });
  world.knobs.throttling = false;
  await arm("GET", workspace, { api: API.ml, headers: { authorization: "Bearer nonsense" } });
}

async function extensions({ arm, ids, world }: Talk): Promise<void> {
  // Signed status URLs of extensions are a false alarm of the referee; unsigned ones are as old as 2023.
  world.knobs.signedStatusUrls = false;
  for (const cluster of [ids.aks, ids.arc]) {
    const list = `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions`;
    const api = cluster === ids.aks ? "2024-11-01" : API.extensions;
    const properties = {
      extensionType: "microsoft.azureml.kubernetes",
      releaseTrain: "stable",
      scope: { cluster: { releaseNamespace: "azureml" } },
      configurationSettings: { enableTraining: "True" },
      configurationProtectedSettings: { "scoringFe.sslKey": "c2VjcmV0" },
    };
    const identity = cluster === ids.arc ? { identity: { type: "SystemAssigned" } } : {};
    await arm("GET", list, { api });
    await arm("GET", `${list}/azureml`, { api });
    await arm("GET", `${list}/none`, { api });
    await watch(
      arm,
      world,
      await arm("PUT", `${list}/second`, { api, body: { ...identity, properties } }),
      list,
    );
    await arm("GET", `${list}/second`, { api });
    const change = { properties: { configurationSettings: { enableInference: "True" } } };
    await watch(arm, world, await arm("PATCH", `${list}/second`, { api, body: change }), list);
    await arm("PATCH", `${list}/second`, { api, body: change });
    await watch(arm, world, await arm("DELETE", `${list}/second?forceDelete=false`, { api }), list);
    await arm("DELETE", `${list}/second`, { api });
    await arm("DELETE", `${list}/azureml?forceDelete=true`, { api });
  }
}

/** Follows both status URLs of an operation, before and after its end. */
async function watch(arm: Talk["arm"], world: Talk["world"], accepted: Said, _list?: string): Promise<void> {
  const status = accepted.headers["azure-asyncoperation"];
  const location = accepted.headers["location"];
  const own = (url: string | undefined) =>
    url?.startsWith("https://azure.emulator.test/") ? url : undefined;
  const urls = [own(status), own(location)].filter((url) => url !== undefined);
  for (const url of urls) await arm("GET", url);
  world.clock.advance(60_000);
  for (const url of urls) await arm("GET", url);
}

function errorCode({ body }: Said): string {
  const error = (body as { error?: { code?: string } } | null)?.error;
  return error?.code ?? "";
}

function short(path: string): string {
  const { pathname } = new URL(path, "https://azure.emulator.test");
  return pathname
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\/rg1\/providers\/Microsoft\./i, "RG/")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}(\*[0-9A-F]+)?/g, "#")
    .replace(/\/[0-9a-f]{32}$/, "/#");
}

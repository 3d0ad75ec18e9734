import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { LEGACY_ROUTES } from "../../emulator/arm/managed-clusters-routes.ts";
import { makeAuthority, makeCertificate } from "../../emulator/certificates.ts";
import { toJsonLines, World } from "../../emulator/index.ts";
import { aksCompute, clusterRequest, type LegacyTalk, later, legacyTalk } from "./legacy-talk.ts";
import { API, type Said } from "./talk.ts";

const recordings = join(import.meta.dirname, "../../.artifacts/exchanges");

/** A walk along the legacy path with requests that are all correct, for the referee. */
async function tour(): Promise<LegacyTalk> {
  const one = legacyTalk(World.legacy());
  await clusters(one);
  await lists(one);
  await computes(one);
  return one;
}

async function clusters(one: LegacyTalk): Promise<void> {
  const { world } = one;
  const vnetSubnetID = one.subnet("aks", "10.5.0.0/24", true);
  const made = clusterRequest(
    {
      kubernetesVersion: "1.33",
      networkProfile: {
        networkPlugin: "azure",
        serviceCidr: "10.1.0.0/16",
        dnsServiceIP: "10.1.0.10",
        outboundType: "userDefinedRouting",
        loadBalancerSku: "standard",
      },
      apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: false },
    },
    { vnetSubnetID },
  );
  const put = async (name: string, body: object) =>
    watch(one, await one.arm("PUT", one.cluster(name), { api: "2024-02-01", body }));
  await put("made", { ...made, tags: { team: "ml" } });
  await put("made", made);
  await put("plain", clusterRequest());
  world.knobs.publicIpPolicy = "late";
  await put("failing", clusterRequest());
  world.knobs.publicIpPolicy = "none";
  await put("refused", clusterRequest({}, { vmSize: "Huge" }));
  await one.arm("PATCH", one.cluster("made"), { api: "2024-02-01", body: { tags: { team: "dev" } } });
  for (const path of ["", "/agentPools", "/agentPools/nodepool1", "/agentPools/none"]) {
    await one.arm("GET", `${one.cluster("made")}${path}`, { api: "2024-02-01" });
  }
  await one.arm("GET", `${one.cluster("made")}/upgradeProfiles/default`, { api: "2024-02-01" });
  await watch(one, await one.arm("DELETE", one.cluster("plain"), { api: "2024-02-01" }));
}

async function lists({ arm, world }: LegacyTalk): Promise<void> {
  const providers = `/subscriptions/${world.subscriptionId}/providers`;
  const location = `${providers}/Microsoft.ContainerService/locations/eastus`;
  await arm("GET", `${location}/kubernetesVersions`, { api: API.aks });
  await arm("GET", `${providers}/Microsoft.ContainerService/managedClusters`, { api: "2024-02-01" });
  // No official file of the SKUs is at hand: the referee is not asked about it.
  await arm("GET", `${providers}/Microsoft.Compute/skus?$filter=location eq 'eastus'`, {
    api: "2021-07-01",
  });
}

async function computes(one: LegacyTalk): Promise<void> {
  const { ids } = one;
  const pair = await makeCertificate({ names: ["a.test"], authority: await makeAuthority("test") });
  const own = { status: "Enabled", cname: "a.test", cert: pair.certificate, key: pair.privateKey };
  const subnetId = one.subnet("aks", "10.5.0.0/24");
  const network = { subnetId, serviceCidr: "10.1.0.0/16", dnsServiceIP: "10.1.0.10" };
  const bodies: Record<string, object> = {
    own: aksCompute(ids.aks, { clusterPurpose: "DevTest", sslConfiguration: own }),
    created: aksCompute(undefined, {
      agentCount: 3,
      agentVmSize: "Standard_D3_v2",
      loadBalancerType: "InternalLoadBalancer",
      loadBalancerSubnet: "aks",
      aksNetworkingConfiguration: { ...network, dockerBridgeCidr: "172.17.0.1/16" },
    }),
    missing: aksCompute(one.cluster("none")),
    again: aksCompute(ids.aks, { sslConfiguration: { status: "Auto", leafDomainLabel: "other" } }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    await watch(one, await one.putCompute(name, body));
    await one.getCompute(name);
  }
  await one.putCompute("created", bodies["created"]);
  await one.arm("POST", `${one.compute("own")}/listKeys`, { api: API.ml });
  await one.arm("GET", `${ids.workspace}/computes`, { api: "2024-04-01" });
  await one.detach("own");
}

/** Follows the status URL of an operation, before and after its end. */
async function watch({ arm, world }: LegacyTalk, accepted: Said): Promise<void> {
  const status = accepted.headers["azure-asyncoperation"];
  if (status) await arm("GET", status);
  later(world, 60);
  if (status) await arm("GET", status);
}

test("a tour of the legacy path, recorded for the referee", async () => {
  const { world } = await tour();
  const known = world.exchanges.filter(({ url }) => !url.includes("/Microsoft.Compute/"));
  const lines = toJsonLines(known);
  expect([...world.secrets].filter((secret) => secret.length > 12 && lines.includes(secret))).toEqual([]);
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, "emulator-legacy-tour.jsonl"), lines);
});

test("the tour leaves no route out", async () => {
  const { world } = await tour();
  const taken = world.exchanges.map(({ method, url }) => ({ method, path: new URL(url).pathname }));
  const missed = LEGACY_ROUTES.filter(({ method, path }) => {
    const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`, "i");
    return !taken.some((one) => one.method === method && pattern.test(one.path));
  });
  expect(missed).toEqual([]);
});

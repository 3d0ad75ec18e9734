import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import {
  aksCompute,
  errorOf,
  failureOf,
  innerOf,
  type LegacyTalk,
  later,
  legacyTalk,
  propertiesOf,
} from "./legacy-talk.ts";
import { API } from "./talk.ts";

const cluster = ({ world }: LegacyTalk, properties: Record<string, never> | object) =>
  world.addManagedCluster({ resourceGroup: "rg1", name: "other", properties: { ...properties } });
const pool = (count: number, vmSize = "Standard_D4s_v3", more: object = {}) => ({
  name: "nodepool1",
  mode: "System",
  osType: "Linux",
  count,
  vmSize,
  ...more,
});

describe("a legacy attachment", () => {
  test("shows what the cluster is, and where web services are asked", async () => {
    const one = legacyTalk();
    const said = await one.settled("legacy", aksCompute(one.ids.aks));
    expect(propertiesOf(said)).toMatchObject({
      computeType: "AKS",
      provisioningState: "Succeeded",
      resourceId: one.ids.aks,
      computeLocation: "eastus",
      isAttachedCompute: true,
      properties: {
        agentCount: 3,
        agentVmSize: "STANDARD_D4S_V3",
        clusterFqdn: "aks1-dns.hcp.eastus.emulator.test",
        clusterPurpose: "FastProd",
        loadBalancerType: "PublicIp",
        sslConfiguration: null,
        systemServices: [
          { systemServiceType: "ScoringFrontEnd", publicIpAddress: expect.stringMatching(/^192\.0\.2\./) },
        ],
      },
    });
  });

  test("shows no endpoint while it is being made", async () => {
    const one = legacyTalk();
    await one.putCompute("legacy", aksCompute(one.ids.aks));
    expect(innerOf(await one.getCompute("legacy"))["systemServices"]).toBeNull();
  });

  test("gives its keys, and leaves the cluster when it goes", async () => {
    const one = legacyTalk();
    await one.settled("legacy", aksCompute(one.ids.aks));
    const keys = await one.arm("POST", `${one.compute("legacy")}/listKeys`, { api: API.ml });
    expect(keys.body).toMatchObject({ computeType: "AKS", userKubeConfig: expect.any(String) });
    await one.detach("legacy");
    expect((await one.getCompute("legacy")).status).toBe(404);
    expect((await one.getCluster("aks1")).status).toBe(200);
    expect(one.world.violations).toEqual([]);
  });

  test("A3: the cluster may be in another region", async () => {
    const one = legacyTalk();
    const far = one.world.addManagedCluster({ resourceGroup: "rg1", name: "far", location: "westeurope" });
    const said = await one.settled("legacy", aksCompute(far));
    expect(propertiesOf(said)).toMatchObject({
      provisioningState: "Succeeded",
      computeLocation: "westeurope",
    });
  });

  test("may lose what it was told, as the knob has it", async () => {
    const one = legacyTalk();
    one.world.knobs.dropSettings = ["clusterPurpose", "loadBalancerType"];
    const wanted = { clusterPurpose: "DevTest", loadBalancerType: "InternalLoadBalancer" };
    const said = await one.settled("legacy", aksCompute(one.ids.aks, wanted));
    expect(innerOf(said)).toMatchObject({ clusterPurpose: "FastProd", loadBalancerType: "PublicIp" });
  });

  test("takes no size of the cluster's: that is the cluster's own", async () => {
    const one = legacyTalk();
    const said = await one.settled("legacy", aksCompute(one.ids.aks, { agentCount: 7 }));
    expect(innerOf(said)["agentCount"]).toBe(3);
  });
});

describe("an attach ends as Failed when", () => {
  const attached = async (properties: object, inner = {}, turn: (one: LegacyTalk) => void = () => {}) => {
    const one = legacyTalk();
    turn(one);
    return failureOf(await one.settled("legacy", aksCompute(cluster(one, properties), inner)));
  };

  test("C4: production has fewer than twelve vCPUs or three machines", async () => {
    expect(await attached({ agentPoolProfiles: [pool(2)] })).toContain(
      "Cluster should have at least 12 cores",
    );
    const two = [pool(2, "Standard_D8s_v3")];
    expect(await attached({ agentPoolProfiles: two })).toContain(
      "At least 3 machine(s) are required for cluster with purpose 'FastProd'. Available machine(s) : 2",
    );
    expect(await attached({ agentPoolProfiles: two }, { clusterPurpose: "DenseProd" })).toContain(
      "DenseProd",
    );
    expect(await attached({ agentPoolProfiles: [pool(3)] })).toBe("is Succeeded");
  });

  test("C4: numbers in a size's name are not its vCPUs", async () => {
    expect(await attached({ agentPoolProfiles: [pool(3, "Standard_D3_v2")] })).toBe("is Succeeded");
  });

  test("C4: dev-test has one machine and is content", async () => {
    const inner = { clusterPurpose: "DevTest" };
    expect(await attached({ agentPoolProfiles: [pool(1, "Standard_D2s_v3")] }, inner)).toBe("is Succeeded");
    expect(await attached({ agentPoolProfiles: [pool(0)] }, inner)).toContain("At least 1 machine(s)");
  });

  test("C8: pools of Windows and stopped ones never count, secondary ones as the knob has it", async () => {
    const second = (more: object) => ({ agentPoolProfiles: [pool(1), pool(3, "Standard_D8s_v3", more)] });
    expect(await attached(second({ osType: "Windows" }))).toContain("12 cores");
    expect(await attached(second({ powerState: { code: "Stopped" } }))).toContain("12 cores");
    expect(await attached(second({}))).toBe("is Succeeded");
    const first = await attached(second({}), {}, ({ world }) => {
      world.knobs.capacityCounts = "first";
    });
    expect(first).toContain("12 cores");
  });

  test("A7: its version is no longer supported; the supported ones are told", async () => {
    const old = { currentKubernetesVersion: "1.27.9" };
    expect(await attached(old)).toContain("Supported versions: 1.31, 1.32, 1.33, 1.34, 1.35.");
    expect(await attached({ currentKubernetesVersion: "1.30.13" })).toContain("not supported");
    expect(await attached({ currentKubernetesVersion: "1.30.13", supportPlan: "AKSLongTermSupport" })).toBe(
      "is Succeeded",
    );
  });

  test("A7: a preview is taken", async () => {
    expect(await attached({ currentKubernetesVersion: "1.35.0" })).toBe("is Succeeded");
  });

  test("A8: Azure ML's ranges are not all among the authorized ones", async () => {
    const ranges = (...authorizedIPRanges: string[]) => ({ apiServerAccessProfile: { authorizedIPRanges } });
    expect(await attached(ranges("192.0.2.0/24"))).toContain("ClusterNotReachable");
    expect(await attached(ranges("198.51.100.0/24"))).toContain("ClusterNotReachable");
    expect(await attached(ranges("198.51.100.0/24", "203.0.112.0/20"))).toBe("is Succeeded");
    const open = await attached(ranges("192.0.2.0/24"), {}, ({ world }) => {
      world.knobs.authorizedRanges = "open";
    });
    expect(open).toBe("is Succeeded");
  });

  test("A8: the ranges are those of the workspace's region, and need a Standard load balancer", async () => {
    const ranges = { apiServerAccessProfile: { authorizedIPRanges: ["192.0.2.0/25"] } };
    const told = ({ world }: LegacyTalk) => world.landscape.controlPlane.set("eastus", ["192.0.2.64/26"]);
    expect(await attached(ranges, {}, told)).toBe("is Succeeded");
    const basic = { ...ranges, networkProfile: { loadBalancerSku: "basic" } };
    expect(await attached(basic, {}, told)).toContain("ClusterNotReachable");
  });

  test("A9: the cluster is private with a public FQDN; without one it is taken", async () => {
    const access = (enablePrivateClusterPublicFQDN: boolean) => ({
      apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN },
    });
    expect(await attached(access(true))).toContain("public FQDN");
    expect(await attached(access(false))).toBe("is Succeeded");
  });

  test("it is stopped, still being made, or gone wrong", async () => {
    expect(await attached({ powerState: { code: "Stopped" } })).toContain("stopped");
    expect(await attached({ provisioningState: "Creating" })).toContain("Creating");
    expect(await attached({ provisioningState: "Failed" })).toContain("Failed");
  });

  test("A4: it is in another subscription", async () => {
    const one = legacyTalk();
    const subscriptionId = "99999999-9999-4999-8999-999999999999";
    one.world.addSubscription({ subscriptionId });
    const away = one.world.addManagedCluster({ resourceGroup: "rg9", name: "away", subscriptionId });
    expect(failureOf(await one.settled("legacy", aksCompute(away)))).toContain("same subscription");
    one.world.knobs.crossSubscriptionAks = "allow";
    expect(failureOf(await one.settled("second", aksCompute(away)))).toBe("is Succeeded");
  });
});

describe("A5: a second attachment of one cluster", () => {
  const twice = async (knob: "endpoint" | "state" | "hidden") => {
    const one = legacyTalk();
    one.world.knobs.secondAttachment = knob;
    await one.settled("first", aksCompute(one.ids.aks));
    const second = await one.settled("second", aksCompute(one.ids.aks.toLowerCase()));
    return { first: await one.getCompute("first"), second };
  };

  test("takes the endpoint of the first away, whose state tells nothing", async () => {
    const { first, second } = await twice("endpoint");
    expect(propertiesOf(first)["provisioningState"]).toBe("Succeeded");
    expect(innerOf(first)["systemServices"]).toBeNull();
    expect(innerOf(second)["systemServices"]).toHaveLength(1);
  });

  test("spoils its state or shows nowhere, as the knob has it", async () => {
    expect(failureOf((await twice("state")).first)).toBe("null");
    expect(innerOf((await twice("hidden")).first)["systemServices"]).toHaveLength(1);
  });

  test("does no harm after the first was detached, nor where it fails, nor as Kubernetes", async () => {
    const one = legacyTalk();
    await one.settled("first", aksCompute(one.ids.aks));
    one.world.knobs.createOutcome = { status: "Failed", error: { code: "X", message: "x" } };
    await one.settled("second", aksCompute(one.ids.aks));
    one.world.knobs.createOutcome = undefined;
    await one.settled("third", {
      properties: { computeType: "Kubernetes", resourceId: one.ids.aks, properties: { namespace: "ml" } },
    });
    expect(innerOf(await one.getCompute("first"))["systemServices"]).toHaveLength(1);
    await one.detach("first");
    const again = await one.settled("fourth", aksCompute(one.ids.aks));
    expect(innerOf(again)["systemServices"]).toHaveLength(1);
  });
});

describe("a PUT of the whole on an attachment", () => {
  const internal = { loadBalancerType: "InternalLoadBalancer", loadBalancerSubnet: "default" };

  test("B2, B3: gives it an internal load balancer, whose address is private", async () => {
    const one = legacyTalk();
    const inNetwork = cluster(one, {
      agentPoolProfiles: [pool(3, "Standard_D4s_v3", { vnetSubnetID: one.subnet("aks", "10.5.0.0/24") })],
    });
    one.subnet("default", "10.5.1.0/24");
    await one.settled("legacy", aksCompute(inNetwork));
    const said = await one.settled("legacy", aksCompute(inNetwork, internal));
    expect(innerOf(said)).toMatchObject({
      ...internal,
      systemServices: [{ publicIpAddress: "10.5.1.100" }],
    });
    one.world.knobs.privateScoringIp = "null";
    const hidden = await one.settled("legacy", aksCompute(inNetwork, internal));
    expect(innerOf(hidden)).toMatchObject({ systemServices: [{ publicIpAddress: null }] });
  });

  test("B2: fails late where the network has no such subnet", async () => {
    const one = legacyTalk();
    const inNetwork = cluster(one, {
      agentPoolProfiles: [pool(3, "Standard_D4s_v3", { vnetSubnetID: one.subnet("aks", "10.5.0.0/24") })],
    });
    await one.settled("legacy", aksCompute(inNetwork));
    expect(failureOf(await one.settled("legacy", aksCompute(inNetwork, internal)))).toContain("'default'");
  });

  test("A6: reports another purpose or cluster as success, and changes neither", async () => {
    const one = legacyTalk();
    await one.settled("legacy", aksCompute(one.ids.aks));
    const body = aksCompute(cluster(one, {}), { clusterPurpose: "DevTest" });
    const said = await one.settled("legacy", body);
    expect(propertiesOf(said)).toMatchObject({ provisioningState: "Succeeded", resourceId: one.ids.aks });
    expect(innerOf(said)["clusterPurpose"]).toBe("FastProd");
  });
});

describe("an attachment that failed", () => {
  test("is written anew by the next PUT, with other TLS and another cluster", async () => {
    const one = legacyTalk();
    const ssl = { status: "Auto", leafDomainLabel: "contoso" };
    await one.settled("legacy", aksCompute(one.cluster("none")));
    const said = await one.settled("legacy", aksCompute(one.ids.aks, { sslConfiguration: ssl }));
    expect(propertiesOf(said)).toMatchObject({ provisioningState: "Succeeded", resourceId: one.ids.aks });
    expect(innerOf(said)).toMatchObject({ sslConfiguration: ssl });
  });

  test("as a create can be followed by an attach of the name", async () => {
    const one = legacyTalk();
    await one.settled("legacy", aksCompute(undefined, { agentVmSize: "Huge" }));
    const said = await one.settled("legacy", aksCompute(one.ids.aks));
    expect(propertiesOf(said)).toMatchObject({
      provisioningState: "Succeeded",
      isAttachedCompute: true,
      resourceId: one.ids.aks,
    });
  });
});

describe("a seeded attachment", () => {
  test("looks like one that was made", async () => {
    const one = legacyTalk();
    await one.settled("made", aksCompute(one.ids.aks));
    one.world.addAksCompute(one.ids.workspace, { name: "seeded", resourceId: one.ids.aks });
    const [made, seeded] = [await one.getCompute("made"), await one.getCompute("seeded")];
    const whole = (said: typeof made) => ({ ...propertiesOf(said), createdOn: 0, modifiedOn: 0 });
    expect(Object.keys(innerOf(seeded)).sort()).toEqual(Object.keys(innerOf(made)).sort());
    expect(whole(seeded)).toMatchObject({ ...whole(made), properties: expect.anything() });
    expect(innerOf(seeded)).toMatchObject({ ...innerOf(made), systemServices: expect.anything() });
  });

  test("World.legacy has one with a certificate of Microsoft's", async () => {
    const one = legacyTalk(World.legacy());
    expect(innerOf(await one.getCompute("legacy"))).toMatchObject({
      sslConfiguration: {
        status: "Auto",
        leafDomainLabel: "contoso",
        cname: expect.stringMatching(/^contoso\d{6}\.eastus\.cloudapp\.azure\.com$/),
      },
      systemServices: [{ systemServiceType: "ScoringFrontEnd" }],
    });
    later(one.world);
    expect(errorOf(await one.putCompute("legacy", aksCompute())).message).toContain("already exists");
  });
});

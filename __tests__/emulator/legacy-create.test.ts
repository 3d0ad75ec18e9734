import { describe, expect, test } from "@jest/globals";
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

const clusterOf = async (one: LegacyTalk, name: string) => {
  const id = String(propertiesOf(await one.getCompute(name))["resourceId"]);
  return one.arm("GET", id, { api: API.aks });
};
const network = (one: LegacyTalk, over: object = {}) => ({
  aksNetworkingConfiguration: {
    subnetId: one.subnet("aks", "10.5.0.0/24"),
    serviceCidr: "10.1.0.0/16",
    dnsServiceIP: "10.1.0.10",
    dockerBridgeCidr: "172.17.0.1/16",
    ...over,
  },
});

describe("a create through the workspace", () => {
  test("C1, C5: makes a cluster with the default version and a Basic load balancer", async () => {
    const one = legacyTalk();
    const accepted = await one.putCompute("made", aksCompute());
    expect(accepted.status).toBe(201);
    expect(propertiesOf(accepted)).toMatchObject({ resourceId: null, provisioningState: "Creating" });
    later(one.world);
    const said = await one.getCompute("made");
    expect(propertiesOf(said)).toMatchObject({
      provisioningState: "Succeeded",
      isAttachedCompute: false,
      resourceId: expect.stringMatching(/rg1\/providers\/Microsoft.ContainerService\/managedClusters\/made/),
    });
    expect(innerOf(said)).toMatchObject({
      agentCount: 3,
      agentVmSize: "STANDARD_D3_V2",
      clusterPurpose: "FastProd",
    });
    expect(propertiesOf(await clusterOf(one, "made"))).toMatchObject({
      provisioningState: "Succeeded",
      currentKubernetesVersion: "1.33.4",
      networkProfile: { loadBalancerSku: "basic" },
      agentPoolProfiles: [{ count: 3, vmSize: "Standard_D3_v2", mode: "System" }],
    });
  });

  test("C2: takes size, place, purpose, network and load balancer", async () => {
    const one = legacyTalk();
    const inner = {
      agentCount: 1,
      agentVmSize: "Standard_DS3_v2",
      clusterPurpose: "DevTest",
      loadBalancerType: "InternalLoadBalancer",
      loadBalancerSubnet: "aks",
      ...network(one),
    };
    const body = aksCompute(undefined, inner);
    const said = await one.settled("made", {
      ...body,
      properties: { ...body.properties, computeLocation: "westeurope" },
    });
    expect(propertiesOf(said)).toMatchObject({
      provisioningState: "Succeeded",
      computeLocation: "westeurope",
    });
    expect(innerOf(said)).toMatchObject({
      ...inner,
      agentVmSize: "STANDARD_DS3_V2",
      systemServices: [{ publicIpAddress: "10.5.0.100" }],
    });
    expect((await clusterOf(one, "made")).body).toMatchObject({
      location: "westeurope",
      properties: {
        networkProfile: { networkPlugin: "azure", serviceCidr: "10.1.0.0/16", dnsServiceIP: "10.1.0.10" },
        agentPoolProfiles: [{ count: 1, vnetSubnetID: expect.stringContaining("vnet1") }],
      },
    });
  });

  test("C7: is not idempotent: a second one of the name is refused, whatever became of the first", async () => {
    const one = legacyTalk();
    one.world.knobs.publicIpPolicy = "late";
    await one.settled("made", aksCompute());
    const again = await one.putCompute("made", aksCompute());
    expect([again.status, errorOf(again).message]).toEqual([400, expect.stringContaining("already exists")]);
  });

  test("C6: a policy that forbids public IPs fails it, early and late", async () => {
    for (const when of ["early", "late"] as const) {
      const one = legacyTalk();
      one.world.knobs.publicIpPolicy = when;
      const failure = failureOf(await one.settled("made", aksCompute()));
      expect(failure).toContain("InvalidTemplateDeployment");
      expect(failure).toContain("RequestDisallowedByPolicy");
      expect(failure).toContain("PolicyViolation");
    }
  });

  test("C6: what AKS had begun stays behind as Failed, and belongs to no compute", async () => {
    const one = legacyTalk();
    one.world.knobs.publicIpPolicy = "late";
    const said = await one.settled("made", aksCompute());
    expect(propertiesOf(said)["resourceId"]).toBeNull();
    const left = one.world.store.list("Microsoft.ContainerService/managedClusters", "");
    expect(left.map(({ body }) => propertiesOf({ body } as never)["provisioningState"])).toEqual([
      "Succeeded",
      "Failed",
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["too few machines", { agentCount: 2, agentVmSize: "Standard_D8s_v3" }, "At least 3 machine(s)"],
    ["too few vCPUs", { agentCount: 3, agentVmSize: "Standard_D2s_v3" }, "at least 12 cores"],
    ["a size that there is not", { agentVmSize: "Huge" }, "VMSizeNotSupported"],
  ])("C4: fails late with %s, and makes nothing", async (_what, inner, words) => {
    const one = legacyTalk();
    expect(failureOf(await one.settled("made", aksCompute(undefined, inner)))).toContain(words);
    expect(one.world.store.list("Microsoft.ContainerService/managedClusters", "")).toHaveLength(1);
  });

  test("C4: quota counts here too", async () => {
    const one = legacyTalk();
    one.world.knobs.vcpuQuota = 14;
    expect(failureOf(await one.settled("made", aksCompute()))).toContain("ErrCode_InsufficientVCPUQuota");
  });

  test("C2: network settings are all there or none, and fit", async () => {
    const one = legacyTalk();
    const partly = await one.putCompute(
      "made",
      aksCompute(undefined, network(one, { dockerBridgeCidr: null })),
    );
    expect([partly.status, errorOf(partly).message]).toEqual([400, expect.stringContaining("together")]);
    const wrong: [object, string][] = [
      [{ dnsServiceIP: "10.2.0.10" }, "not in the service CIDR"],
      [{ serviceCidr: "10.5.0.0/16", dnsServiceIP: "10.5.9.10" }, "ServiceCidrOverlapExistingSubnetsCidr"],
      [{ dockerBridgeCidr: "10.1.4.1/24" }, "docker bridge"],
      [{ subnetId: one.cluster("x") }, "LinkedInvalidPropertyId"],
    ];
    for (const [index, [over, words]] of wrong.entries()) {
      const said = await one.settled(`made${index}x`, aksCompute(undefined, network(one, over)));
      expect(failureOf(said)).toContain(words);
    }
  });

  test("C5: the load balancer is what the knob says", async () => {
    const one = legacyTalk();
    one.world.knobs.legacyLoadBalancer = "standard";
    await one.settled("made", aksCompute());
    expect(propertiesOf(await clusterOf(one, "made"))).toMatchObject({
      networkProfile: { loadBalancerSku: "standard" },
    });
    one.world.knobs.legacyLoadBalancer = "refused";
    expect(failureOf(await one.settled("second", aksCompute()))).toContain("issues/5020");
  });

  test("is refused where the service has given it up, while attaching goes on", async () => {
    const one = legacyTalk();
    one.world.knobs.legacyCreate = "refuse";
    expect(errorOf(await one.putCompute("made", aksCompute())).message).toContain("no longer supported");
    expect(failureOf(await one.settled("legacy", aksCompute(one.ids.aks)))).toBe("is Succeeded");
  });

  test("a region that there is not is refused at once", async () => {
    const body = aksCompute();
    const said = await legacyTalk().putCompute("made", {
      ...body,
      properties: { ...body.properties, computeLocation: "nowhere" },
    });
    expect(errorOf(said).code).toBe("LocationNotAvailableForResourceType");
  });

  test("D1: its detach leaves the cluster, and the name is free for another", async () => {
    const one = legacyTalk();
    await one.settled("made", aksCompute());
    const id = String(propertiesOf(await one.getCompute("made"))["resourceId"]);
    await one.detach("made");
    expect((await one.arm("GET", id, { api: API.aks })).status).toBe(200);
    await one.settled("made", aksCompute());
    expect(propertiesOf(await one.getCompute("made"))["resourceId"]).not.toBe(id);
  });
});

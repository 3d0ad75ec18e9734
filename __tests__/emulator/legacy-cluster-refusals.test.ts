import { describe, expect, test } from "@jest/globals";
import { clusterRequest, errorOf, type LegacyTalk, legacyTalk } from "./legacy-talk.ts";

type Refused = readonly [what: string, code: string, words: string, body: (one: LegacyTalk) => unknown];

const network = (profile: object, pool = {}) => clusterRequest({ networkProfile: profile }, pool);
const access = (profile: object, more = {}) => clusterRequest({ apiServerAccessProfile: profile, ...more });
const without = (key: string) => {
  const body = clusterRequest() as Record<string, unknown> & { properties: Record<string, unknown> };
  delete body[key];
  delete body.properties[key];
  return body;
};

const REFUSED: readonly Refused[] = [
  ["no location", "LocationRequired", "location", () => without("location")],
  [
    "a region that there is not",
    "LocationNotAvailableForResourceType",
    "'nowhere'",
    () => ({ ...clusterRequest(), location: "nowhere" }),
  ],
  [
    "an unknown property",
    "InvalidRequestContent",
    "'properties.agents'",
    () => clusterRequest({ agents: 3 }),
  ],
  [
    "a read-only property",
    "InvalidRequestContent",
    "read-only",
    () => clusterRequest({ provisioningState: "Succeeded" }),
  ],
  ["no identity", "InvalidParameter", "servicePrincipalProfile", () => without("identity")],
  ["no DNS prefix", "InvalidParameter", "dnsPrefix", () => without("dnsPrefix")],
  ["a bad DNS prefix", "InvalidParameter", "'-a'", () => clusterRequest({ dnsPrefix: "-a" })],
  ["no pool", "InvalidParameter", "agentPoolProfiles", () => without("agentPoolProfiles")],
  ["a bad pool name", "InvalidParameter", "'Pool-1'", () => clusterRequest({}, { name: "Pool-1" })],
  [
    "a pool name of 13",
    "InvalidParameter",
    "a234567890123",
    () => clusterRequest({}, { name: "a234567890123" }),
  ],
  ["no machine", "InvalidParameter", "count", () => clusterRequest({}, { count: 0 })],
  ["no machine size", "InvalidParameter", "vmSize", () => clusterRequest({}, { vmSize: null })],
  ["no system pool", "InvalidParameter", "system pool", () => clusterRequest({}, { mode: "User" })],
  [
    "two pools of one name",
    "InvalidParameter",
    "not unique",
    () => {
      const pool = { name: "a", mode: "System", vmSize: "Standard_D4s_v3" };
      return clusterRequest({ agentPoolProfiles: [pool, pool] });
    },
  ],
  [
    "a size that there is not",
    "VMSizeNotSupported",
    "standard_d4s_v3",
    () => clusterRequest({}, { vmSize: "Huge" }),
  ],
  [
    "a system pool too small",
    "SystemPoolSkuTooLow",
    "2 vCPUs",
    () => clusterRequest({}, { vmSize: "Standard_A1_v2" }),
  ],
  [
    "an unknown version",
    "K8sVersionNotSupported",
    "1.20.7",
    () => clusterRequest({ kubernetesVersion: "1.20.7" }),
  ],
  [
    "a version for long-term support",
    "K8sVersionNotSupported",
    "LTS",
    () => clusterRequest({ kubernetesVersion: "1.30" }),
  ],
  ["a Basic load balancer", "InvalidParameter", "issues/5020", () => network({ loadBalancerSku: "basic" })],
  [
    "A8: authorized ranges with a Basic load balancer",
    "BadRequest",
    "not allowed with basic load balancer",
    () => access({ authorizedIPRanges: ["192.0.2.0/24"] }, { networkProfile: { loadBalancerSku: "basic" } }),
  ],
  [
    "authorized ranges on a private cluster",
    "InvalidParameter",
    "private",
    () => access({ authorizedIPRanges: ["192.0.2.0/24"], enablePrivateCluster: true }),
  ],
  [
    "the public name of a private cluster on one that is public",
    "InvalidParameter",
    "private clusters only",
    () => access({ enablePrivateClusterPublicFQDN: true }),
  ],
  [
    "a service CIDR without its DNS address",
    "InvalidParameter",
    "10.0.0.10 is not in the service CIDR",
    () => network({ serviceCidr: "172.16.0.0/16" }),
  ],
  [
    "the first address for DNS",
    "InvalidParameter",
    "first or second",
    () => network({ serviceCidr: "10.1.0.0/16", dnsServiceIP: "10.1.0.1" }),
  ],
  [
    "a service CIDR that is too large",
    "InvalidParameter",
    "too large",
    () => network({ serviceCidr: "10.0.0.0/8", dnsServiceIP: "10.0.0.10" }),
  ],
  ["pods among services", "InvalidParameter", "pod CIDR", () => network({ podCidr: "10.0.0.0/15" })],
  [
    "services in the network of the nodes",
    "ServiceCidrOverlapExistingSubnetsCidr",
    "The specified service CIDR 10.0.0.0/16 is conflicted with an existing subnet CIDR 10.0.3.0/24",
    (one) => {
      one.subnet("other", "10.0.3.0/24");
      return network({}, { vnetSubnetID: one.subnet("aks", "10.7.0.0/24") });
    },
  ],
  [
    "a subnet that is not there",
    "SubnetNotFound",
    "Could not find subnet none in vnet vnet1",
    ({ ids }) =>
      network(
        {},
        { vnetSubnetID: `${ids.group}/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/none` },
      ),
  ],
  [
    "a subnet by name",
    "LinkedInvalidPropertyId",
    "'default'",
    () => network({}, { vnetSubnetID: "default" }),
  ],
  [
    "routes of one's own without a subnet",
    "InvalidParameter",
    "vnetSubnetID",
    () => network({ outboundType: "userDefinedRouting" }),
  ],
  [
    "routes of one's own without a route table",
    "ExistingRouteTableNotAssociatedWithSubnet",
    "route table",
    (one) =>
      network({ outboundType: "userDefinedRouting" }, { vnetSubnetID: one.subnet("aks", "10.7.0.0/24") }),
  ],
];

describe("AKS refuses", () => {
  test.each(REFUSED)("%s: %s", async (_what, code, words, body) => {
    const one = legacyTalk();
    const said = await one.putCluster("made", body(one));
    expect([said.status, errorOf(said).code]).toEqual([400, code]);
    expect(errorOf(said).message).toContain(words);
    expect((await one.getCluster("made")).status).toBe(404);
  });

  test("a name of a cluster that ends in a dash", async () => {
    expect((await legacyTalk().putCluster("made-", clusterRequest())).status).toBe(400);
  });

  test("another region for a cluster that is there", async () => {
    const said = await legacyTalk().putCluster("aks1", { ...clusterRequest(), location: "westus" });
    expect([said.status, errorOf(said).code]).toEqual([409, "InvalidResourceLocation"]);
  });

  test("to go back to an older version", async () => {
    const one = legacyTalk();
    const said = await one.putCluster("aks1", {
      location: "eastus",
      properties: { kubernetesVersion: "1.32.6" },
    });
    expect(errorOf(said)).toMatchObject({ code: "OperationNotAllowed" });
  });

  test("machines that the subscription may not use, in the words of either time", async () => {
    const one = legacyTalk();
    one.world.knobs.restrictedVmSizes = ["Standard_D4s_v3"];
    const now = errorOf(await one.putCluster("made", clusterRequest()));
    expect(now.code).toBe("VMSizeNotSupported");
    expect(now.message).not.toContain("standard_d4s_v3");
    one.world.knobs.vmSizeRefusal = "BadRequest";
    expect(errorOf(await one.putCluster("made", clusterRequest()))).toMatchObject({
      code: "BadRequest",
      message: expect.stringContaining("is not allowed in your subscription in location 'eastus'"),
    });
  });

  test("more vCPUs than the quota has left, and not a growth that fits", async () => {
    const one = legacyTalk();
    one.world.knobs.vcpuQuota = 20;
    const said = await one.putCluster("made", clusterRequest());
    expect(errorOf(said)).toMatchObject({
      code: "ErrCode_InsufficientVCPUQuota",
      message: expect.stringContaining("left regional vcpu quota 8, requested quota 12"),
    });
    expect((await one.putCluster("made", clusterRequest({}, { count: 2 }))).status).toBe(201);
  });

  test("bare errors, as the knob has it", async () => {
    const one = legacyTalk();
    one.world.knobs.aksErrors = "bare";
    expect((await one.putCluster("made", clusterRequest({}, { vmSize: "Huge" }))).body).toMatchObject({
      code: "VMSizeNotSupported",
      details: null,
      subcode: "",
    });
  });

  test("C6: a policy at the door names itself", async () => {
    const one = legacyTalk();
    one.world.knobs.publicIpPolicy = "early";
    const said = await one.putCluster("made", clusterRequest());
    expect(said.status).toBe(403);
    expect(said.headers["x-ms-failure-cause"]).toBe("gateway");
    expect(errorOf(said)).toMatchObject({
      code: "RequestDisallowedByPolicy",
      target: "made",
      additionalInfo: [
        {
          type: "PolicyViolation",
          info: { policyDefinitionEffect: "deny", policyAssignmentId: expect.any(String) },
        },
      ],
    });
  });

  test("to join a subnet without the right to", async () => {
    const one = legacyTalk();
    const vnetSubnetID = one.subnet("aks", "10.7.0.0/24");
    one.world.revoke(one.world.application.clientId);
    one.world.grant(one.world.application.clientId, ["Microsoft.ContainerService/*"]);
    const said = await one.putCluster("made", clusterRequest({}, { vnetSubnetID }));
    expect([said.status, errorOf(said).code]).toEqual([403, "LinkedAuthorizationFailed"]);
  });
});

describe("AKS takes", () => {
  test.each<[string, Record<string, unknown>]>([
    ["a minor version", { kubernetesVersion: "1.32" }],
    ["a preview", { kubernetesVersion: "1.35.0" }],
    ["a long-term version with its plan", { kubernetesVersion: "1.30", supportPlan: "AKSLongTermSupport" }],
    ["authorized ranges", { apiServerAccessProfile: { authorizedIPRanges: ["192.0.2.0/24"] } }],
    ["a network of its own", { networkProfile: { serviceCidr: "10.9.0.0/16", dnsServiceIP: "10.9.0.10" } }],
  ])("%s", async (_what, over) => {
    const body = { ...clusterRequest(over), sku: { name: "Base", tier: "Premium" } };
    expect((await legacyTalk().putCluster("made", body)).status).toBe(201);
  });

  test("a Basic load balancer, as the knob has it", async () => {
    const one = legacyTalk();
    one.world.knobs.basicLoadBalancer = "create";
    expect((await one.putCluster("made", network({ loadBalancerSku: "basic" }))).status).toBe(201);
  });

  test("a region by its other spelling", async () => {
    const said = await legacyTalk().putCluster("made", { ...clusterRequest(), location: "West Europe" });
    expect(said.body).toMatchObject({ location: "westeurope" });
  });
});

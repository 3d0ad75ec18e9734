import { describe, expect, test } from "@jest/globals";
import type { AksCreation, AksTls } from "../../src/model/aks-compute.ts";
import type { OfferedVersion } from "../../src/model/azure-resources.ts";
import type {
  CreateClusterFacts,
  CreateClusterRequest,
  CreateComputeFacts,
  NewCluster,
  NewClusterFacts,
  VmSize,
} from "../../src/model/create-cluster.ts";
import { createAccessRules } from "../../src/rules/create-access.ts";
import { createCapacityRules } from "../../src/rules/create-capacity.ts";
import { createNetworkRules } from "../../src/rules/create-network.ts";
import { createVersionRule } from "../../src/rules/create-version.ts";
import { createWorkspaceRules } from "../../src/rules/create-workspace.ts";
import { judge } from "../../src/rules/rule.ts";
import { absent, aksId, denied, there } from "./facts.ts";

const usual: NewCluster = {
  way: "aks",
  purpose: "FastProd",
  location: "eastus",
  nodeCount: 3,
  vmSize: "Standard_D4s_v5",
  addresses: {},
};
const size = (name: string, cores: number, more: Partial<VmSize> = {}): VmSize => ({
  name,
  cores,
  gpus: 0,
  ...more,
});
const sizes = [
  size("Standard_A1_v2", 1),
  size("Standard_D2s_v5", 2),
  size("Standard_D4s_v5", 4),
  size("Standard_D8s_v5", 8, { restriction: "NotAvailableForSubscription" }),
  size("Standard_D16s_v5", 16),
  size("Standard_NC6s_v3", 6, { gpus: 1 }),
  size("Standard_Odd", 0),
];
const versions: OfferedVersion[] = [
  { version: "1.30", capabilities: { supportPlan: ["AKSLongTermSupport"] } },
  { version: "1.33", isDefault: true, patchVersions: { "1.33.2": {}, "1.33.4": {} } },
  { version: "1.35", isPreview: true, patchVersions: { "1.35.0": {} } },
];

function said(wanted: Partial<NewCluster>, more: Partial<NewClusterFacts> = {}) {
  const facts: NewClusterFacts = {
    wanted: { ...usual, ...wanted },
    notes: [],
    sizes: there(sizes),
    versions: there(versions),
    ...more,
  };
  return judge([...createCapacityRules, createVersionRule, ...createNetworkRules], facts);
}
const lines = (...given: Parameters<typeof said>) =>
  said(...given).map(({ severity, id, source }) => `${severity} ${id} (${source})`);
const words = (...given: Parameters<typeof said>) =>
  said(...given)
    .map(({ seen, remedy }) => `${seen} ${remedy}`)
    .join("\n");

test("plain settings: nothing to say", () => {
  expect(lines({})).toEqual([]);
});

test("C7: nothing is said of a cluster that is there already", () => {
  const facts: NewClusterFacts = { notes: [], sizes: denied, versions: denied };
  expect(judge([...createCapacityRules, createVersionRule, ...createNetworkRules], facts)).toEqual([]);
});

describe("capacity", () => {
  test("C3, C4: production needs three nodes and twelve vCPUs, whatever production it is", () => {
    expect(lines({ nodeCount: 2, vmSize: "Standard_D16s_v5" })).toEqual(["error create-nodes (C4)"]);
    expect(lines({ vmSize: "Standard_D2s_v5", purpose: "DenseProd" })).toEqual(["error create-cores (C4)"]);
    expect(words({ vmSize: "Standard_D2s_v5" })).toContain("`node-count: 6`");
    expect(lines({ nodeCount: 6, vmSize: "standard_d2S_v5" })).toEqual([]);
  });

  test("C3, C4: dev-test needs one node; two vCPUs are advised", () => {
    const dev = { purpose: "DevTest", nodeCount: 1 } as const;
    expect(lines({ ...dev, vmSize: "Standard_D2s_v5" })).toEqual([]);
    expect(lines({ ...dev, vmSize: "Standard_A1_v2", way: "workspace" })).toEqual([
      "warning create-cores (C4)",
    ]);
  });

  test("C8: the size must be offered, allowed and large enough for the first pool", () => {
    expect(lines({ vmSize: "Standard_D99" })).toEqual(["error create-vm-size (C8)"]);
    expect(words({ vmSize: "Standard_D99" })).toContain("like Standard_D4s_v5, Standard_D16s_v5, or");
    expect(lines({ vmSize: "Standard_D8s_v5" })).toEqual(["error create-vm-size (C8)"]);
    expect(words({ vmSize: "Standard_D8s_v5" })).toContain("NotAvailableForSubscription");
    expect(lines({ vmSize: "Standard_A1_v2", purpose: "DevTest", nodeCount: 3 })).toEqual([
      "error create-vm-size (C8)",
    ]);
    // Of no such family: sizes for general purposes.
    expect(words({ vmSize: "Standard_X1" })).toContain("like Standard_D4s_v5, Standard_D16s_v5, or");
    expect(words({}, { sizes: there([]) })).toContain("az vm list-skus");
  });

  test("C4, C8: a size that is too small for any is not advised in larger numbers, or elsewhere", () => {
    const told = words({ vmSize: "Standard_A1_v2", nodeCount: 1 });
    expect(told).toContain("1 node was asked for");
    expect(told).toContain("Give a larger `vm-size`, which");
    expect(told).toContain("Give another `vm-size`, like Standard_D16s_v5.");
  });

  test("C8: of a GPU it is told that all nodes get it, and that a second pool would not help", () => {
    expect(lines({ vmSize: "Standard_NC6s_v3" })).toEqual(["info create-gpu (C8)"]);
    expect(words({ vmSize: "Standard_NC6s_v3" })).toContain("Don't add a second pool");
  });

  test("C4, C8: sizes that can't be read, or say no vCPUs, are no error", () => {
    expect(lines({}, { sizes: denied })).toEqual(["warning create-vm-size (C8)"]);
    expect(lines({ vmSize: "Standard_Odd" })).toEqual([]);
  });

  test("C3, T4: what is worth saying about inputs is said", () => {
    const note = { id: "x", severity: "warning", seen: "Old word.", remedy: "Write the new one." } as const;
    expect(lines({}, { notes: [note] })).toEqual(["warning create-inputs (C3, T4)"]);
  });
});

describe("where nobody knows what is asked for", () => {
  test("C4, C8: neither nodes nor vCPUs nor sizes are judged", () => {
    const { nodeCount: _nodes, ...countless } = { ...usual, vmSize: "Standard_NC6s_v3" };
    const { vmSize: _size, ...sizeless } = { ...usual, nodeCount: 3 };
    const { purpose: _purpose, ...aimless } = { ...usual, nodeCount: 1 };
    const { location: _location, ...nowhere } = { ...usual, kubernetesVersion: "1.21" };
    for (const wanted of [countless, sizeless, aimless]) expect(lines({}, { wanted })).toEqual([]);
    expect(lines({}, { wanted: nowhere, sizes: denied, versions: denied })).toEqual([]);
  });
});

describe("who may reach a cluster, and where it is", () => {
  const reached = (
    creation: Partial<CreateClusterRequest["creation"]>,
    more: Partial<CreateClusterFacts> = {},
  ) => {
    const facts = {
      request: { creation: { clusterId: aksId, tags: {}, ...creation } },
      wanted: usual,
      group: there({ location: "eastus" }),
      permissions: there([{ actions: ["*"] }]),
      ...more,
    } as unknown as CreateClusterFacts;
    return judge(createAccessRules, facts);
  };
  const told = (...given: Parameters<typeof reached>) =>
    reached(...given).map(({ severity, id, source }) => `${severity} ${id} (${source})`);

  test("plain settings: nothing to say", () => {
    expect(told({})).toEqual([]);
  });

  test("A8: authorized ranges must let Azure ML in; private addresses are none", () => {
    const twice = Array(2).fill("warning create-authorized-ranges (A8)");
    expect(told({ authorizedRanges: ["203.0.113.0/24"] })).toEqual(twice.slice(1));
    expect(told({ authorizedRanges: ["203.0.113.0/24", "172.31.0.0/16", "10.0.0.1"] })).toEqual(twice);
    const [inner, all] = reached({ authorizedRanges: ["203.0.113.0/24", "172.31.0.0/16", "10.0.0.1"] });
    expect(inner?.seen).toContain("(172.31.0.0/16, 10.0.0.1)");
    expect(all?.seen).toContain("lets 3 address ranges in alone");
    expect(all?.remedy).toContain("service tag AzureMachineLearning");
  });

  test("A9: a private cluster has no authorized ranges", () => {
    expect(told({ authorizedRanges: ["203.0.113.0/24"], privateCluster: true })).toEqual([
      "error create-private-ranges (A9)",
    ]);
    expect(told({ authorizedRanges: [], privateCluster: true })).toEqual([]);
  });

  test("B1: an internal load balancer in one's own subnet needs a role there, which is told", () => {
    expect(told({}, { wanted: { ...usual, subnetId: "/subnets/nodes" } })).toEqual([
      "info create-subnet-role (B1)",
    ]);
  });

  test("C1: the resource group is there, and one may create in it", () => {
    expect(told({}, { group: absent })).toEqual(["error create-resource-group (C1)"]);
    expect(told({}, { permissions: there([{ actions: ["*/read"] }]) })).toEqual([
      "error permission-managedClusters-write (C1, arm-contract 5)",
    ]);
    expect(told({}, { group: denied, permissions: denied })).toEqual([]);
  });
});

describe("a cluster that a workspace creates", () => {
  const internal = { loadBalancer: { type: "InternalLoadBalancer", subnet: "nodes" } } as const;
  const inSubnet = (name: string): NewCluster => ({
    ...usual,
    subnetId: `/virtualNetworks/v/subnets/${name}`,
  });
  const told = (creation: Partial<AksCreation>, wanted: NewCluster | undefined = usual) => {
    const request = { creation: { loadBalancer: {}, ...creation } };
    const facts = { request, wanted, versions: there(versions) } as unknown as CreateComputeFacts;
    return judge(createWorkspaceRules, facts);
  };
  const ids = (...given: Parameters<typeof told>) =>
    told(...given).map(({ severity, id, source }) => `${severity} ${id} (${source})`);
  const way = "warning create-way (C5)";

  test("C5: what can't be chosen is told, with the version that it will be", () => {
    expect(ids({})).toEqual([way]);
    expect(told({})[0]?.seen).toContain("the region's default (1.33 now)");
  });

  test("B1: a subnet of the load balancer that does not hold the nodes is a warning", () => {
    const subnet = "warning create-internal-subnet (B1)";
    expect(ids(internal, inSubnet("Nodes"))).toEqual([way]);
    expect(ids(internal, inSubnet("others"))).toEqual([way, subnet]);
    expect(told(internal, inSubnet("others"))[1]?.seen).toContain('the nodes are in "others"');
    expect(ids(internal)).toEqual([way, subnet]);
    expect(told(internal)[1]?.remedy).toContain("Give the six settings of the network");
  });

  test.each<[string, AksTls]>([
    ["Microsoft's", { way: "microsoft", leafDomainLabel: "contoso", overwriteExistingDomain: false }],
    ["an own", { way: "own", cname: "a.contoso.com", certificate: "c", privateKey: "k" }],
  ])("T5: %s certificate goes with a public load balancer alone", (_title, tls) => {
    expect(ids({ tls, ...internal }, inSubnet("nodes"))).toEqual(["error create-tls-internal (T5)", way]);
    expect(ids({ tls, loadBalancer: { type: "PublicIp" } })).toEqual([way]);
    expect(ids({ tls })).toEqual([way]);
  });
});

describe("A7, V1: the version", () => {
  test.each([
    ["1.33", []],
    ["1.33.2", []],
    ["1.35", ["warning create-version (A7, V1)"]],
    ["1.30", ["error create-version (A7, V1)"]],
    ["1.21", ["error create-version (A7, V1)"]],
    ["1.33.9", ["error create-version (A7, V1)"]],
    ["1.3", ["error create-version (A7, V1)"]],
  ])("%s", (kubernetesVersion, expected) => {
    expect(lines({ kubernetesVersion })).toEqual(expected);
  });

  test("what is offered instead is named", () => {
    expect(words({ kubernetesVersion: "1.21" })).toContain("Give one of these: 1.33, 1.35;");
    expect(words({ kubernetesVersion: "1.33.9" })).toContain("Give one of these: 1.33, 1.33.2, 1.33.4;");
    expect(words({ kubernetesVersion: "1.35" })).toContain("the default version, 1.33.");
  });

  test("one that can't be checked is a warning, and only where one is asked for", () => {
    expect(lines({ kubernetesVersion: "1.33" }, { versions: denied })).toEqual([
      "warning create-version (A7, V1)",
    ]);
    expect(lines({}, { versions: denied })).toEqual([]);
  });
});

describe("C2: addresses", () => {
  const good = { serviceCidr: "10.0.0.0/16", dnsServiceIP: "10.0.0.10", dockerBridgeCidr: "172.17.0.1/16" };

  test.each([
    ["good ones", {}, []],
    ["a DNS address outside of the services", { dnsServiceIP: "10.1.0.10" }, ["create-dns-address"]],
    ["the network itself as DNS address", { dnsServiceIP: "10.0.0.0" }, ["create-dns-address"]],
    ["the first address as DNS address", { dnsServiceIP: "10.0.0.1" }, ["create-dns-address"]],
    ["the second address as DNS address", { dnsServiceIP: "10.0.0.2" }, []],
    ["a Docker bridge among the services", { dockerBridgeCidr: "10.0.7.1/24" }, ["create-docker-bridge"]],
    ["services among the pods", { podCidr: "10.0.0.0/8" }, ["create-pod-range"]],
    ["too large a range of services", { serviceCidr: "10.0.0.0/11" }, ["create-service-range"]],
  ])("%s", (_title, over, expected) => {
    const found = said({ addresses: { ...good, ...over } });
    expect(found.map(({ id }) => id)).toEqual(expected);
    expect(found.every(({ severity, source }) => severity === "error" && source === "C2")).toBe(true);
  });
});

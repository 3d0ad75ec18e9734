import { describe, expect, test } from "@jest/globals";
import type { ManagedCluster } from "../../src/model/azure-resources.ts";
import { byAgents, byNode, byServer } from "../../src/model/cluster-identity.ts";

const subscriptionId = "11111111-1111-1111-1111-111111111111";
const place = {
  subscriptionId,
  resourceGroup: "rg1",
  type: "Microsoft.ContainerService/managedClusters",
  name: "a",
};
const cluster: ManagedCluster = {
  id: "",
  location: "eastus",
  properties: {
    fqdn: "a-dns-1.hcp.eastus.azmk8s.io",
    privateFQDN: "a-dns-2.guid.privatelink.eastus.azmk8s.io",
    nodeResourceGroup: "MC_rg1_a_eastus",
  },
};
const machine = (subscription: string, group: string) =>
  `azure:///subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/x/virtualMachines/0`;

describe("whose kubeconfig it is, of an AKS cluster (arm-contract 2)", () => {
  test.each([
    ["its public name", "A-dns-1.hcp.eastus.azmk8s.io", "same"],
    ["its private name", "a-dns-2.guid.privatelink.eastus.azmk8s.io", "same"],
    ["another cluster's name", "b-dns-3.hcp.westeurope.azmk8s.io", "other"],
    ["a tunnel", "localhost", undefined],
    ["a name of one's own", "api.corp.example.com", undefined],
  ])("by its server: %s", (_title, name, is) => {
    expect(byServer([name], cluster)?.is).toBe(is);
  });

  test("by the name in its certificate, where the server is reached by an address", () => {
    expect(byServer(["10.0.0.4", "a-dns-1.hcp.eastus.azmk8s.io"], cluster)?.is).toBe("same");
  });

  test.each([
    ["the group of its nodes, in lower case", machine(subscriptionId, "mc_rg1_a_eastus"), "same"],
    ["another group", machine(subscriptionId, "mc_rg1_b_eastus"), "other"],
    ["the same group in another subscription", machine("2222", "mc_rg1_a_eastus"), "other"],
    ["no machine of Azure's", "kind://docker/kind/node", "other"],
    ["no machine", undefined, "unknown"],
    ["no machine, as of a virtual node", "", "unknown"],
  ])("by a node: %s", (_title, id, is) => {
    expect(byNode(id, cluster, place).is).toBe(is);
  });

  test("where Azure does not tell the group, that can't be told", () => {
    const bare = { ...cluster, properties: {} };
    expect(byNode(machine(subscriptionId, "g"), bare, place).is).toBe("unknown");
  });
});

describe("whose kubeconfig it is, of an Arc cluster", () => {
  const config = {
    AZURE_SUBSCRIPTION_ID: subscriptionId.toUpperCase(),
    AZURE_RESOURCE_GROUP: "RG1",
    AZURE_RESOURCE_NAME: "a",
  };
  test.each([
    ["its own", config, "same"],
    ["of another name", { ...config, AZURE_RESOURCE_NAME: "b" }, "other"],
    ["of another group", { ...config, AZURE_RESOURCE_GROUP: "rg2" }, "other"],
    ["of another subscription", { ...config, AZURE_SUBSCRIPTION_ID: "2222" }, "other"],
    ["that says nothing", {}, "unknown"],
  ])("by what its agents go by: %s", (_title, seen, is) => {
    expect(byAgents(seen, place).is).toBe(is);
  });
});

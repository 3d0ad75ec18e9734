import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { createClusterRequest } from "../../src/actions/create-cluster-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { Failure } from "../../src/model/failure.ts";
import { tlsPair } from "../support/tls-pair.ts";

type Inputs = Record<string, string>;

const subscription = "22222222-2222-4222-8222-222222222222";
const aks: Inputs = {
  "subscription-id": subscription,
  "cluster-name": "new1",
  "cluster-resource-group": "rg1",
};
const workspace: Inputs = {
  via: "workspace",
  "subscription-id": subscription,
  "resource-group": "rg1",
  "workspace-name": "ws1",
  "compute-name": "scoring",
};
const vnet = { "vnet-resource-group": "net", "vnet-name": "vnet1", "subnet-name": "nodes" };
const { inputs: door } = parse(
  readFileSync(new URL("../../create-cluster/action.yml", import.meta.url), "utf8"),
) as {
  inputs: Record<string, { default?: string }>;
};
const defaults = Object.fromEntries(Object.entries(door).map(([name, one]) => [name, one.default ?? ""]));

const request = (inputs: Inputs, environment: Inputs = {}) =>
  createClusterRequest(memoryHost({ inputs: { ...defaults, ...inputs }, environment }));

/** Everything that is wrong, whether the run looks at Azure all the same or not. */
async function problems(inputs: Inputs, environment: Inputs = {}): Promise<readonly string[]> {
  try {
    const { wrong } = await request(inputs, environment);
    return wrong?.details ?? [];
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Failure).details;
  }
}

describe("the request", () => {
  test("C1: what the fewest inputs make, through AKS", async () => {
    expect(await request(aks)).toMatchObject({
      purpose: "FastProd",
      wait: true,
      preflight: "enforce",
      notes: [],
      creation: {
        clusterId: `/subscriptions/${subscription}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/new1`,
        nodeCount: undefined,
        subnetId: undefined,
        privateCluster: undefined,
        tags: {},
      },
    });
  });

  test("C2: all settings, through AKS", async () => {
    const { creation } = await request({
      ...aks,
      ...vnet,
      "service-cidr": "10.1.0.0/16",
      "dns-service-ip": "10.1.0.10",
      "node-count": "4",
      "enable-private-cluster": "True",
      "api-server-authorized-ip-ranges": "203.0.113.7,\n 198.51.100.0/24 ",
      tags: "a=b\n c = d=e \n",
    });
    expect(creation).toMatchObject({
      nodeCount: 4,
      subnetId: `/subscriptions/${subscription}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/nodes`,
      privateCluster: true,
      authorizedRanges: ["203.0.113.7", "198.51.100.0/24"],
      tags: { a: "b", c: "d=e" },
    });
  });

  test("C2: through the workspace, named by variables", async () => {
    const variables = {
      AZURE_SUBSCRIPTION_ID: subscription,
      AZURE_RESOURCE_GROUP: "rg1",
      AZURE_WORKSPACE_NAME: "ws1",
    };
    const made = await request({ via: "workspace", "compute-name": "scoring", "node-count": "3" }, variables);
    expect(made).toMatchObject({
      computeName: "scoring",
      creation: { agentCount: 3, clusterPurpose: "FastProd" },
    });
    // They name no cluster's group, and are no strangers where a cluster is created.
    await expect(request(aks, variables)).resolves.toMatchObject({ creation: { tags: {} } });
  });

  test("C3: other spellings of the purpose are understood, and told", async () => {
    expect(await request({ ...aks, "cluster-purpose": "dev-test" })).toMatchObject({
      purpose: "DevTest",
      notes: [{ id: "aks-purpose-spelling" }],
    });
  });
});

describe("values that are wrong", () => {
  test.each([
    ["via", "Aks", /aks, workspace/],
    ["cluster-name", "-x", /1 to 63 letters/],
    ["cluster-resource-group", "a/b", /1 to 90 letters/],
    ["location", "west_europe", /a region of Azure/],
    ["kubernetes-version", "v1.33", /like 1.33 or 1.33.4/],
    ["kubernetes-version", "latest", /like 1.33 or 1.33.4/],
    ["node-count", "0", /a number from 1 to 1000/],
    ["node-count", "1001", /a number from 1 to 1000/],
    ["node-count", "three", /a number from 1 to 1000/],
    ["vm-size", "D4s v5", /the name of a VM size/],
    ["cluster-purpose", "Prod", /FastProd, DenseProd, DevTest/],
    ["outbound-type", "none", /loadBalancer, userDefinedRouting/],
    ["enable-private-cluster", "yes", /true, false/],
    ["api-server-authorized-ip-ranges", "203.0.113.0/40", /IPv4 addresses and ranges/],
    ["api-server-authorized-ip-ranges", ",", /IPv4 addresses and ranges/],
    ["tags", "team", /`name=value`/],
    ["tags", "a=1\nA=2", /each name once/],
    ["tags", "a%=1", /`name=value`/],
  ])("%s: %j", async (name, value, accepted) => {
    const told = await problems({ ...aks, [name]: value });
    expect(told).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${name}: given ${JSON.stringify(value).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}; accepted: `,
        ),
      ),
    ]);
    expect(told[0]).toMatch(accepted);
  });

  test.each([
    ["service-cidr", "10.0.0.0"],
    ["dns-service-ip", "10.0.0.0/16"],
    ["docker-bridge-cidr", "172.17.0.1"],
  ])("C2: %s: %j", async (name, value) => {
    const all = {
      ...vnet,
      "service-cidr": "10.0.0.0/16",
      "dns-service-ip": "10.0.0.10",
      "docker-bridge-cidr": "172.17.0.1/16",
    };
    const told = await problems({ ...workspace, ...all, [name]: value });
    expect(told).toEqual([expect.stringContaining(`${name}: given "${value}"; accepted: `)]);
  });

  test("all of them at once", async () => {
    const told = await problems({ via: "aks", "node-count": "-1", "vm-size": "?", tags: "x" });
    expect(told.map((line) => line.split(":")[0])).toEqual([
      "node-count",
      "vm-size",
      "subscription-id",
      "cluster-name",
      "cluster-resource-group",
      "tags",
    ]);
  });
});

describe("inputs of the other way", () => {
  test.each([
    ["compute-name", "gpu"],
    ["workspace-name", "ws1"],
    ["docker-bridge-cidr", "172.17.0.1/16"],
    ["load-balancer-type", "InternalLoadBalancer"],
    ["ssl-leaf-domain-label", "contoso"],
  ])("C5: %s with aks is a problem that says so", async (name, value) => {
    const told = await problems({ ...aks, [name]: value });
    expect(told).toEqual([
      expect.stringContaining(`${name}: given "${value}"; accepted: no value, since \`via\` is aks: `),
    ]);
  });

  test.each([
    ["cluster-name", "aks1"],
    ["kubernetes-version", "1.33"],
    ["outbound-type", "userDefinedRouting"],
    ["enable-private-cluster", "true"],
    ["api-server-authorized-ip-ranges", "203.0.113.0/24"],
    ["tags", "a=b"],
  ])("C5, A8: %s with workspace is a problem that says so", async (name, value) => {
    const told = await problems({ ...workspace, [name]: value });
    expect(told).toEqual([
      expect.stringContaining(`${name}: given "${value}"; accepted: no value, since \`via\` is workspace: `),
    ]);
  });

  test("a key is shown in no problem", async () => {
    const { key, certificate } = await tlsPair();
    const told = await problems({ ...aks, "ssl-key-pem": key, "ssl-cert-pem": certificate });
    expect(told).toHaveLength(2);
    expect(told.every((line) => line.includes('given "(hidden)"'))).toBe(true);
  });
});

describe("inputs that go together", () => {
  test("C2: settings of the network, all or none, through AKS", async () => {
    expect(await problems({ ...aks, "subnet-name": "nodes" })).toEqual([
      expect.stringMatching(/^vnet-resource-group: not given; accepted: .*together, or none$/),
      expect.stringMatching(/^vnet-name: not given/),
    ]);
    expect(await problems({ ...aks, "service-cidr": "10.1.0.0/16" })).toEqual([
      expect.stringMatching(/^dns-service-ip: not given; accepted: .*together, or none$/),
    ]);
  });

  test("C2: settings of the network, all six or none, through the workspace", async () => {
    expect(await problems({ ...workspace, ...vnet })).toEqual([
      expect.stringMatching(/^service-cidr: not given; accepted: all six/),
      expect.stringMatching(/^dns-service-ip: not given/),
      expect.stringMatching(/^docker-bridge-cidr: not given/),
    ]);
  });

  test("C6: user-defined routing needs a subnet", async () => {
    expect(await problems({ ...aks, "outbound-type": "userDefinedRouting" })).toEqual([
      expect.stringMatching(/^outbound-type: given "userDefinedRouting"; accepted: .*`subnet-name`/),
    ]);
  });

  test("T2, B1: TLS and load balancer, as in attach", async () => {
    expect(await problems({ ...workspace, "ssl-cname": "a.contoso.com" })).toHaveLength(2);
    expect(await problems({ ...workspace, "load-balancer-subnet": "nodes" })).toEqual([
      expect.stringMatching(/^load-balancer-type: not given; accepted: InternalLoadBalancer/),
    ]);
  });
});

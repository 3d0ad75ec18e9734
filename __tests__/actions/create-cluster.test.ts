import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import type { Report } from "../../src/model/report.ts";
import { scene, workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { forbid } from "../support/world-facts.ts";

const pair = await tlsPair();
const clusterId = (world: World, name = "new1") =>
  `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/${name}`;
const part = (world: World, id: string, ...path: string[]) => {
  let at: unknown = world.resource(id)?.body;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
};
const change = (world: World, id: string, path: readonly string[], value: unknown) => {
  let at = world.resource(id)?.body as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
};
const subnet = (world: World, routeTable = false) =>
  world.addSubnet(
    `/subscriptions/${world.subscriptionId}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/nodes`,
    "10.5.0.0/24",
    routeTable,
  );
const vnet = { "vnet-resource-group": "net", "vnet-name": "vnet1", "subnet-name": "nodes" };
const services = { "service-cidr": "10.1.0.0/16", "dns-service-ip": "10.1.0.10" };
const network = { ...vnet, ...services };
const ids = ({ report }: { report: Report }) =>
  report.findings.map(({ severity, id }) => `${severity} ${id}`);
const kinds = ({ report }: { report: Report }) => report.plan?.steps.map(({ kind }) => kind);

describe("via aks", () => {
  test("C1, A8: creates a cluster with defaults and a Standard load balancer, waits for it, reads it back and tells the time", async () => {
    const { world, create, written } = scene();
    world.knobs.managedClusterSeconds.create = 420;
    const run = await create();
    expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(written()).toEqual([`PUT ${clusterId(world)} 201`]);
    expect(run.host.said.outputs).toMatchObject({
      changed: "true",
      state: "Succeeded",
      "cluster-id": clusterId(world),
      "cluster-name": "new1",
      "kubernetes-version": "1.33.4",
    });
    expect(run.report.findings).toEqual([]);
    expect(part(world, clusterId(world), "identity", "type")).toBe("SystemAssigned");
    expect(part(world, clusterId(world), "properties")).toMatchObject({
      dnsPrefix: "new1",
      agentPoolProfiles: [{ count: 3, vmSize: "Standard_D4s_v5", mode: "System" }],
      networkProfile: { loadBalancerSku: "standard", outboundType: "loadBalancer" },
    });
    // Seven minutes are told of at least once a minute.
    const waits = run.host.said.log.filter((line) => /^ +\d.*(Creating|InProgress)/.test(line));
    expect(waits.length).toBeGreaterThanOrEqual(7);
    expect(world.violations).toEqual([]);
  });

  test("C2, C8: every setting arrives", async () => {
    const { world, create } = scene();
    subnet(world);
    const run = await create({
      ...network,
      location: "West Europe",
      "kubernetes-version": "1.32",
      "node-count": "4",
      "vm-size": "Standard_NC4as_T4_v3",
      "outbound-type": "managedNATGateway",
      "api-server-authorized-ip-ranges": "203.0.113.0/24, 198.51.100.7",
      tags: "team=vision\ncost center = 4=2",
    });
    expect(run.host.said.errors).toEqual([]);
    expect(ids(run)).toEqual([
      "warning create-authorized-ranges",
      "info create-subnet-role",
      "info create-gpu",
    ]);
    expect(world.resource(clusterId(world))?.body).toMatchObject({
      location: "westeurope",
      tags: { team: "vision", "cost center": "4=2" },
      properties: {
        kubernetesVersion: "1.32",
        agentPoolProfiles: [{ count: 4, vnetSubnetID: expect.stringContaining("vnet1/subnets/nodes") }],
        networkProfile: {
          ...{ serviceCidr: "10.1.0.0/16", dnsServiceIP: "10.1.0.10" },
          outboundType: "managedNATGateway",
        },
        apiServerAccessProfile: { authorizedIPRanges: ["203.0.113.0/24", "198.51.100.7"] },
      },
    });
    expect(run.host.said.outputs["kubernetes-version"]).toBe("1.32.6");
  });

  test("A9, C6: a private cluster without a public name, whose traffic leaves through a firewall", async () => {
    const { world, create } = scene();
    subnet(world, true);
    world.knobs.publicIpPolicy = "early";
    const inputs = { ...vnet, "outbound-type": "userDefinedRouting", "enable-private-cluster": "true" };
    const run = await create(inputs);
    expect(run.host.said.errors).toEqual([]);
    expect(part(world, clusterId(world), "properties", "apiServerAccessProfile")).toMatchObject({
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: false,
    });
  });

  describe("C7: a second time", () => {
    const plenty = {
      ...network,
      "kubernetes-version": "1.33",
      "node-count": "3",
      "vm-size": "standard_d4S_v5",
      location: "East US",
      "api-server-authorized-ip-ranges": "203.0.113.7",
      tags: "a=b",
    };

    test.each([
      ["with defaults", {}],
      ["with many settings", plenty],
    ])("%s: nothing to do, and the same outputs", async (_title, inputs) => {
      const { world, create, written } = scene();
      subnet(world);
      const first = await create(inputs);
      expect(first.host.said.errors).toEqual([]);
      const second = await create(inputs);
      expect(second.report).toMatchObject({ verdict: "unchanged", changed: false, findings: [] });
      expect(written()).toHaveLength(1);
      const {
        changed: _,
        plan: _plan,
        findings: _findings,
        report: _report,
        ...rest
      } = first.host.said.outputs;
      expect(second.host.said.outputs).toMatchObject({ ...rest, changed: "false" });
    });

    test("C9: with other settings: every field, how to scale, and a refusal", async () => {
      const { world, create, written } = scene();
      subnet(world);
      await create({ tags: "a=b" });
      const { report } = await create({
        ...network,
        "kubernetes-version": "1.32",
        "node-count": "5",
        "vm-size": "Standard_D8s_v5",
        location: "westeurope",
        "enable-private-cluster": "true",
        "api-server-authorized-ip-ranges": "",
        tags: "a=c\nd=e",
      });
      expect(report.error).toMatchObject({ code: "Different" });
      expect(report.error?.details.map((line) => line.split(":")[0])).toEqual([
        "location",
        "kubernetesVersion",
        "nodeCount",
        "vmSize",
        "subnetId",
        "serviceCidr",
        "dnsServiceIP",
        "enablePrivateCluster",
        "tags.a",
        "tags.d",
      ]);
      expect(report.error?.remedy).toContain(
        "az aks scale --resource-group rg1 --name new1 --nodepool-name nodepool1 --node-count 5",
      );
      expect(report.error?.remedy).toContain("VM size of a cluster can never be changed");
      expect(written()).toHaveLength(1);
    });

    test("C9: one that was scaled since is not different where no number is given", async () => {
      const { world, create } = scene();
      await create();
      change(world, clusterId(world), ["properties", "agentPoolProfiles", "0", "count"], 5);
      expect((await create()).report.verdict).toBe("unchanged");
      expect((await create({ "node-count": "3" })).report.error?.details).toEqual([
        'nodeCount: wanted "3", found "5"',
      ]);
    });

    test("while it is being created by somebody else: waited for", async () => {
      const { create, written } = scene();
      const first = await create({ wait: "false" });
      expect(first.report).toMatchObject({ verdict: "accepted", state: "Creating" });
      const second = await create();
      expect(kinds(second)).toEqual(["await-cluster"]);
      expect(second.report).toMatchObject({ verdict: "unchanged", state: "Succeeded" });
      expect(written()).toHaveLength(1);
    });

    test("while it is being deleted: waited for, then created", async () => {
      const { world, create, written } = scene();
      await create();
      change(world, clusterId(world), ["properties", "provisioningState"], "Deleting");
      world.exchanges.length = 0;
      const resource = world.resource.bind(world);
      world.resource = (id) => {
        const looks = world.exchanges.filter(({ url }) => url.includes("/new1?"));
        if (looks.length === 2) world.store.delete(clusterId(world));
        return resource(id);
      };
      const again = await create();
      expect(kinds(again)).toEqual(["await-gone", "create-cluster"]);
      expect(again.host.said.errors).toEqual([]);
      expect(written()).toEqual([`PUT ${clusterId(world)} 201`]);
    });
  });

  describe("C6: a policy that forbids public IPs", () => {
    test.each(["early", "late"] as const)("%s: is explained with the two ways out", async (when) => {
      const { world, create } = scene();
      world.knobs.publicIpPolicy = when;
      const { report, exit } = await create();
      expect(exit).toBe(1);
      expect(report.error).toMatchObject({ code: "RequestDisallowedByPolicy" });
      expect(report.error?.message).toContain('"No public IP addresses"');
      expect(report.error?.message).toContain("public IP address");
      expect(report.error?.remedy).toMatch(/exemption.*outbound-type: userDefinedRouting/s);
      expect(report.state).toBe(when === "early" ? "Absent" : "Failed");
    });

    test("what is left Failed is told by the next run, which writes nothing", async () => {
      const { world, create, written } = scene();
      world.knobs.publicIpPolicy = "late";
      await create();
      const { report } = await create();
      expect(report.error).toMatchObject({ code: "ClusterFailed" });
      expect(report.error?.remedy).toContain("az aks delete");
      expect(written()).toHaveLength(1);
    });
  });

  test.each([
    ["vcpuQuota", 4, "QuotaExceeded", /higher quota/],
    ["exhaustedVmSizes", ["Standard_D4s_v5"], "SkuNotAvailable", /another `vm-size` or `location`/],
  ] as const)(
    "a creation that fails late by %s is told with everything and what to do",
    async (knob, value, code, remedy) => {
      const { world, create } = scene();
      Object.assign(world.knobs, { [knob]: value, quotaRefusal: "QuotaExceeded" });
      const { report } = await create();
      expect(report.error).toMatchObject({ code: "ClusterFailed", remedy: expect.stringMatching(remedy) });
      expect(report.error?.details.join()).toContain(code);
    },
  );

  describe("C7: a lost answer", () => {
    test.each(["before", "after"] as const)(
      "on the PUT, lost %s it was done, never makes a second create",
      async (phase) => {
        const { world, create } = scene();
        let puts = 0;
        const put = world.store.put.bind(world.store);
        world.store.put = (...resource) => {
          puts += 1;
          return put(...resource);
        };
        world.faults.push({ match: { method: "PUT", url: "managedClusters/new1" }, phase, kind: "reset" });
        const { report, host } = await create();
        expect({ verdict: report.verdict, errors: host.said.errors }).toEqual({
          verdict: "done",
          errors: [],
        });
        expect(report.changed).toBe(true);
        expect(puts).toBe(1);
      },
    );
  });

  test("C7: one that is not what was asked for, though Azure reports success, is told", async () => {
    const { world, create } = scene();
    const put = world.store.put.bind(world.store);
    world.store.put = (...resource) => {
      const made = put(...resource);
      if (world.resource(clusterId(world))) {
        change(
          world,
          clusterId(world),
          ["properties", "agentPoolProfiles", "0", "vmSize"],
          "Standard_D2s_v5",
        );
      }
      return made;
    };
    const { report } = await create({ "vm-size": "Standard_D4s_v5" });
    expect(report.error).toMatchObject({
      code: "NotApplied",
      details: ['vmSize: wanted "Standard_D4s_v5", found "Standard_D2s_v5"'],
    });
  });

  test("C7: a dry run writes nothing and shows the body", async () => {
    const { create, written } = scene();
    const { report } = await create({ "dry-run": "true" });
    expect(report.verdict).toBe("planned");
    expect(report.plan?.steps[0]?.body).toMatchObject({ identity: { type: "SystemAssigned" } });
    expect(written()).toEqual([]);
  });

  describe("before anything is written", () => {
    test.each<[string, Record<string, string>, string, (world: World) => void]>([
      [
        "C4: too few nodes",
        { "node-count": "2", "vm-size": "Standard_D8s_v5" },
        "error create-nodes",
        () => undefined,
      ],
      ["C4: too few vCPUs", { "vm-size": "Standard_D2s_v5" }, "error create-cores", () => undefined],
      [
        "C8: a size that the region has not",
        { "vm-size": "Standard_X1" },
        "error create-vm-size",
        () => undefined,
      ],
      [
        "C8: a size that the subscription may not use",
        {},
        "error create-vm-size",
        ({ knobs }) => {
          knobs.restrictedVmSizes = ["Standard_D4s_v5"];
        },
      ],
      [
        "A7: a version that is not offered",
        { "kubernetes-version": "1.21" },
        "error create-version",
        () => undefined,
      ],
      [
        "C2: a DNS address outside",
        { ...services, "dns-service-ip": "10.2.0.10" },
        "error create-dns-address",
        () => undefined,
      ],
      [
        "A9: a private cluster with authorized ranges",
        { "enable-private-cluster": "true", "api-server-authorized-ip-ranges": "203.0.113.0/24" },
        "error create-private-ranges",
        () => undefined,
      ],
      [
        "C1: no resource group",
        { "cluster-resource-group": "nowhere" },
        "error create-resource-group",
        () => undefined,
      ],
      [
        "C1: no permission",
        {},
        "error permission-managedClusters-write",
        (world) => forbid(world, "Microsoft.ContainerService/managedClusters/write"),
      ],
    ])("%s is refused", async (_title, inputs, finding, prepare) => {
      const { world, create, written } = scene();
      prepare(world);
      const run = await create(inputs);
      expect(run.host.said.outputs["error-code"]).toBe("PreflightFailed");
      expect(ids(run)).toContain(finding);
      expect(written()).toEqual([]);
    });

    test("A7, C4: what can't be read is said, and hinders nothing", async () => {
      const { world, create } = scene();
      world.faults.push({ match: { url: /kubernetesVersions|skus/ }, kind: "status", status: 403, count: 9 });
      const run = await create({ "kubernetes-version": "1.33" });
      expect(run.exit).toBe(0);
      expect(ids(run)).toEqual(["warning create-vm-size", "warning create-version"]);
    });

    test("C3: for dev-test one node will do", async () => {
      const { create } = scene();
      const inputs = { "node-count": "1", "vm-size": "Standard_D2s_v5", "cluster-purpose": "DevTest" };
      expect((await create(inputs)).host.said.errors).toEqual([]);
    });
  });

  test("C5: what was created is attached for production as it is", async () => {
    const { create, attach } = scene();
    await create();
    const named = { "cluster-resource-id": "", "cluster-name": "new1", "cluster-resource-group": "rg1" };
    const { report } = await attach({ ...named, "compute-type": "aks" });
    expect(report).toMatchObject({ verdict: "done", findings: [] });
  });
});

describe("via workspace", () => {
  const via = {
    via: "workspace",
    "cluster-name": "",
    "cluster-resource-group": "",
    "resource-group": "rg1",
    "workspace-name": "ws1",
    "compute-name": "scoring",
  };
  const computeId = (world: World) => `${workspaceId(world)}/computes/scoring`;
  const own = { ...via, "ssl-cert-pem": pair.certificate, "ssl-key-pem": pair.key, "ssl-cname": pair.cname };

  test("C1, C5: creates a cluster with defaults, warns of what can't be chosen, and tells which it is", async () => {
    const { world, create, written } = scene();
    const run = await create(via);
    expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(written()).toEqual([`PUT ${computeId(world)} 201`]);
    expect(ids(run)).toEqual(["warning create-way"]);
    expect(run.report.findings[0]?.remedy).toContain("via: aks");
    expect(run.host.said.outputs).toMatchObject({
      changed: "true",
      state: "Succeeded",
      "compute-name": "scoring",
      "compute-id": computeId(world),
      "cluster-name": expect.stringMatching(/^scoring[0-9a-f]{10}$/),
      "cluster-id": expect.stringContaining("managedClusters/scoring"),
      "kubernetes-version": "1.33.4",
    });
    expect(run.host.said.outputs["scoring-ip"]).toMatch(/^192\.0\.2\.\d+$/);
  });

  test("C2, B1: every setting arrives, behind an internal load balancer", async () => {
    const { world, create } = scene();
    subnet(world);
    const run = await create({
      ...via,
      ...network,
      "docker-bridge-cidr": "172.17.0.1/16",
      location: "westeurope",
      "node-count": "1",
      "vm-size": "Standard_DS3_v2",
      "cluster-purpose": "DevTest",
      "load-balancer-type": "InternalLoadBalancer",
      "load-balancer-subnet": "nodes",
    });
    expect(run.host.said.errors).toEqual([]);
    expect(run.host.said.outputs["scoring-ip"]).toMatch(/^10\.5\.0\./);
    expect(part(world, computeId(world), "properties")).toMatchObject({
      computeLocation: "westeurope",
      properties: {
        agentCount: 1,
        clusterPurpose: "DevTest",
        loadBalancerType: "InternalLoadBalancer",
        loadBalancerSubnet: "nodes",
        aksNetworkingConfiguration: { serviceCidr: "10.1.0.0/16", dockerBridgeCidr: "172.17.0.1/16" },
      },
    });
  });

  test("T2: a certificate is sent and shown nowhere", async () => {
    const { world, create } = scene();
    const { host, report } = await create(own);
    expect(host.said.errors).toEqual([]);
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}").properties.properties.sslConfiguration).toMatchObject({
      status: "Enabled",
      key: pair.key,
    });
    const [, line = ""] = pair.key.split("\n");
    expect(
      JSON.stringify({ ...host.said, masked: [], masks: undefined, secrets: undefined, report }),
    ).not.toContain(line);
    expect(host.said.outputs["scoring-host"]).toBe(pair.cname);
  });

  test.each([
    ["with defaults", via],
    ["with a certificate", own],
    ["with numbers", { ...via, "node-count": "3", "vm-size": "Standard_D3_v2", location: "eastus" }],
    ["in a region as people write it", { ...via, location: "East US" }],
  ])("C7: a second time %s: nothing to do", async (_title, inputs) => {
    const { create, written } = scene();
    const first = await create(inputs);
    expect(first.host.said.errors).toEqual([]);
    const second = await create(inputs);
    expect(second.report).toMatchObject({ verdict: "unchanged", changed: false, findings: [] });
    expect(second.host.said.outputs["cluster-id"]).toBe(first.host.said.outputs["cluster-id"]);
    expect(written()).toHaveLength(1);
  });

  test("C7, C9: with other settings: every field, how to scale, and a refusal", async () => {
    const { create, written } = scene();
    await create(via);
    const { report } = await create({
      ...via,
      "node-count": "4",
      "vm-size": "Standard_D4s_v5",
      "cluster-purpose": "DevTest",
      "ssl-leaf-domain-label": "contoso",
    });
    expect(report.error).toMatchObject({ code: "Different" });
    expect(report.error?.details.map((line) => line.split(":")[0])).toEqual([
      "agentCount",
      "agentVmSize",
      "clusterPurpose",
      "sslConfiguration.status",
      "sslConfiguration.leafDomainLabel",
    ]);
    expect(report.error?.remedy).toMatch(
      /az aks scale --resource-group rg1 --name scoring\w+ --node-count 4/,
    );
    expect(written()).toHaveLength(1);
  });

  test("C7: one that was attached is another", async () => {
    const { create, attach } = scene();
    await attach({ "compute-type": "aks", "compute-name": "scoring" });
    expect((await create(via)).report.error).toMatchObject({
      code: "Different",
      details: ['isAttachedCompute: wanted "false", found "true"'],
    });
  });

  test.each(["early", "late"] as const)("C6: a policy that forbids public IPs, %s", async (when) => {
    const { world, create, written } = scene();
    world.knobs.publicIpPolicy = when;
    const { report } = await create(via);
    expect(report.error).toMatchObject({ code: "RequestDisallowedByPolicy" });
    expect(report.error?.remedy).toMatch(/exemption.*create the cluster with `via: aks`/s);
    const again = await create(via);
    expect(again.report.error?.code).toMatch(/RequestDisallowedByPolicy|ComputeFailed/);
    expect(
      again.report.error?.code === "ComputeFailed" ? again.report.error.remedy : "allow-created",
    ).toContain("allow-created");
    expect(written()).toHaveLength(1);
  });

  test("T5: TLS with an internal load balancer is refused before anything is written", async () => {
    const { create, written } = scene();
    const run = await create({
      ...via,
      "ssl-leaf-domain-label": "contoso",
      "load-balancer-type": "InternalLoadBalancer",
    });
    expect(ids(run)).toContain("error create-tls-internal");
    expect(written()).toEqual([]);
  });

  test("C4: the service's own defaults count where nothing is given", async () => {
    const { create, written } = scene();
    const run = await create({ ...via, "node-count": "2" });
    expect(ids(run)).toEqual(["error create-nodes", "error create-cores", "warning create-way"]);
    expect(written()).toEqual([]);
  });

  test.each(["before", "after"] as const)(
    "C7: an answer to the PUT that is lost %s it was done: one create",
    async (phase) => {
      const { world, create } = scene();
      world.faults.push({ match: { method: "PUT", url: "computes/scoring" }, phase, kind: "reset" });
      const { report, host } = await create(via);
      expect({ verdict: report.verdict, errors: host.said.errors }).toEqual({ verdict: "done", errors: [] });
      const made = world.store.list("Microsoft.ContainerService/managedClusters", "");
      expect(made.filter(({ name }) => name.startsWith("scoring"))).toHaveLength(1);
    },
  );
});

describe("everything that is wrong is told in one run", () => {
  const workspace = {
    via: "workspace",
    "cluster-name": "",
    "cluster-resource-group": "",
    "resource-group": "rg1",
    "workspace-name": "ws1",
    "compute-name": "scoring-1",
  };
  /** Ten wrong inputs, in either way. */
  const wrong = {
    "dry-run": "maybe",
    wait: "later",
    timeout: "soon",
    "vnet-resource-group": "a/b",
    "vnet-name": "-",
    "subnet-name": "?",
    "ssl-cname": "*.contoso.com",
    "ssl-leaf-domain-label": "9",
    "ssl-overwrite-existing-domain": "perhaps",
    "load-balancer-type": "Private",
  };
  const errors = (report: Report) => report.findings.filter(({ severity }) => severity === "error");

  test.each<[string, Record<string, string>, (world: World) => void, string[]]>([
    [
      "aks",
      {
        "kubernetes-version": "1.19.1",
        "node-count": "2",
        ...{ "service-cidr": "10.1.0.0/16", "dns-service-ip": "10.9.0.10" },
      },
      (world) => {
        world.knobs.restrictedVmSizes = ["Standard_D4s_v5"];
        forbid(world, "Microsoft.ContainerService/managedClusters/write");
      },
      [
        "create-cores",
        "create-dns-address",
        "create-nodes",
        "create-version",
        "create-vm-size",
        "permission-managedClusters-write",
      ],
    ],
    [
      "workspace",
      { ...workspace, "node-count": "2" },
      (world) => {
        world.knobs.restrictedVmSizes = ["Standard_D3_v2"];
        forbid(world, "Microsoft.MachineLearningServices/workspaces/computes/write");
      },
      ["compute-name-digits", "create-cores", "create-nodes", "create-vm-size", "permission-computes-write"],
    ],
  ])(
    "C2, C4, T4: ten inputs and five preconditions, in two groups, via %s",
    async (_via, more, spoil, ids) => {
      const { world, create, written } = scene();
      spoil(world);
      const { report, host, exit } = await create({ ...wrong, ...more });
      expect(exit).toBe(1);
      const inputs = new Set(report.error?.details.map((line) => line.split(":")[0] ?? ""));
      expect(Object.keys(wrong).filter((name) => inputs.has(name))).toHaveLength(10);
      const found = errors(report);
      expect(found.map(({ id }) => id).sort()).toEqual(ids);
      expect(report).toMatchObject({ verdict: "failed", changed: false, error: { code: "InvalidInput" } });
      expect(report.error?.message).toContain(` inputs are wrong. ${ids.length} preflight rules fail. `);
      for (const { seen } of found) expect(host.said.errors[0]?.message).toContain(seen);
      expect(report).not.toHaveProperty("plan");
      expect(written()).toEqual([]);
    },
  );

  test.each([
    ["the number of nodes", { "node-count": "two", "vm-size": "Standard_D2s_v5" }],
    ["the VM size", { "vm-size": "?", "node-count": "6" }],
    ["the purpose", { "cluster-purpose": "Dev", "node-count": "1", "vm-size": "Standard_D2s_v5" }],
    ["the region", { location: "west_europe", "vm-size": "Standard_X1", "kubernetes-version": "1.19" }],
  ])("C4: where %s is wrong, no rule judges a default instead", async (_title, inputs) => {
    const { world, create } = scene();
    world.knobs.restrictedVmSizes = ["Standard_D4s_v5"];
    const { report } = await create(inputs);
    expect(report.error).toMatchObject({ code: "InvalidInput", message: "One input is wrong." });
    expect(report.findings).toEqual([]);
  });

  test.each([
    ["the way", { via: "portal" }],
    ["the cluster", { "cluster-name": "-" }],
    ["the workspace", { ...workspace, "workspace-name": "?" }],
    ["who looks", { "client-id": "me" }],
    ["nothing, but rules are off,", { preflight: "off" }],
  ])("where %s is wrong as well, nobody is asked", async (_title, more) => {
    const { create, requests } = scene();
    const { report } = await create({ ...wrong, ...more });
    expect(report.error?.code).toBe("InvalidInput");
    expect(requests()).toEqual([]);
  });
});

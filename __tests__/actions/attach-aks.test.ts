import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { attachWith } from "../../src/actions/attach.ts";
import { attachAksWith } from "../../src/actions/attach-aks.ts";
import { run } from "../../src/actions/run.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import type { Resolution } from "../../src/model/scoring-endpoint.ts";
import { aksId, arcId, plainInputs, scene, workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { virtually } from "../support/virtual-time.ts";
import { computeId, computePart } from "../support/world-facts.ts";

const pair = await tlsPair();
const aks = { "compute-type": "aks" };
const own = {
  ...aks,
  "ssl-cert-pem": pair.certificate,
  "ssl-key-pem": pair.key,
  "ssl-cname": pair.cname,
};
const label = { ...aks, "ssl-leaf-domain-label": "contoso" };
const internal = { ...aks, "load-balancer-type": "InternalLoadBalancer" };
const settings = (world: World, ...path: string[]) => computePart(world, "properties", "properties", ...path);
const ids = ({ report }: { report: Report }) =>
  report.findings.map(({ severity, id }) => `${severity} ${id}`);
const change = (world: World, id: string, path: readonly string[], value: unknown) => {
  let at = world.resource(id)?.body as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
};

describe("attach with compute-type aks", () => {
  test("A1, C3, A3: attaches a cluster for production, reads it back and gives the scoring address", async () => {
    const { world, attach, written } = scene();
    change(world, aksId(world), ["location"], "westeurope");
    const { exit, host, report } = await attach(aks);
    expect({ exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(written()).toEqual([`PUT ${computeId(world)} 201`]);
    expect(settings(world, "clusterPurpose")).toBe("FastProd");
    expect(report.plan?.steps.map(({ kind }) => kind)).toEqual(["create-compute"]);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    expect(host.said.outputs["scoring-ip"]).toMatch(/^192\.0\.2\.\d+$/);
    expect(host.said.outputs).not.toHaveProperty("scoring-host");
    expect(world.violations).toEqual([]);
  });

  test.each([
    ["without TLS", aks],
    ["with an own certificate", own],
    ["with Microsoft's certificate", label],
    ["behind an internal load balancer", internal],
  ])("a second time %s: nothing to do, and the same outputs", async (_title, inputs) => {
    const { attach, written } = scene();
    const first = await attach(inputs);
    expect(first.host.said.errors).toEqual([]);
    const second = await attach(inputs);
    expect(second.exit).toBe(0);
    expect(second.report).toMatchObject({ verdict: "unchanged", changed: false });
    expect(written()).toHaveLength(1);
    for (const name of ["scoring-ip", "scoring-host"]) {
      expect(second.host.said.outputs[name]).toBe(first.host.said.outputs[name]);
    }
  });

  test("C3: for dev-test one node will do", async () => {
    const { world, attach, written } = scene();
    change(world, aksId(world), ["properties", "agentPoolProfiles", "0", "count"], 1);
    expect((await attach(aks)).host.said.outputs["error-code"]).toBe("PreflightFailed");
    expect(written()).toEqual([]);
    expect((await attach({ ...aks, "cluster-purpose": "DevTest" })).exit).toBe(0);
    expect(settings(world, "clusterPurpose")).toBe("DevTest");
  });

  test("T1: gives the name that Microsoft generated", async () => {
    const { attach } = scene();
    const { exit, host } = await attach(label);
    expect(exit).toBe(0);
    expect(host.said.outputs["scoring-host"]).toMatch(/^contoso\d{6}\.eastus\.cloudapp\.azure\.com$/);
  });

  test("T2: sends the certificate as PEM, and shows neither it nor the key anywhere", async () => {
    const { world, attach } = scene();
    const { exit, host, report } = await attach(
      { ...own, "ssl-key-pem": "key.pem" },
      { files: { "key.pem": pair.key } },
    );
    expect({ exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}").properties.properties.sslConfiguration).toEqual({
      status: "Enabled",
      cname: pair.cname,
      cert: pair.certificate,
      key: pair.key,
    });
    expect(host.said.outputs["scoring-host"]).toBe(pair.cname);
    const { masked: _, ...seen } = { masked: [], ...host.said };
    const [, line = ""] = pair.key.split("\n");
    expect(JSON.stringify({ ...seen, masks: undefined, secrets: undefined, report })).not.toContain(line);
  });

  test("T5: TLS with an internal load balancer is refused before anything is written", async () => {
    const { attach, written } = scene();
    const run = await attach({ ...label, ...internal });
    expect(run.host.said.outputs["error-code"]).toBe("PreflightFailed");
    expect(ids(run)).toContain("error aks-tls-internal");
    expect(written()).toEqual([]);
  });

  test("A5: the second attachment of a cluster is refused, also when it stands on a later page", async () => {
    const { world, attach, written } = scene();
    expect((await attach({ ...aks, "compute-name": "zz-old" })).exit).toBe(0);
    world.knobs.pageSize = 1;
    world.addCompute(workspaceId(world), { name: "aaa" });
    const run = await attach(aks);
    expect(ids(run)).toContain("error aks-attached-twice");
    expect(run.host.said.errors[0]?.message).toContain('"zz-old"');
    expect(written()).toHaveLength(1);
  });

  test("A4: a cluster of another subscription needs Contributor, which is looked up", async () => {
    const { world, attach, requests } = scene();
    world.knobs.crossSubscriptionAks = "allow";
    const clusterId = aksId(world).replace(world.subscriptionId, "99999999-9999-4999-8999-999999999999");
    const run = await attach({ ...aks, "cluster-resource-id": clusterId, "dry-run": "true" });
    expect(ids(run)).toEqual(expect.arrayContaining(["warning aks-subscription"]));
    expect(
      requests().filter((line) => line.includes("99999999") && line.includes("permissions")),
    ).toHaveLength(1);
  });

  test("A6: other settings are refused, with every field that differs", async () => {
    const { attach, written } = scene();
    await attach(own);
    const { report } = await attach({
      ...label,
      "cluster-purpose": "DevTest",
      "load-balancer-type": "PublicIp",
    });
    expect(report.error).toMatchObject({ code: "Different" });
    expect(report.error?.details.map((line) => line.split(":")[0])).toEqual([
      "clusterPurpose",
      "sslConfiguration.status",
      "sslConfiguration.leafDomainLabel",
    ]);
    expect(written()).toHaveLength(1);
  });

  test("A6: a compute of the other type is different", async () => {
    const { world, attach } = scene();
    await attach();
    expect((await attach(aks)).report.error).toMatchObject({
      code: "Different",
      details: ['computeType: wanted "AKS", found "Kubernetes"'],
    });
    expect(settings(world, "namespace")).toBe("default");
  });

  test("a PUT that changes nothing and reports success is found out", async () => {
    const { world, attach } = scene();
    world.knobs.intruder = {
      properties: {
        computeType: "AKS",
        resourceId: aksId(world),
        provisioningState: "Succeeded",
        properties: { clusterPurpose: "DevTest" },
      },
    };
    world.knobs.putExisting = "silent";
    expect((await attach(aks)).report.error).toMatchObject({ code: "NotApplied" });
  });

  test("what is being detached is waited for, what is created by others too", async () => {
    const { attach, detach, written } = scene();
    await attach({ ...aks, wait: "false" });
    const waited = await attach(aks);
    expect(waited.report.plan?.steps.map(({ kind }) => kind)).toEqual(["await-compute"]);
    await detach({ wait: "false" });
    const again = await attach(aks);
    expect(again.report.plan?.steps.map(({ kind }) => kind)).toEqual(["await-gone", "create-compute"]);
    expect(again.exit).toBe(0);
    expect(written()).toHaveLength(3);
  });

  test("a compute that failed is told with everything that Azure holds", async () => {
    const { world, attach } = scene();
    await attach(aks);
    change(world, computeId(world), ["properties", "provisioningState"], "Failed");
    expect((await attach(aks)).report.error).toMatchObject({ code: "ComputeFailed" });
    expect((await attach(internal)).report.error).toMatchObject({ code: "ComputeFailed" });
  });

  test("A7, C4: without the right to read what the region offers, the rules say that they did not look", async () => {
    const { world, attach } = scene();
    world.faults.push({ match: { url: /kubernetesVersions|skus/ }, kind: "status", status: 403, count: 9 });
    const run = await attach(aks);
    expect(run.exit).toBe(0);
    expect(ids(run)).toEqual(["warning aks-version", "warning aks-cores"]);
  });

  test("D1: a legacy compute is detached, its cluster stays", async () => {
    const { world, attach, detach } = scene();
    await attach(aks);
    expect((await detach()).exit).toBe(0);
    expect(world.resource(computeId(world))).toBeUndefined();
    expect(world.resource(aksId(world))).toBeDefined();
  });
});

describe("B2: the update to an internal load balancer", () => {
  test("changes it in place and gives the private address (B3)", async () => {
    const { world, attach, written } = scene();
    await attach(aks);
    change(world, computeId(world), ["tags"], { team: "a" });
    const run = await attach(internal);
    expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(run.report.plan?.steps).toMatchObject([
      { kind: "update-compute", reason: expect.stringContaining("everything else is kept") },
    ]);
    expect(written()).toHaveLength(2);
    expect(settings(world, "loadBalancerType")).toBe("InternalLoadBalancer");
    expect(computePart(world, "tags")).toEqual({ team: "a" });
    expect(run.host.said.outputs["scoring-ip"]).toMatch(/^10\./);
    expect(ids(run)).toEqual(expect.arrayContaining(["info aks-drift", "info aks-private-address"]));
    expect(world.violations).toEqual([]);
  });

  test.each([
    ["an own certificate", own],
    ["Microsoft's certificate", label],
  ])("back to a public one keeps TLS with %s", async (_title, inputs) => {
    const { world, attach } = scene();
    world.knobs.tlsWithInternalLoadBalancer = "accept";
    await attach({ ...inputs, ...internal, preflight: "off" });
    const before = settings(world, "sslConfiguration", "cname");
    expect(before).toBeTruthy();
    world.knobs.tlsWithoutMaterial = "lose";
    const run = await attach({ ...inputs, "load-balancer-type": "PublicIp" });
    expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(settings(world, "sslConfiguration", "cname")).toBe(before);
    expect(settings(world, "loadBalancerType")).toBe("PublicIp");
  });

  test("is not tried where anything else differs", async () => {
    const { attach, written } = scene();
    await attach(aks);
    const { report } = await attach({ ...internal, "cluster-purpose": "DevTest" });
    expect(report.error?.details).toHaveLength(2);
    expect(written()).toHaveLength(1);
  });

  test("waits first for what is under way, then changes what is there then", async () => {
    const { attach } = scene();
    await attach({ ...aks, wait: "false" });
    const { exit, report } = await attach(internal);
    expect(report.plan?.steps.map(({ kind }) => kind)).toEqual(["await-compute", "update-compute"]);
    expect({ exit, verdict: report.verdict }).toEqual({ exit: 0, verdict: "done" });
  });

  test("waits for that even where the update itself is not waited for", async () => {
    const { world, attach } = scene();
    await attach({ ...aks, wait: "false" });
    const run = await attach({ ...internal, wait: "false" });
    expect(run.report.steps.map(({ result }) => result)).toEqual(["done", "accepted"]);
    expect({ exit: run.exit, verdict: run.report.verdict }).toEqual({ exit: 0, verdict: "accepted" });
    expect(settings(world, "loadBalancerType")).toBe("InternalLoadBalancer");
  });

  test("whose answer is lost is not sent twice", async () => {
    const { world, attach, written } = scene();
    await attach(aks);
    world.faults.push({ match: { method: "PUT" }, kind: "reset", phase: "after" });
    const run = await attach(internal);
    expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(run.report).toMatchObject({ changed: true, verdict: "done" });
    expect(written()).toHaveLength(2);
  });

  test("of a compute that somebody detached meanwhile says so, and attaches nothing", async () => {
    const { world, attach, written } = scene();
    await attach({ ...aks, wait: "false" });
    const { store } = world;
    const get = store.get.bind(store);
    let reads = 0;
    store.get = (id: string) => {
      if (id.toLowerCase() === computeId(world).toLowerCase() && ++reads === 8) store.delete(id);
      return get(id);
    };
    const { report } = await attach(internal);
    expect(report.error?.code).toMatch(/Vanished$/);
    expect(written()).toHaveLength(1);
  });

  test("that Azure reports as done and did not do is found out", async () => {
    const { world, attach } = scene();
    await attach(aks);
    world.knobs.putExisting = "silent";
    expect((await attach(internal)).report.error).toMatchObject({ code: "NotApplied" });
  });
});

describe("T3: whether the name leads to the scoring endpoint", () => {
  async function attachedWith(resolution: Resolution | undefined, world = World.simple()) {
    const stage = scene(world);
    const asked: string[] = [];
    const action = attachWith(
      attachAksWith(async (name) => {
        asked.push(name);
        return resolution;
      }),
    );
    const { clientId, secret } = world.application;
    const environment = {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
    };
    const host = memoryHost({ inputs: { ...plainInputs(world, stage.emulator), ...own }, environment });
    await virtually(() => run(action, host, stage.client));
    return { asked, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
  }

  test("is told after the attach, with the record to make", async () => {
    const { asked, host, report } = await attachedWith({ is: "no-such-name" });
    expect(host.said.errors).toEqual([]);
    expect(asked).toEqual([pair.cname]);
    const record = `Make the DNS record \`${pair.cname}. A ${host.said.outputs["scoring-ip"]}\`.`;
    expect(report.findings).toMatchObject([{ id: "aks-dns", severity: "warning", remedy: record }]);
    expect(host.said.outputs["findings"]).toContain("aks-dns");
  });

  test("is told in a run that changes nothing, too", async () => {
    const world = World.simple();
    await attachedWith({ is: "no-such-name" }, world);
    const { report } = await attachedWith({ is: "addresses", addresses: ["203.0.113.9"] }, world);
    expect(report.verdict).toBe("unchanged");
    expect(ids({ report })).toEqual(["warning aks-dns", "info aks-certificate-unseen"]);
  });
});

describe("everything that is wrong is told in one run", () => {
  const wrong = {
    ...aks,
    "cluster-purpose": "Prod",
    "load-balancer-type": "Private",
    "load-balancer-subnet": "a/b",
    "ssl-cert-pem": "missing.pem",
    "ssl-key-pem": "lost.pem",
    "ssl-cname": "*.contoso.com",
    "ssl-leaf-domain-label": "9",
    namespace: "team-a",
    "on-difference": "merge",
    "dry-run": "maybe",
  };

  async function broken(inputs: Record<string, string>) {
    const stage = scene();
    const { world } = stage;
    const at = (...path: string[]) => ["properties", ...path];
    await stage.attach({ ...aks, "compute-name": "old" });
    change(world, aksId(world), at("powerState", "code"), "Stopped");
    change(world, aksId(world), at("disableLocalAccounts"), true);
    change(world, aksId(world), at("currentKubernetesVersion"), "1.19.1");
    change(world, aksId(world), at("apiServerAccessProfile"), {
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: true,
    });
    const before = stage.written().length;
    const run = await stage.attach(inputs);
    return { ...stage, ...run, writtenNow: stage.written().length - before };
  }

  test("ten inputs and five preconditions, in two groups, and nothing is written", async () => {
    const { report, host, writtenNow, exit } = await broken(wrong);
    expect(exit).toBe(1);
    const inputs = new Set(report.error?.details.map((line) => line.split(":")[0]));
    expect([...inputs].filter((name) => name && name in wrong)).toHaveLength(10);
    const errors = report.findings.filter(({ severity }) => severity === "error");
    expect(errors.map(({ id }) => id).sort()).toEqual([
      "aks-attached-twice",
      "aks-local-accounts",
      "aks-private-public-fqdn",
      "aks-version",
      "cluster-running",
    ]);
    expect(report).toMatchObject({ verdict: "failed", changed: false, error: { code: "InvalidInput" } });
    expect(report.error?.message).toMatch(/^10 inputs are wrong\. 5 preflight rules fail\. /);
    for (const { seen } of errors) expect(host.said.errors[0]?.message).toContain(seen);
    expect(report).not.toHaveProperty("plan");
    expect(writtenNow).toBe(0);
  });

  test.each([
    ["a name is wrong as well", { "compute-name": "9" }],
    ["the cluster is of the wrong kind", { "cluster-resource-id": "arc" }],
    ["rules are off", { preflight: "off" }],
  ])("where %s nobody is asked", async (_title, more) => {
    const { world, attach, requests } = scene();
    const given = Object.entries(more).map(([name, value]) => [name, value === "arc" ? arcId(world) : value]);
    const { report } = await attach({ ...wrong, ...Object.fromEntries(given) });
    expect(report.error?.code).toBe("InvalidInput");
    expect(requests()).toEqual([]);
  });

  test("where the look is refused, the inputs are told all the same", async () => {
    const { world, attach } = scene();
    world.revoke(world.application.clientId);
    const { report } = await attach(wrong);
    expect(report.error).toMatchObject({ code: "InvalidInput" });
    expect(report.findings).toEqual([]);
  });
});

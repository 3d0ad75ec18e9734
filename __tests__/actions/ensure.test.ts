import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { after } from "../../src/actions/after.ts";
import { ensureOn, withoutExtension } from "../support/ensuring.ts";
import { hostOf } from "../support/own-host.ts";
import { aksId, arcId, type Run, scene, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { computeId, computeState, forbid } from "../support/world-facts.ts";

const training = { workloads: "training" };
const extensionId = (world: World, clusterId = aksId(world)) =>
  `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
const newId = (world: World) => aksId(world).replace(/aks1$/, "new1");
const steps = ({ report }: Run) => report.steps.map(({ kind, result }) => `${kind} ${result}`);
const stages = ({ report }: Run) => report.plan?.steps.map(({ stage }) => stage);
const errorsOf = ({ exit, host }: Run) => ({ exit, errors: host.said.errors });
const well = { exit: 0, errors: [] };

describe("one compute", () => {
  test("deploys, attaches and verifies, by one plan that is shown before the first write (design 2)", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure(training);
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)).toEqual(["create-extension done", "create-compute done", "verify-extension done"]);
    expect(stages(run)).toEqual(["deploy-extension", "attach", "verify-extension"]);
    expect(run.host.said.outputs).toMatchObject({
      changed: "true",
      verdict: "pass",
      state: "Succeeded",
      "compute-name": "gpu",
      "cluster-name": "aks1",
      "extension-version": "1.1.84",
    });
    expect(stage.written().filter((line) => line.startsWith("PUT"))).toEqual([
      `PUT ${extensionId(stage.world)} 201`,
      `PUT ${computeId(stage.world)} 201`,
    ]);
    const log = run.host.said.log.join("\n");
    expect(log.indexOf("3. verify-extension: ")).toBeGreaterThan(log.indexOf("2. attach: attach cluster"));
    expect(log.indexOf("3. verify-extension: ")).toBeLessThan(
      log.indexOf('install extension "azureml" in cluster "aks1" …'),
    );
    expect(stage.world.violations).toEqual([]);
  });

  test("the second run changes nothing, and asks Resource Manager each thing once", async () => {
    const stage = scene(withoutExtension());
    await stage.ensure(training);
    const before = stage.requests().length;
    const run = await stage.ensure(training);
    expect(errorsOf(run)).toEqual(well);
    expect({ verdict: run.report.verdict, changed: run.report.changed }).toEqual({
      verdict: "unchanged",
      changed: false,
    });
    expect(steps(run)).toEqual(["verify-extension done"]);
    const asked = stage.requests().slice(before);
    expect(asked).toHaveLength(9);
    expect(new Set(asked).size).toBe(9);
    expect(asked.filter((line) => !line.startsWith("GET "))).toEqual([
      `POST ${aksId(stage.world)}/listClusterUserCredential 200`,
    ]);
  });

  test("a dry run shows the composed plan and writes nothing", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure({ ...training, "dry-run": "true" });
    expect(errorsOf(run)).toEqual(well);
    expect(run.report.verdict).toBe("planned");
    expect(steps(run)).toEqual([
      "create-extension not-started",
      "create-compute not-started",
      "verify-extension not-started",
    ]);
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
  });

  test("what only waits for an earlier stage is set aside by the name of its step", async () => {
    const run = await scene(withoutExtension()).ensure({ ...training, "dry-run": "true" });
    const aside = run.report.findings.filter(({ seen }) => seen.includes("Set aside"));
    expect(aside).toMatchObject([{ id: "extension-installed", severity: "info" }]);
    expect(aside[0]?.seen).toContain('this plan will install extension "azureml" in cluster "aks1"');
  });

  test("anything else stops it before the first write, that of an earlier stage too", async () => {
    const stage = scene(withoutExtension());
    forbid(stage.world, "Microsoft.MachineLearningServices/workspaces/computes/write");
    const run = await stage.ensure(training);
    expect(run.exit).toBe(1);
    expect(run.report.error?.code).toBe("PreflightFailed");
    expect(run.report.error?.message).toContain("computes/write");
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
    expect(steps(run)).toEqual([
      "create-extension not-started",
      "create-compute not-started",
      "verify-extension not-started",
    ]);
  });

  test("errors of all stages are told together", async () => {
    const stage = scene(withoutExtension());
    forbid(
      stage.world,
      "Microsoft.MachineLearningServices/workspaces/computes/write",
      "Microsoft.KubernetesConfiguration/extensions/write",
    );
    const { report } = await stage.ensure(training);
    expect(report.error?.message).toMatch(/^2 preflight rules fail/);
  });

  test("a compute with other settings stops it before the extension is touched", async () => {
    const stage = scene(withoutExtension());
    const properties = { resourceId: aksId(stage.world), properties: { namespace: "other" } };
    stage.world.addCompute(workspaceId(stage.world), { name: "gpu", properties });
    const { report } = await stage.ensure(training);
    expect(report.error).toMatchObject({ code: "Different" });
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
  });

  test("of an Arc cluster, with its Relay", async () => {
    const world = World.simple();
    const stage = scene(withoutExtension(world, arcId(world)));
    const run = await stage.ensure({ ...training, "cluster-resource-id": arcId(world) });
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)).toContain("create-extension done");
    expect(computeState(world)).toBe("Succeeded");
  });

  test("a gate that does not pass fails the run, unless it is only to judge", async () => {
    const stage = scene(withoutExtension());
    await stage.ensure(training);
    stage.world.breakCluster(aksId(stage.world), "image-pull");
    const failing = await stage.ensure({ ...training, "wait-for": "0s" });
    expect(failing.report).toMatchObject({
      error: { code: "VerificationFailed" },
      gate: { verdict: "fail" },
    });
    expect(failing.host.said.outputs).toMatchObject({ verdict: "fail", changed: "false" });
    const judging = await stage.ensure({ ...training, "wait-for": "0s", "fail-on": "never" });
    expect(judging.exit).toBe(0);
    expect(judging.host.said.outputs).toMatchObject({ verdict: "fail" });
  });

  test("as a legacy compute it needs no extension and gets no gate (A1)", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure({ "compute-type": "aks" });
    expect(errorsOf(run)).toEqual(well);
    expect(stages(run)).toEqual(["attach"]);
  });

  test("wait: false waits for all but the last write, and judges nothing", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure({ ...training, wait: "false" });
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)).toEqual(["create-extension done", "create-compute accepted"]);
    expect(run.report.verdict).toBe("accepted");
  });
});

describe("a cluster that is to be created", () => {
  const inputs = { ...training, "create-cluster": "true", "node-count": "3" };
  const named = (world: World) => ({ ...inputs, "cluster-resource-id": newId(world) });

  test("is created, gets the extension, is attached and verified, by the plan that was shown", async () => {
    const stage = scene();
    const run = await stage.ensure(named(stage.world));
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)).toEqual([
      "create-cluster done",
      "create-extension done",
      "create-compute done",
      "verify-extension done",
    ]);
    expect(run.report.kubernetesVersion).toBe("1.33.4");
    const again = await stage.ensure(named(stage.world));
    expect({ ...errorsOf(again), changed: again.report.changed }).toEqual({ ...well, changed: false });
    expect(stage.world.violations).toEqual([]);
  });

  test("is not created without being told", async () => {
    const stage = scene();
    const run = await stage.ensure({ ...named(stage.world), "create-cluster": "false" });
    expect(run.report.error?.code).toBe("ClusterNotFound");
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
  });

  test("may be as small as a compute of today needs: purposes are those of legacy computes (C3, C4)", async () => {
    const stage = scene();
    const small = { ...named(stage.world), "node-count": "1" };
    expect(errorsOf(await stage.ensure({ ...small, "dry-run": "true" }))).toEqual(well);
    const legacy = await stage.ensure({ ...small, workloads: "", "compute-type": "aks", "dry-run": "true" });
    expect(legacy.report.error?.message).toContain("FastProd");
  });

  test("is attached as a legacy compute where one is asked for", async () => {
    const stage = scene();
    const inputs = { ...named(stage.world), workloads: "", "compute-type": "aks" };
    const run = await stage.ensure(inputs);
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)).toEqual(["create-cluster done", "create-compute done"]);
  });

  test("needs a resource group that is there, and that is told before anything is written", async () => {
    const stage = scene();
    const elsewhere = newId(stage.world).replace("/rg1/", "/nowhere/");
    const run = await stage.ensure({ ...inputs, "cluster-resource-id": elsewhere });
    expect(run.exit).toBe(1);
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
  });

  test("named without an id is in the workspace's subscription", async () => {
    const stage = scene();
    const byName = { "cluster-resource-id": "", "cluster-name": "new1", "cluster-resource-group": "rg1" };
    const run = await stage.ensure({ ...inputs, ...byName, "dry-run": "true" });
    expect(errorsOf(run)).toEqual(well);
    expect(run.host.said.outputs["cluster-id"]).toBe(newId(stage.world));
  });

  test("what its settings break stops everything", async () => {
    const stage = scene();
    const run = await stage.ensure({ ...named(stage.world), "vm-size": "Standard_No_Such_Size" });
    expect(run.report.error?.code).toBe("PreflightFailed");
    expect(stage.written().filter((line) => !line.startsWith("POST"))).toEqual([]);
  });

  test("is waited for where another run creates it, and then goes on as shown", async () => {
    const stage = scene();
    await stage.create({ wait: "false", "node-count": "3" });
    const run = await stage.ensure(named(stage.world));
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)[0]).toBe("await-cluster done");
    expect(stage.written().filter((line) => line.startsWith(`PUT ${newId(stage.world)} `))).toHaveLength(1);
  });
});

describe("between plan and turn", () => {
  test("a plan that has become another one stops with the difference: PlanChanged", async () => {
    const stage = scene(withoutExtension());
    const run = await ensureOn(stage, { inputs: training }, (line) => {
      if (!line.startsWith("  Done and read back")) return;
      const properties = { resourceId: aksId(stage.world) };
      if (!stage.world.resource(computeId(stage.world)))
        stage.world.addCompute(workspaceId(stage.world), { name: "gpu", properties });
    });
    expect(run.report.error?.code).toBe("PlanChanged");
    expect(run.report.error?.details).toEqual([
      'shown, and no longer due: attach cluster "aks1" as compute "gpu"',
    ]);
    expect(steps(run)).toEqual([
      "create-extension done",
      "create-compute not-started",
      "verify-extension not-started",
    ]);
    expect(run.report).toMatchObject({ changed: true, verdict: "failed" });
    expect(errorsOf(await stage.ensure(training))).toEqual(well);
  });

  test("rules are judged again: what was set aside and did not come true stops it", async () => {
    const stage = scene(withoutExtension());
    const run = await ensureOn(stage, { inputs: training }, (line) => {
      if (line.startsWith("  Done and read back")) withoutExtension(stage.world);
    });
    expect(run.report.error?.code).toBe("PreflightFailed");
    expect(computeState(stage.world)).toBe("Absent");
  });

  test("a wait that is no longer due is no other plan", async () => {
    const stage = scene(withoutExtension());
    await stage.deploy({ ...training, wait: "false" });
    const run = await stage.ensure(training);
    expect(errorsOf(run)).toEqual(well);
    expect(steps(run)[0]).toBe("await-extension done");
  });
});

describe("cut off", () => {
  test.each([
    ["while the extension is installed", 5],
    ["while the compute is attached", 15],
  ])("%s, it says how it stands, and the next run goes on", async (_when, seconds) => {
    const stage = scene(withoutExtension());
    let begun = false;
    const run = await ensureOn(stage, { inputs: training }, (line, host) => {
      if (begun || !line.endsWith("…")) return;
      begun = true;
      setTimeout(() => host.cancel(), seconds * 1000);
    });
    expect(run.report).toMatchObject({ verdict: "cancelled", error: { code: "Cancelled" }, changed: true });
    expect(run.report.error?.remedy).toMatch(/same step again/);
    expect(run.host.said.state).toEqual({ "under-way": "ensure" });
    const next = await stage.ensure(training);
    expect(errorsOf(next)).toEqual(well);
    expect(stage.written().filter((line) => line.startsWith("PUT"))).toHaveLength(2);
  });

  test.each([2, 6, 10, 14, 18, 22])(
    "after %d s, whatever was under way, one more run ends it with three writes in all",
    async (seconds) => {
      const stage = scene();
      stage.world.knobs.managedClusterSeconds.create = 8;
      const inputs = { ...training, "create-cluster": "true", "cluster-resource-id": newId(stage.world) };
      await stage.ensure({ ...inputs, timeout: `${seconds}s` });
      expect(errorsOf(await stage.ensure(inputs))).toEqual(well);
      expect(stage.written().filter((line) => line.startsWith("PUT"))).toHaveLength(3);
      expect(stage.world.violations).toEqual([]);
    },
  );

  test("the post step tells where it stands and what the next run will do, and writes nothing", async () => {
    const stage = scene(withoutExtension());
    stage.world.knobs.stuck = true;
    const cut = await stage.ensure({ ...training, timeout: "3m" });
    expect(cut.report.error?.message).toMatch(/install extension .* last read there: Creating/);
    const host = hostOf(stage, { inputs: training, state: cut.host.said.state });
    const before = stage.written().length;
    await virtually(() => after(host, stage.client));
    const log = host.said.log.join("\n");
    expect(log).toContain("what the next ensure will do");
    expect(log).toContain("1. deploy-extension: wait for extension");
    expect(log).toContain("2. attach: attach cluster");
    expect(host.said.errors).toEqual([]);
    expect(
      stage
        .written()
        .slice(before)
        .filter((line) => !line.startsWith("POST")),
    ).toEqual([]);
  });

  test("a run that ended leaves nothing to be told", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure(training);
    expect(run.host.said.state).toEqual({ "under-way": "" });
  });

  test("by its time limit, while it waits for the verdict", async () => {
    const stage = scene(withoutExtension());
    stage.world.knobs.stuck = true;
    const run = await stage.ensure({ ...training, timeout: "5m" });
    expect(run.report.error?.code).toBe("Timeout");
    expect(run.host.said.state).toEqual({ "under-way": "ensure" });
  });
});

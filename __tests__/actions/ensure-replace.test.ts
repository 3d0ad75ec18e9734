import { describe, expect, test } from "@jest/globals";
import { textAt } from "../../emulator/json.ts";
import { after } from "../../src/actions/after.ts";
import type { MemoryHost } from "../../src/host/memory.ts";
import { byFile, ensureOn, fileOf, withoutExtension } from "../support/ensuring.ts";
import { hostOf } from "../support/own-host.ts";
import { scene } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { virtually } from "../support/virtual-time.ts";
import { computeId } from "../support/world-facts.ts";
import { legacyScene, pair } from "./update-scenes.ts";

const other = await tlsPair();
const inputs = {
  "on-difference": "replace",
  "ssl-cert-pem": other.certificate,
  "ssl-key-pem": other.key,
  "ssl-cname": other.cname,
};
/** As the compute is already. */
const asItIs = {
  ...inputs,
  "ssl-cert-pem": pair.certificate,
  "ssl-key-pem": pair.key,
  "ssl-cname": pair.cname,
};
const attaching = /^PUT .*computes\/gpu$/;
const resumeCommand = /azureml-clusters update-components --subscription-id .* --compute-name gpu/;

const clean = legacyScene();
const whole = await clean.ensure(inputs);
const wanted = clean.state();
const nthOf = (pattern: RegExp) => whole.requests.findIndex((line) => pattern.test(line)) + 1;

/** An `ensure` that has died after the detach. */
async function detached() {
  const s = legacyScene();
  await s.ensure(inputs, { nth: nthOf(attaching), after: false });
  expect(s.state()).toMatchObject({ state: "Absent", journal: true });
  // The lease of the dead run runs out.
  s.world.clock.advance(120_000);
  return s;
}

describe("ensure with on-difference: replace, of a legacy compute (A6)", () => {
  test("is one step with a journal, and the second time there is nothing to do", async () => {
    expect(whole.report.error).toBeUndefined();
    expect(whole.report.steps.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      "hold-lease done",
      "write-journal done",
      "detach-compute done",
      "clean-leftovers done",
      "create-compute done",
      "verify-compute done",
      "delete-journal done",
    ]);
    expect(wanted).toMatchObject({ state: "Succeeded", journal: false, lease: false, tag: undefined });
    const again = await clean.ensure(inputs);
    expect(again.report).toMatchObject({ verdict: "unchanged", changed: false });
  });

  test.each(["ensure", "attach"] as const)(
    "dies after the detach: the next `%s` puts it right",
    async (how) => {
      const s = await detached();
      const { report } = await s[how](inputs);
      expect(report.error).toBeUndefined();
      expect(report).toMatchObject({ state: "Succeeded", verdict: "done", changed: true });
      expect(s.state()).toEqual(wanted);
    },
  );

  test("dies after the detach: the next `update-components` puts it right, by the names alone", async () => {
    const s = await detached();
    const { report } = await s.update();
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(wanted);
  });

  test("without the right to tag it finds its journal in the cluster that it names", async () => {
    const s = legacyScene();
    s.denyTags();
    await s.ensure(inputs, { nth: nthOf(attaching), after: false });
    s.world.clock.advance(120_000);
    expect(s.state()).toMatchObject({ state: "Absent", journal: true, tag: undefined });
    const { report } = await s.ensure(inputs);
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(wanted);
  });

  test("declared anew meanwhile: what was begun is finished, and what follows is shown and done", async () => {
    const s = await detached();
    const { report, host } = await s.ensure(asItIs);
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(legacyScene().state());
    const log = host.said.log.join("\n");
    expect(log.lastIndexOf("\nPlan:")).toBeGreaterThan(log.indexOf("delete the journal and its tag …"));
  });

  test("`if-locked: fail` leaves at once and names the holder; `resume: discard` throws away what is left", async () => {
    const s = legacyScene();
    s.onRequest(1, () => s.holdLease("other-run", 0));
    const { report } = await s.ensure({ ...inputs, "if-locked": "fail" });
    expect(report.error?.code).toBe("LeaseHeld");
    const left = await detached();
    await left.ensure({ ...inputs, resume: "discard" });
    expect(left.state()).toMatchObject({ state: "Absent", journal: false, lease: false, tag: undefined });
  });
});

describe("ensure that ends with the compute detached says so, with the command that finishes it", () => {
  test("by its time limit", async () => {
    const s = legacyScene();
    const { report } = await s.ensure({ ...inputs, timeout: "5m" }, { nth: nthOf(attaching), after: false });
    expect(report.error).toMatchObject({ code: "Timeout" });
    expect(report.error?.message).toMatch(/is not attached again yet\. Its settings, certificate and key/);
    expect(report.error?.remedy).toMatch(resumeCommand);
  });

  test("where it can't go on with what an earlier run has left", async () => {
    const s = await detached();
    s.world.kubernetesDeny(s.clusterId, { verb: "update", resource: "secrets" });
    const { report } = await s.ensure(inputs);
    expect(report.error?.code).toBe("ClusterRightsMissing");
    expect(report.error?.message).toContain("is detached");
    expect(report.error?.remedy).toMatch(resumeCommand);
  });

  test("where Azure refuses the attach", async () => {
    const s = legacyScene();
    s.world.knobs.createOutcome = { status: "Failed", error: { code: "BadArgument", message: "no room" } };
    const { report } = await s.ensure(inputs);
    expect(report.error?.code).toBe("ComputeFailed");
    expect(report.error?.message.match(/is not attached again yet/g)).toHaveLength(1);
    expect(report.error?.remedy).toMatch(resumeCommand);
  });

  test.each([
    ["detaching", /^DELETE .*computes\/gpu$/, /may be detached by now/],
    ["detached", /^DELETE .*services\/azureml-fe$/, /is detached/],
    ["attaching", attaching, /is not attached again yet/],
    ["verifying", /^DELETE .*azureml-clusters\.journal/, /is attached again, but that was not verified/],
  ])("cancelled in phase %s, with the lease released", async (_phase, at, said) => {
    const s = legacyScene();
    const { host, report } = await s.ensure(inputs, undefined, (one) => s.cancelAt(at, one));
    expect(report.error?.code).toBe("Cancelled");
    expect(report.error?.message).toMatch(said);
    expect(report.error?.remedy).toMatch(resumeCommand);
    expect(host.said.state).toMatchObject({ "under-way": "ensure" });
    expect(s.state()).toMatchObject({ journal: true, lease: false });
  });

  test("cancelled, also where the API server does not let the lease go", async () => {
    const s = legacyScene();
    s.world.faults.push({ kind: "hang", match: { method: "DELETE", url: "/leases/" } });
    const { report } = await s.ensure(inputs, undefined, (one) => s.cancelAt(attaching, one));
    expect(report.error?.code).toBe("Cancelled");
    expect(report.error?.message).toMatch(/is not attached again yet/);
    expect(s.state()).toMatchObject({ state: "Absent", journal: true, lease: true });
  });
});

describe("the post step of ensure", () => {
  const cut = (s: ReturnType<typeof legacyScene>) => (host: MemoryHost) => s.cancelAt(attaching, host);
  const inputsOf = (s: ReturnType<typeof legacyScene>) => ({
    ...inputs,
    "compute-type": "aks",
    "cluster-resource-id": s.clusterId,
  });

  test("attaches a compute that was left detached", async () => {
    const s = legacyScene();
    const { host } = await s.ensure(inputs, undefined, cut(s));
    expect(s.state()).toMatchObject({ state: "Absent", journal: true });
    await s.postStep(host, after, inputsOf(s));
    expect(s.state()).toEqual(wanted);
  });

  test("detaches nothing that is attached still", async () => {
    const s = legacyScene();
    const before = s.state();
    const { host } = await s.ensure(inputs, undefined, (one) => s.cancelAt(/tags\/default$/, one));
    await s.postStep(host, after, inputsOf(s));
    expect(s.state()).toMatchObject({ state: "Succeeded", certificate: before.certificate });
  });
});

describe("of several computes that are replaced", () => {
  const computes = [
    { "compute-name": "gpu", "cluster-name": "aks1" },
    { "compute-name": "cpu", "cluster-name": "aks2" },
  ];
  const files = {
    "computes.yml": fileOf(computes, {
      defaults: {
        "cluster-resource-group": "rg1",
        workloads: ["training"],
        namespace: "team-b",
        "on-difference": "replace",
      },
    }),
  };

  test("the error tells of each that is left detached, and the post step attaches them all", async () => {
    const stage = scene(withoutExtension());
    const { world } = stage;
    world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
    const bodyOf = (name: string) => world.resource(computeId(world, name))?.body;
    const stateOf = (name: string) => textAt(bodyOf(name) ?? null, "properties", "provisioningState");
    await stage.ensure(byFile, { files: { "computes.yml": fileOf(computes) } });
    const attaching = new Set<string>();
    const run = await ensureOn(stage, { inputs: byFile, files }, (line, host) => {
      const name = /attach compute "(.*)" again …$/.exec(line)?.[1];
      if (name) attaching.add(name);
      if (attaching.size === 2) host.cancel();
    });
    expect(run.report.error).toMatchObject({ code: "Cancelled" });
    for (const name of ["gpu", "cpu"]) {
      expect(run.report.error?.message).toMatch(new RegExp(`compute "${name}" is (detached|not attached)`));
      expect(run.report.error?.remedy).toContain(`--compute-name ${name}`);
      expect(stateOf(name)).not.toBe("Succeeded");
    }
    const post = hostOf(stage, { inputs: byFile, files, state: run.host.said.state });
    await virtually(() => after(post, stage.client));
    for (const name of ["gpu", "cpu"]) {
      expect(bodyOf(name)).toMatchObject({
        properties: { provisioningState: "Succeeded", properties: { namespace: "team-b" } },
      });
    }
  });
});

import { describe, expect, test } from "@jest/globals";
import { cancelledRun, hostOf, runOn } from "../support/own-host.ts";
import { aksId, scene, workspaceId } from "../support/scene.ts";
import { computeState, countCreates, endOperation } from "../support/world-facts.ts";

/** A scene in which operations never end, with a compute where the action is detach. */
function stuckScene(action: "attach" | "detach") {
  const stage = scene();
  stage.world.knobs.stuck = true;
  if (action === "detach") {
    const properties = { resourceId: aksId(stage.world) };
    stage.world.addCompute(workspaceId(stage.world), { name: "gpu", properties });
  }
  return stage;
}

const working = { attach: "Creating", detach: "Deleting" } as const;
const ended = { attach: "Succeeded", detach: "Absent" } as const;

describe.each(["attach", "detach"] as const)("%s whose operation never ends", (action) => {
  test("fails when the time limit is over, and says how to go on (design 4, peers 1.4)", async () => {
    const stage = stuckScene(action);
    const { exit, host, report } = await stage[action]({ timeout: "20m" });
    expect({ exit, code: report.error?.code, verdict: report.verdict }).toEqual({
      exit: 1,
      code: "Timeout",
      verdict: "failed",
    });
    expect(report.error?.message).toContain("20 min");
    expect(report.error?.message).toContain(working[action]);
    expect(report.error?.remedy).toMatch(/same step again/);
    expect(host.said.errors).toHaveLength(1);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: working[action] });
    expect(report.steps).toMatchObject([{ result: "failed" }]);
    expect(report.milliseconds).toBeGreaterThanOrEqual(20 * 60_000);
    expect(report.milliseconds).toBeLessThan(20 * 60_000 + 5_000);
  });

  test("is picked up by the next run without a second write (L3, peers 2.5)", async () => {
    const stage = stuckScene(action);
    await stage[action]({ timeout: "5m" });
    const host = hostOf(stage);
    const next = await runOn(
      host,
      stage,
      action,
      () => void setTimeout(() => endOperation(stage.world), 60_000),
    );
    expect({ exit: next.exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: ended[action] });
    expect(computeState(stage.world)).toBe(ended[action]);
    expect(stage.written()).toHaveLength(1);
  });

  test("ends soon after the pipeline cancels, and says how to go on (design 4)", async () => {
    const stage = stuckScene(action);
    const { exit, host, report } = await cancelledRun(stage, action, 90);
    expect({ exit, code: report.error?.code, verdict: report.verdict }).toEqual({
      exit: 1,
      code: "Cancelled",
      verdict: "cancelled",
    });
    expect(report.milliseconds).toBeLessThan(90_000 + 4_000);
    expect(report.error?.remedy).toMatch(/same step again/);
    expect(host.said.errors).toHaveLength(1);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: working[action] });
  });

  test("is picked up after a cancellation as well (L3, design 4)", async () => {
    const stage = stuckScene(action);
    await cancelledRun(stage, action, 30);
    endOperation(stage.world);
    const { exit, host } = await stage[action]();
    expect({ exit, state: host.said.outputs["state"] }).toEqual({ exit: 0, state: ended[action] });
    expect(stage.written()).toHaveLength(1);
  });

  test("and that began in another run fails when the time limit is over, as nothing of ours (L4)", async () => {
    const stage = stuckScene(action);
    await stage[action]({ wait: "false" });
    const { exit, host, report } = await stage[action]({ timeout: "5m" });
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "Timeout" });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: working[action] });
    expect(stage.written()).toHaveLength(1);
  });
});

describe.each(["attach", "detach"] as const)("%s that ends before its write", (action) => {
  test.each([
    ["the sign-in", "oauth2"],
    ["the metadata", "metadata"],
    ["a read", "workspaces/ws1\\?"],
  ])("in %s that hangs is cancelled at once; nothing was written (design 4)", async (_what, url) => {
    const stage = scene();
    stage.world.faults.push({ match: { url }, kind: "hang", count: 1_000_000 });
    const { exit, report } = await cancelledRun(stage, action, 10);
    expect({ exit, code: report.error?.code, written: stage.written() }).toEqual({
      exit: 1,
      code: "Cancelled",
      written: [],
    });
    expect(report.milliseconds).toBeLessThan(14_000);
    expect(report.error?.message).toContain("Nothing was written");
    expect(report.state).toBe("Unknown");
  });

  test("since it was cancelled before it began (design 4)", async () => {
    const stage = scene();
    const host = hostOf(stage);
    host.cancel();
    const { exit, report } = await runOn(host, stage, action);
    expect({ exit, code: report.error?.code, exchanges: stage.written() }).toEqual({
      exit: 1,
      code: "Cancelled",
      exchanges: [],
    });
  });
});

describe.each([
  ["attach", "PUT"],
  ["detach", "DELETE"],
] as const)("%s that ends while its write is on the way", (action, method) => {
  /** The write takes effect and its answer never comes. */
  function silentScene() {
    const stage = stuckScene(action);
    stage.world.faults.push({ match: { method }, kind: "hang", phase: "after", count: 1_000_000 });
    return stage;
  }

  test.each([
    ["by a cancellation", "30m", 10],
    ["by its time limit", "20s", 3600],
  ])("%s does not say that nothing was written (design 4)", async (_how, timeout, seconds) => {
    const stage = silentScene();
    const { exit, host, report } = await cancelledRun(stage, action, seconds, { inputs: { timeout } });
    expect(exit).toBe(1);
    expect(computeState(stage.world)).toBe(working[action]);
    expect(report.error?.message).not.toContain("Nothing was written");
    expect(["Unknown", working[action]]).toContain(host.said.outputs["state"]);
    expect(report.error?.remedy).toMatch(/same step again/);
  });

  test("is picked up by the next run without a second effect (L3)", async () => {
    const stage = silentScene();
    const creates = countCreates(stage.world);
    await cancelledRun(stage, action, 10);
    stage.world.faults.length = 0;
    endOperation(stage.world);
    const { exit, host } = await stage[action]();
    expect({ exit, state: host.said.outputs["state"], creates: creates() }).toEqual({
      exit: 0,
      state: ended[action],
      creates: action === "attach" ? 1 : 0,
    });
    expect(stage.written()).toHaveLength(1);
  });
});

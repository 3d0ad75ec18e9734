import { describe, expect, test } from "@jest/globals";
import { after } from "../../src/actions/after.ts";
import { memoryHost } from "../../src/host/memory.ts";
import {
  addFailed,
  bareScene,
  changes,
  countCreates,
  deployBeside,
  done,
  ending,
  endOperation,
  extensionId,
  http,
  https,
  onArc,
  otherPem,
  type Stage,
  stateOf,
  training,
  untouched,
} from "../actions/deploy-scenes.ts";
import { aksId, arcId, clusterInputs } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";

/** A scene in which operations never end, with an extension where there is something to update or delete. */
async function stuckScene(work: keyof typeof works): Promise<Stage> {
  const stage = bareScene();
  if (work === "update") expect((await stage.deploy(https())).exit).toBe(0);
  if (work === "recreate") addFailed(stage.world);
  stage.world.exchanges.length = 0;
  stage.world.knobs.stuck = true;
  return stage;
}

/** What there is to do, and the state while Azure is at it. */
const works = {
  create: { inputs: http, state: "Creating", method: "PUT" },
  update: { inputs: https(otherPem), state: "Updating", method: "PATCH" },
  recreate: { inputs: { ...http, "on-failed": "recreate" }, state: "Deleting", method: "DELETE" },
} as const;
const names = ["create", "update", "recreate"] as const;

/** A run that the pipeline cancels after so many seconds. */
const cancelled = (stage: Stage, inputs: Record<string, string>, seconds: number) =>
  deployBeside(stage, inputs, (host) => void setTimeout(() => host.cancel(), seconds * 1000));

describe.each(names)("%s whose operation never ends", (work) => {
  const { inputs, state } = works[work];

  test("fails when the time limit is over, and says how to go on (design 4)", async () => {
    const stage = await stuckScene(work);
    const run = await stage.deploy({ ...inputs, timeout: "20m" });
    expect(ending(run)).toEqual({ exit: 1, changed: "true", state, code: "Timeout" });
    expect(run.report.error?.message).toContain("20 min");
    expect(run.report.error?.message).toContain(`was ${state} when last read`);
    expect(run.report.error?.remedy).toMatch(/same step again/);
    expect(run.host.said.errors).toHaveLength(1);
    expect(run.report.steps[0]).toMatchObject({ result: "failed" });
    expect(run.report.milliseconds).toBeGreaterThanOrEqual(20 * 60_000);
    expect(run.report.milliseconds).toBeLessThan(20 * 60_000 + 5_000);
  });

  test("ends soon after the pipeline cancels, and says how to go on (design 4)", async () => {
    const stage = await stuckScene(work);
    const run = await cancelled(stage, inputs, 90);
    expect(ending(run)).toEqual({ exit: 1, changed: "true", state, code: "Cancelled" });
    expect(run.report.verdict).toBe("cancelled");
    expect(run.report.milliseconds).toBeLessThan(94_000);
    expect(run.report.error?.remedy).toMatch(/same step again/);
  });

  test("is picked up by the next run without a second write", async () => {
    const stage = await stuckScene(work);
    const creates = countCreates(stage.world);
    await cancelled(stage, inputs, 60);
    stage.world.knobs.stuck = false;
    endOperation(stage.world);
    const next = await stage.deploy(inputs);
    expect(next.host.said.errors).toEqual([]);
    expect(ending(next)).toEqual(work === "recreate" ? done : untouched);
    expect(creates()).toBe(work === "update" ? 0 : 1);
    expect(changes(stage).map((line) => line.split(" ")[0])).toEqual(
      work === "recreate" ? ["DELETE", "PUT"] : [works[work].method],
    );
  });

  test("leaves a state by which the post step tells where it stands, and writes nothing", async () => {
    const stage = await stuckScene(work);
    const cut = await cancelled(stage, inputs, 30);
    const writes = changes(stage).length;
    const { clientId, secret } = stage.world.application;
    const host = memoryHost({
      inputs: { ...clusterInputs(stage.world, stage.emulator), ...inputs },
      state: cut.host.said.state,
      environment: {
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: secret,
        AZURE_TENANT_ID: stage.world.tenantId,
      },
    });
    await virtually(() => after(host, stage.client));
    expect(host.said.log.join("\n")).toContain("deploy-extension");
    expect(host.said.log.at(-1)).toContain(state);
    expect(host.said.errors).toEqual([]);
    expect(changes(stage)).toHaveLength(writes);
  });
});

describe.each(names)("%s whose write's answer never comes", (work) => {
  const { inputs, method, state } = works[work];

  async function silentScene() {
    const stage = await stuckScene(work);
    stage.world.faults.push({ match: { method }, kind: "hang", phase: "after", count: 1_000_000 });
    return stage;
  }

  test.each([
    ["by a cancellation", "30m", 10],
    ["by its time limit", "20s", 3600],
  ])("and that ends %s does not say that nothing was written (design 4)", async (_how, timeout, seconds) => {
    const stage = await silentScene();
    const run = await cancelled(stage, { ...inputs, timeout }, seconds);
    expect(run.exit).toBe(1);
    expect(stateOf(stage.world)).toBe(state);
    expect(run.report.error?.message).not.toContain("Nothing was written");
    expect(["Unknown", state]).toContain(run.host.said.outputs["state"]);
  });

  test("is found by reading: no second write", async () => {
    const stage = await silentScene();
    stage.world.knobs.stuck = false;
    const creates = countCreates(stage.world);
    const run = await stage.deploy(inputs);
    // The PUT of a recreate follows its DELETE.
    expect({ ...ending(run), creates: creates() }).toEqual({
      ...done,
      creates: work === "update" ? 0 : 1,
    });
    expect(changes(stage).filter((line) => line.startsWith(method))).toHaveLength(1);
  });
});

describe("a run that ends before its first write", () => {
  test.each([
    ["the sign-in", "oauth2"],
    ["the metadata", "metadata"],
    ["the cluster", "managedClusters/aks1\\?"],
    ["the versions", "extensionTypes"],
    ["the cluster's API", "selfsubjectrulesreviews"],
    ["the nodes", "api/v1/nodes"],
  ])("in %s that hangs is cancelled at once; nothing was written (design 4)", async (_what, url) => {
    const stage = bareScene();
    stage.world.faults.push({ match: { url }, kind: "hang", count: 1_000_000 });
    const run = await cancelled(stage, http, 10);
    expect(ending(run)).toEqual({ exit: 1, changed: "false", state: "Unknown", code: "Cancelled" });
    expect(run.report.milliseconds).toBeLessThan(14_000);
    expect(run.report.error?.message).toContain("Nothing was written");
    expect(changes(stage)).toEqual([]);
  });
});

test("a run that is cut off while the Relay is made does not speak of the extension as of one that goes on", async () => {
  const stage = bareScene();
  stage.world.knobs.relaySeconds = 3600;
  const run = await cancelled(stage, { ...training, ...onArc(stage.world) }, 60);
  expect(ending(run)).toMatchObject({ exit: 1, changed: "true", code: "Cancelled" });
  expect(["Absent", "Unknown"]).toContain(run.host.said.outputs["state"]);
  expect(run.report.error?.message).not.toMatch(/extension was \w+ when last read, and Azure goes on/);
  expect(stateOf(stage.world, extensionId(arcId(stage.world)))).toBe("Absent");
});

test("a run that is cut off while the namespace goes says so, and the next one makes the extension", async () => {
  const stage = bareScene();
  addFailed(stage.world);
  stage.world.knobs.namespaceGoneSeconds = 900;
  const inputs = { ...http, "on-failed": "recreate" };
  const run = await cancelled(stage, inputs, 120);
  expect(ending(run)).toEqual({ exit: 1, changed: "true", state: "Absent", code: "Cancelled" });
  expect(run.report.error?.message).not.toContain("Azure goes on with it");
  const next = await stage.deploy(inputs);
  expect({ ...ending(next), errors: next.host.said.errors }).toEqual({ ...done, errors: [] });
  expect(stateOf(stage.world, extensionId(aksId(stage.world)))).toBe("Succeeded");
});

import { describe, expect, test } from "@jest/globals";
import { after } from "../../src/actions/after.ts";
import { createCluster } from "../../src/actions/create-cluster.ts";
import { run } from "../../src/actions/run.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { creationInputs, scene } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { creations, type Way } from "./create-matrix.ts";

type Stage = ReturnType<typeof scene>;

const ways = Object.keys(creations) as Way[];

/** A scene in which the operation that creates never ends. */
function stuckScene(): Stage {
  const stage = scene();
  stage.world.knobs.stuck = true;
  return stage;
}

/** A host with the inputs of a creation. */
function hostOf(
  { world, emulator }: Stage,
  way: Way,
  more: Parameters<typeof memoryHost>[0] = {},
): MemoryHost {
  const { clientId, secret } = world.application;
  return memoryHost({
    ...more,
    inputs: { ...creationInputs(world, emulator), ...creations[way].inputs, ...more.inputs },
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
    },
  });
}

/** Creates on that host; the pipeline cancels after so many seconds, where there are any. */
async function createOn(host: MemoryHost, { client }: Stage, cancelAfter?: number) {
  const exit = await virtually(() => {
    const going = run(createCluster, host, client);
    if (cancelAfter !== undefined) setTimeout(() => host.cancel(), cancelAfter * 1000);
    return going;
  });
  return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
}

const cancelled = (stage: Stage, way: Way, seconds: number) => createOn(hostOf(stage, way), stage, seconds);

/** Lets the operation that is stuck end now. */
function endOperation({ world }: Stage, way: Way): void {
  world.knobs.stuck = false;
  const operation = world.operations.running(creations[way].idOf(world));
  if (!operation) throw new Error("no operation is running");
  operation.endsAt = world.clock.now();
  operation.appliesAt = operation.endsAt;
}

describe.each(ways)("C7: a creation %s that never ends", (way) => {
  test("fails when the time limit is over, and says how to go on", async () => {
    const stage = stuckScene();
    const { exit, host, report } = await createOn(hostOf(stage, way, { inputs: { timeout: "20m" } }), stage);
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "Timeout" });
    expect(report.error?.message).toContain("was Creating when last read");
    expect(report.error?.remedy).toMatch(/same step again/);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Creating" });
    expect(host.said.errors).toHaveLength(1);
  });

  test("is left within 5 s of a cancellation, and taken up by the next run without a second write", async () => {
    const stage = stuckScene();
    const cut = await cancelled(stage, way, 90);
    expect({ exit: cut.exit, verdict: cut.report.verdict }).toEqual({ exit: 1, verdict: "cancelled" });
    expect(cut.report.milliseconds).toBeLessThan(95_000);
    expect(cut.report.error?.remedy).toMatch(/same step again/);
    expect(cut.host.said.outputs).toMatchObject({ changed: "true", state: "Creating" });
    endOperation(stage, way);
    const next = await createOn(hostOf(stage, way), stage);
    expect(next.host.said.errors).toEqual([]);
    expect(next.report).toMatchObject({ verdict: "unchanged", changed: false, state: "Succeeded" });
    expect(next.host.said.outputs["cluster-id"]).toContain("/managedClusters/");
    expect(stage.written()).toHaveLength(1);
  });

  test("is told of by the post step, which writes nothing", async () => {
    const stage = stuckScene();
    const cut = await cancelled(stage, way, 30);
    const host = hostOf(stage, way, { state: cut.host.said.state });
    await virtually(() => after(host, stage.client));
    expect(host.said.log.join("\n")).toContain("what the next create-cluster will do");
    expect(host.said.log.join("\n")).toMatch(/wait for .*(AKS cluster "new1"|compute "scoring")/);
    expect(host.said.log.at(-1)).toContain("Creating");
    expect(host.said.errors).toEqual([]);
    expect(stage.written()).toHaveLength(1);
  });

  test("whose answer never comes does not say that nothing was written, and is taken up", async () => {
    const stage = stuckScene();
    stage.world.faults.push({ match: { method: "PUT" }, kind: "hang", phase: "after", count: 1_000_000 });
    const cut = await cancelled(stage, way, 10);
    expect(cut.report.error?.message).not.toContain("Nothing was written");
    stage.world.faults.length = 0;
    endOperation(stage, way);
    const next = await createOn(hostOf(stage, way), stage);
    expect({ exit: next.exit, state: next.report.state }).toEqual({ exit: 0, state: "Succeeded" });
    expect(stage.written()).toHaveLength(1);
  });
});

test.each(ways)("C7: a creation %s that is cancelled before its write has written nothing", async (way) => {
  const stage = scene();
  stage.world.faults.push({ match: { url: "kubernetesVersions" }, kind: "hang", count: 1_000_000 });
  const { exit, report } = await cancelled(stage, way, 10);
  expect({ exit, code: report.error?.code, written: stage.written() }).toEqual({
    exit: 1,
    code: "Cancelled",
    written: [],
  });
  expect(report.error?.message).toContain("Nothing was written");
});

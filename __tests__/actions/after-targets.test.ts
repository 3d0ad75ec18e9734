import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { journalNamespace, leaseName } from "../../src/model/journal.ts";
import { type Run, scene } from "../support/scene.ts";

const hour = 3_600;

/** A fleet of computes that are attached again, and whose detach takes an hour. */
function reattaching() {
  const stage = scene(World.fleet({ clusters: 3 }));
  const { world } = stage;
  const ids = world.fleet.map(({ workspaceId, computeName }) => `${workspaceId}/computes/${computeName}`);
  const inputs = { targets: JSON.stringify(ids), reattach: "always", verify: "false" };
  world.knobs.computeSeconds.detach = hour;
  return {
    ...stage,
    inputs,
    /** How many computes are there, journals and leases. */
    state: () => ({
      computes: ids.filter((id) => world.resource(id) !== undefined).length,
      ...inClusters(world),
    }),
    /** All that was begun comes to its end. */
    later: () => {
      world.knobs.computeSeconds.detach = 5;
      world.clock.advance(hour * 1000);
    },
  };
}

function inClusters(world: World) {
  const clusters = world.fleet.map(({ clusterId }) => world.kubernetes(clusterId));
  const journals = clusters.flatMap((cluster) =>
    cluster
      .all("Secret")
      .filter(({ metadata }) => JSON.stringify(metadata).includes("azureml-clusters.journal")),
  );
  const leases = clusters.filter((cluster) => cluster.get("Lease", journalNamespace, leaseName));
  return { journals: journals.length, leases: leases.length };
}

const well = { computes: 3, journals: 0, leases: 0 };
const told = ({ report }: Run) => report.targets?.map(({ verdict, error }) => error?.code ?? verdict);
const stateOf = ({ host }: Run) => host.said.state;

describe("the post step of a run over `targets` (issue 6)", () => {
  test("attaches those again that were left detached, and looks at no other", async () => {
    const stage = reattaching();
    const cut = await stage.updateAll({ ...stage.inputs, concurrency: "2", timeout: "10m" });
    expect([cut.report.error?.code, told(cut)]).toEqual(["Timeout", ["Timeout", "Timeout"]]);
    stage.later();
    expect(stage.state()).toEqual({ computes: 1, journals: 2, leases: 0 });
    const before = stage.requests().length;
    const post = await stage.afterAll(stage.inputs, { state: stateOf(cut) });
    expect(stage.state()).toEqual(well);
    expect(stage.requests().slice(before).join()).not.toContain("gpu0003");
    expect(post.host.said.errors).toEqual([]);
    expect(post.host.said.log.filter((line) => /^\[\d\/2\] ws1\/gpu000\d: done/.test(line))).toHaveLength(2);
    expect(stage.world.violations).toEqual([]);
  });

  test("tells of those that are not detached, and writes nothing", async () => {
    const stage = reattaching();
    stage.world.knobs.computeSeconds = { create: hour, detach: 5 };
    const cut = await stage.updateAll({ ...stage.inputs, timeout: "10m" });
    stage.later();
    expect(stage.state()).toEqual({ computes: 3, journals: 3, leases: 0 });
    const before = stage.written().length;
    const post = await stage.afterAll(stage.inputs, { state: stateOf(cut) });
    expect(post.host.said.log.filter((line) => /^\[\d\/3\] ws1\/gpu000\d: planned/.test(line))).toHaveLength(
      3,
    );
    const written = stage.written().slice(before);
    expect(written.filter((line) => !line.includes("listClusterUserCredential"))).toEqual([]);
    // The next run of the step does what it said.
    const next = await stage.updateAll({ ...stage.inputs, reattach: "auto" });
    expect([next.exit, stage.state()]).toEqual([0, well]);
  });

  test("has nothing to do where every target came to its end, also where one has failed", async () => {
    const stage = reattaching();
    stage.later();
    stage.world.knobs.createOutcome = { status: "Failed", error: { code: "Broken", message: "It is." } };
    const run = await stage.updateAll({ ...stage.inputs, "max-failures": "1", concurrency: "1" });
    expect(told(run)).toEqual(["ComputeFailed"]);
    expect(stateOf(run)).toEqual({ "under-way": "", "under-way-targets": "" });
    const before = stage.requests().length;
    await stage.afterAll(stage.inputs, { state: stateOf(run) });
    expect(stage.requests()).toHaveLength(before);
  });

  test("says so where the file of the targets is gone, and fails no job", async () => {
    const stage = reattaching();
    const inputs = { ...stage.inputs, targets: "targets.json" };
    const files = { "targets.json": stage.inputs.targets };
    const cut = await stage.updateAll({ ...inputs, timeout: "10m" }, { files });
    const post = await stage.afterAll(inputs, { state: stateOf(cut) });
    expect(post.host.said.log.join("\n")).toContain("InvalidInput: One input is wrong");
    expect(post.host.said.errors).toEqual([]);
  });
});

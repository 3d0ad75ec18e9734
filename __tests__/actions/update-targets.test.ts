import { describe, expect, test } from "@jest/globals";
import { type FleetMember, type FleetSeed, World } from "../../emulator/index.ts";
import { type Run, scene } from "../support/scene.ts";
import { change, extensionId, propertiesOf } from "./deploy-scenes.ts";

const old = "1.1.44";
const newest = "1.1.84";

/** A fleet whose extensions are all out of date. */
function outdated(seed: FleetSeed = {}) {
  const stage = scene(World.fleet({ clusters: 4, ...seed }));
  for (const { clusterId } of stage.world.fleet) {
    change(stage.world, extensionId(clusterId), { currentVersion: old, autoUpgradeMinorVersion: true });
  }
  return stage;
}

type Stage = ReturnType<typeof outdated>;
type Named = Pick<FleetMember, "workspaceId" | "computeName">;

const idOf = ({ workspaceId, computeName }: Named) => `${workspaceId}/computes/${computeName}`;
const idsOf = ({ world }: Stage) => JSON.stringify(world.fleet.map(idOf));
const versions = ({ world }: Stage) =>
  world.fleet.map(({ clusterId }) => propertiesOf(world, extensionId(clusterId))?.["currentVersion"]);
const told = ({ report }: Run) => report.targets?.map(({ verdict, error }) => error?.code ?? verdict);
const untouched = ({ report }: Run) => report.rollout?.untouched.map(({ computeName }) => computeName);

function memberOf({ world }: Stage, place: number): FleetMember {
  const member = world.fleet[place];
  if (!member) throw new Error(`the fleet has no member ${place}`);
  return member;
}

/** The next upgrade of a cluster fails, and Helm rolls it back. */
function breakUpgrade(stage: Stage, place: number): void {
  const { clusterId } = memberOf(stage, place);
  stage.world.breakages.set(clusterId.toLowerCase(), [{ kind: "webhook-without-endpoints" }]);
}

/** What was sent to change a cluster's extension. */
function writesTo({ world }: Stage, { clusterId }: FleetMember) {
  return world.exchanges.filter(
    ({ method, url }) => method === "PATCH" && url.toLowerCase().includes(clusterId.toLowerCase()),
  );
}

describe("update-components over `targets` (issue 6, point 3)", () => {
  test("brings every cluster up to date, and finds nothing to do the second time", async () => {
    const stage = outdated({ subscriptions: 2 });
    const first = await stage.updateAll({ targets: idsOf(stage) });
    expect(first.exit).toBe(0);
    expect(versions(stage)).toEqual(Array(4).fill(newest));
    expect(first.host.said.outputs).toMatchObject({
      changed: "true",
      count: "4",
      failed: "0",
      untouched: "0",
    });
    const before = stage.written().length;
    const second = await stage.updateAll({ targets: idsOf(stage) });
    expect([second.exit, second.host.said.outputs["changed"]]).toEqual([0, "false"]);
    expect(told(second)).toEqual(Array(4).fill("unchanged"));
    const again = stage.written().slice(before);
    expect(again.filter((line) => !line.includes("listClusterUserCredential"))).toEqual([]);
    expect(stage.world.violations).toEqual([]);
  });

  test("one whose upgrade fails stops no other, and what it left is told with it", async () => {
    const stage = outdated();
    breakUpgrade(stage, 1);
    const run = await stage.updateAll({ targets: idsOf(stage), concurrency: "1" });
    expect(run.exit).toBe(1);
    expect(told(run)).toEqual(["done", "UpgradeFailed", "done", "done"]);
    expect(versions(stage)).toEqual([newest, old, newest, newest]);
    expect(run.report.error).toMatchObject({
      code: "TargetsFailed",
      message: expect.stringMatching(
        /^1 of 4 targets failed\. Auto-upgrade of the extension "azureml" in "[\w-]+2" is paused\.$/,
      ),
    });
    expect(run.report.error?.details).toEqual([
      expect.stringMatching(
        /^ws1\/gpu0002: .*Auto-upgrade of the extension "azureml" in "[\w-]+" is paused\.$/,
      ),
    ]);
  });

  test("a wave in which one fails is the last; the next run finishes that one and goes on", async () => {
    const stage = outdated();
    breakUpgrade(stage, 1);
    const inputs = { targets: idsOf(stage), waves: "1, 50%, 100%" };
    const first = await stage.updateAll(inputs);
    expect(first.exit).toBe(1);
    expect(first.report.rollout?.waves).toEqual([
      { targets: 1, failed: 0 },
      { targets: 1, failed: 1 },
    ]);
    expect(untouched(first)).toEqual(["gpu0003", "gpu0004"]);
    expect(first.report.error?.message).toMatch(/^1 of 4 targets failed; 2 were not touched\. Auto-upgrade /);
    expect(writesTo(stage, memberOf(stage, 2))).toEqual([]);

    stage.world.breakages.clear();
    const second = await stage.updateAll(inputs);
    expect(second.exit).toBe(0);
    expect(told(second)).toEqual(["unchanged", "done", "done", "done"]);
    expect(versions(stage)).toEqual(Array(4).fill(newest));
  });

  test("`max-failures` begins no further one", async () => {
    const stage = outdated();
    breakUpgrade(stage, 0);
    const run = await stage.updateAll({ targets: idsOf(stage), "max-failures": "1", concurrency: "1" });
    expect(told(run)).toEqual(["UpgradeFailed"]);
    expect(untouched(run)).toEqual(["gpu0002", "gpu0003", "gpu0004"]);
    expect(versions(stage)).toEqual([old, old, old, old]);
  });

  test("a dry run plans all and writes nothing", async () => {
    const stage = outdated();
    const run = await stage.updateAll({ targets: idsOf(stage), "dry-run": "true" });
    expect([run.exit, told(run)]).toEqual([0, Array(4).fill("planned")]);
    expect(stage.world.fleet.flatMap((member) => writesTo(stage, member))).toEqual([]);
  });

  test("outside of the maintenance window all are planned, none is touched, and that is no failure", async () => {
    const stage = outdated({ clusters: 2 });
    const yesterday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][(new Date().getUTCDay() + 6) % 7];
    const window = { "maintenance-window": `${yesterday} 00:00-01:00 UTC` };
    const run = await stage.updateAll({ targets: idsOf(stage), waves: "1, 100%", ...window });
    expect([run.exit, told(run)]).toEqual([0, ["planned", "planned"]]);
    expect(run.report.targets?.map(({ plan }) => plan?.notBefore !== undefined)).toEqual([true, true]);
    expect(versions(stage)).toEqual([old, old]);
  });
});

/** A cluster that carries two computes, and one that carries another. */
function sharing() {
  const stage = outdated({ clusters: 2 });
  const [one, other] = [memberOf(stage, 0), memberOf(stage, 1)];
  const second = { workspaceId: one.workspaceId, computeName: "second" };
  stage.world.addCompute(one.workspaceId, { name: "second", properties: { resourceId: one.clusterId } });
  return { ...stage, shared: one, targets: JSON.stringify([one, second, other].map(idOf)) };
}

/** What two computes of a cluster go through when they are attached again: one after the other, or mixed. */
const turns = ({ world }: Stage) =>
  world.exchanges
    .filter(({ method, url }) => /^(DELETE|PUT)$/.test(method) && /\/computes\/(gpu0001|second)\?/.test(url))
    .map(({ method, url }) => `${method} ${/computes\/([^?]+)/.exec(url)?.[1]}`);

describe("two computes of one cluster in one run", () => {
  test.each(["wait", "fail"])("take turns by the lease, with `if-locked: %s` as well", async (locked) => {
    const stage = sharing();
    const run = await stage.updateAll({ targets: stage.targets, reattach: "always", "if-locked": locked });
    expect([run.exit, told(run)]).toEqual([0, ["done", "done", "done"]]);
    const [first = "", ...others] = turns(stage).map((line) => line.split(" ")[1]);
    expect(others[0]).toBe(first);
    expect(turns(stage).map((line) => line.split(" ")[0])).toEqual(["DELETE", "PUT", "DELETE", "PUT"]);
    expect(writesTo(stage, stage.shared)).toHaveLength(2);
    expect(stage.world.violations).toEqual([]);
  });
});

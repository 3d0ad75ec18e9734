import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { addFleet } from "../../emulator/fleet.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import { change, extensionId, propertiesOf } from "../actions/deploy-scenes.ts";
import type { StandIn } from "../support/workflows/job.ts";
import { playWorkflows } from "./stage.ts";

/** No waiting, and shards of two clusters each. */
const names = { "5m": "0s", "50": "2" };

/** The data of the page that a run left. */
function pageOf(artifacts: string): Fleet {
  const html = readFileSync(path.join(artifacts, "fleet-1", "fleet.html"), "utf8");
  const [, data = "null"] = /id="fleet">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(data) as Fleet;
}

test(
  "scheduled maintenance: discover, three shards, one page; an issue for as long as a cluster is broken",
  () =>
    playWorkflows(async (stage) => {
      const { world } = stage;
      const fleet = addFleet(world, { clusters: 5 });
      const [ill] = fleet;
      world.breakCluster(ill?.clusterId ?? "", "crash-loop");
      const maintain = () => stage.run("examples/scheduled-maintenance.yml", { names });

      const red = await maintain();
      expect(red.jobs[0]?.outputs).toEqual({ verdict: "fail", count: "5", failed: "1" });
      expect(red.result).toBe("failure");
      expect(
        ["report-1", "report-2", "report-3", "report-4"].map((name) =>
          existsSync(path.join(red.artifacts, name)),
        ),
      ).toEqual([true, true, true, false]);
      const page = pageOf(red.artifacts);
      expect(page.clusters.map(({ standing }) => standing).sort()).toEqual([
        "fail",
        "pass",
        "pass",
        "pass",
        "pass",
      ]);
      expect(page.clusters.find(({ clusterId }) => clusterId === ill?.clusterId)?.standing).toBe("fail");
      expect(world.issues).toMatchObject([{ state: "open", labels: ["azureml-clusters"] }]);
      expect(world.issues[0]?.body).toContain("1 of 5 clusters do not pass.");

      world.breakages.clear();
      const green = await maintain();
      expect(green.jobs[0]?.outputs).toEqual({ verdict: "pass", count: "5", failed: "0" });
      expect(green.result).toBe("success");
      expect(world.issues).toHaveLength(1);
      expect(world.issues[0]).toMatchObject({ state: "closed", stateReason: "completed" });
      expect(world.issues[0]?.comments[0]).toContain("all 5 clusters pass");
    }),
  60_000,
);

test(
  "with `update`: what is out of date is updated, then verified; what an update broke is on the page and in the issue",
  () =>
    playWorkflows(async (stage) => {
      const { world } = stage;
      world.knobs.extensionSeconds = { write: 0, delete: 0 };
      const [current = "", old = "", ill = ""] = addFleet(world, { clusters: 3 }).map(
        ({ clusterId }) => clusterId,
      );
      for (const id of [old, ill]) change(world, extensionId(id), { currentVersion: "1.1.44" });
      // An upgrade fails by that, and is rolled back.
      world.breakages.set(ill.toLowerCase(), [{ kind: "webhook-without-endpoints" }]);
      const run = await stage.run("examples/scheduled-maintenance.yml", {
        names: { "5m": "0s" },
        inputs: { update: true },
      });
      expect(run.jobs[0]?.outputs).toEqual({ verdict: "fail", count: "3", failed: "1" });
      const ended = run.jobs[0]?.steps.map(({ name, outcome }) => `${name} ${outcome}`);
      expect(ended).toEqual(expect.arrayContaining(["update failure", "verify success", "merge failure"]));
      const versions = [current, old, ill].map(
        (id) => propertiesOf(world, extensionId(id))?.["currentVersion"],
      );
      expect(versions).toEqual(["1.1.84", "1.1.84", "1.1.44"]);
      // Two reports of each, one cluster.
      const { clusters } = pageOf(run.artifacts);
      expect(
        clusters.map(({ clusterId, standing, extensionVersion, errors }) => [
          clusterId,
          standing,
          extensionVersion,
          ...errors.map(({ action, code }) => `${action}: ${code}`),
        ]),
      ).toEqual([
        [current, "pass", "1.1.84"],
        [old, "pass", "1.1.84"],
        [ill, "fail", "1.1.44", "update-components: UpgradeFailed"],
      ]);
      expect(world.issues).toMatchObject([{ state: "open" }]);
      expect(world.issues[0]?.body).toContain(
        "The upgrade to version 1.1.84 failed. Helm has rolled it back",
      );
    }),
  60_000,
);

test("nothing to maintain is a green run with an empty page, and no matrix", () =>
  playWorkflows(async (stage) => {
    const run = await stage.run("examples/scheduled-maintenance.yml", {
      names,
    });
    expect(run.jobs[0]?.outputs).toEqual({ verdict: "pass", count: "0", failed: "0" });
    expect(run.result).toBe("success");
    expect(pageOf(run.artifacts).clusters).toEqual([]);
    expect(stage.world.issues).toEqual([]);
  }));

test(
  "a shard that breaks down is no success: its clusters have no report, and the issue says so",
  () =>
    playWorkflows(async (stage) => {
      addFleet(stage.world, { clusters: 4 });
      let shards = 0;
      // `undefined` leaves it to the action.
      const firstBreaks: StandIn = async () => {
        shards += 1;
        return shards === 1 ? {} : undefined;
      };
      const standIns = { "verify-extension": firstBreaks };
      const run = await stage.run("examples/scheduled-maintenance.yml", { names, standIns });
      expect(run.jobs[0]?.outputs).toEqual({ verdict: "fail", count: "2", failed: "2" });
      expect(run.result).toBe("failure");
      expect(stage.world.issues[0]?.body).toContain("2 of 4 clusters do not pass.");
    }),
  60_000,
);

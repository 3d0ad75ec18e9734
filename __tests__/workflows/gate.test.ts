import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { httpsCluster } from "../blackbox/verify-clusters.ts";
import { workspaceId } from "../support/scene.ts";
import { playWorkflows } from "./stage.ts";

/** The world's names for what the example calls otherwise. */
const names = { "ml-prod": "rg1", "ml-prod-weu": "ws1", "5m": "0s" };

/** The compute of the example, attached to a cluster that serves HTTPS. */
function attached(world: World): string {
  const resourceId = httpsCluster(world, "gated");
  world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId } });
  return resourceId;
}

test("the release gate is red while the cluster is broken, and the release waits; green once it is mended", () =>
  playWorkflows(async ({ world, run }) => {
    const cluster = attached(world);
    world.breakCluster(cluster, "crash-loop");
    const red = await run("examples/release-gate.yml", { names });
    expect(red.jobs.map(({ id, result }) => [id, result])).toEqual([
      ["gate", "failure"],
      ["release", "skipped"],
    ]);
    expect(world.checkRuns).toMatchObject([{ name: "gate of gpu", conclusion: "failure" }]);
    const artifact = path.join(red.artifacts, "gate-gate of gpu-1");
    expect(readdirSync(artifact).sort()).toEqual(["junit.xml", "page.html", "report.json"]);
    expect(readFileSync(path.join(artifact, "page.html"), "utf8")).toContain("pods-running");

    world.breakages.clear();
    const green = await run("examples/release-gate.yml", { names });
    expect(green.jobs.map(({ id, result }) => [id, result])).toEqual([
      ["gate", "success"],
      ["release", "success"],
    ]);
    expect(green.jobs[0]?.outputs).toMatchObject({ verdict: "pass", "extension-version": "1.1.84" });
    expect(green.jobs[1]?.steps[0]?.result?.stdout).toContain("The gate said pass; the release goes on.");
    expect(world.checkRuns[1]).toMatchObject({ name: "gate of gpu", conclusion: "success" });
  }));

import { expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import type { RunningStep } from "../../emulator/runner.ts";
import { aksProperties } from "../../src/model/aks-compute.ts";
import type { Compute } from "../../src/model/compute.ts";
import { play } from "../support/play.ts";
import { workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";

/** A legacy compute whose certificate and key only its cluster holds. */
const attached = async (world: World, name = "gpu", clusterName = "aks2") => {
  const { certificate, key, cname } = await tlsPair();
  const resourceId = world.addManagedCluster({ resourceGroup: "rg1", name: clusterName });
  const sslConfiguration = { status: "Enabled", cname, cert: certificate, key };
  const id = world.addAksCompute(workspaceId(world), { name, resourceId, sslConfiguration });
  const cluster = world.kubernetes(resourceId);
  return () => ({
    settings: aksProperties((world.resource(id)?.body ?? { properties: {} }) as unknown as Compute),
    secret: cluster.get("Secret", "default", "azuremlfessl")?.["data"],
    tags: world.resource(workspaceId(world))?.body["tags"],
    journals: cluster
      .all("Secret")
      .filter(({ metadata }) => JSON.stringify(metadata).includes("azureml-clusters.journal")).length,
    lease: cluster.get("Lease", "default", "azureml-clusters") !== undefined,
  });
};

test("U1, U2: the built action detaches and attaches again, and keeps certificate and settings", () =>
  play("update-legacy", async ({ world, update }) => {
    const state = await attached(world);
    const before = state();
    const { exitCode, outputs } = await update();
    expect(exitCode).toBe(0);
    expect(outputs).toMatchObject({ changed: "true", state: "Succeeded", "compute-name": "gpu" });
    expect(state()).toEqual(before);
  }));

test("SIGKILL after the detach: another process finishes it from the journal", () =>
  play("update-killed", async ({ world, update }) => {
    const state = await attached(world);
    const before = state();
    const cut = await update({
      onLine: (line, step) => {
        if (/^attach compute "gpu" again/.test(line)) step.kill("SIGKILL");
      },
    });
    expect(cut.signal).toBe("SIGKILL");
    expect(state()).toMatchObject({ journals: 1, lease: true });
    // The lease of the dead run runs out.
    world.clock.advance(120_000);
    const { exitCode, log } = await update();
    expect(exitCode).toBe(0);
    expect(log).toContain("finish");
    expect(state()).toEqual(before);
  }));

test("SIGINT during the detach: gone within 5 s with the lease released, and the post step attaches again", () =>
  play("update-cancelled", async ({ world, update }) => {
    const state = await attached(world);
    const before = state();
    world.knobs.computeSeconds.detach = 20;
    const cut = await update({
      onLine: (line, step) => {
        if (!line.includes("Deleting")) return;
        step.kill("SIGINT");
        setTimeout(() => step.kill("SIGKILL"), 5_000).unref();
      },
    });
    expect(cut.signal).toBeNull();
    expect(cut.outputs["error-code"]).toBe("Cancelled");
    expect(cut.log).toMatch(/may be detached by now\. Its settings, certificate and key are kept/);
    expect(state()).toMatchObject({ journals: 1, lease: false });
    world.clock.advance(60_000);
    const post = await update({ after: cut.state });
    expect(post.exitCode).toBe(0);
    expect(state()).toEqual(before);
  }));

test("SIGINT in the middle of many: gone within 5 s with all leases released, and the post step attaches all again", () =>
  play("update-targets-cancelled", async ({ world, update }) => {
    const states = [await attached(world), await attached(world, "cpu", "aks3")];
    const before = states.map((state) => state());
    world.knobs.computeSeconds.detach = 20;
    world.knobs.latencyMs = 300;
    const targets = JSON.stringify(["gpu", "cpu"].map((name) => `${workspaceId(world)}/computes/${name}`));
    const inputs = { "compute-name": "", targets };
    const cut = await update({
      inputs,
      onLine: (line, step) => line.startsWith("Signed in") && cancelled(world, step),
    });
    expect(cut.signal).toBeNull();
    expect(cut.outputs).toMatchObject({ "error-code": "Cancelled", failed: "2" });
    expect(states.map((state) => state())).toMatchObject(Array(2).fill({ journals: 1, lease: false }));
    world.knobs.latencyMs = 0;
    world.clock.advance(60_000);
    const post = await update({ inputs, after: cut.state });
    expect(post.exitCode).toBe(0);
    expect(states.map((state) => state())).toEqual(before);
  }));

/** Cancels a step once Azure has taken two detaches, as GitHub does, and is patient for five seconds. */
function cancelled({ exchanges }: World, step: RunningStep): void {
  const watch = setInterval(() => {
    if (exchanges.filter(({ method }) => method === "DELETE").length < 2) return;
    clearInterval(watch);
    step.kill("SIGINT");
    setTimeout(() => step.kill("SIGKILL"), 5_000).unref();
  }, 50);
}

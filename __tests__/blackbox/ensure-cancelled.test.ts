import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { aksId, workspaceId } from "../support/scene.ts";

test("a cancelled run says what was under way, its post step what comes next, and the next run goes on", async () => {
  await play("ensure-cancelled", async ({ world, ensure }) => {
    world.store.delete(`${aksId(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
    world.knobs.extensionSeconds.write = 3600;
    const run = await ensure({
      onLine: (line, step) => {
        if (/ Creating$/.test(line)) step.cancel();
      },
    });
    expect(run.outputs).toMatchObject({ "error-code": "Cancelled", changed: "true" });
    const after = await ensure({ after: run.state });
    expect(after.exitCode).toBe(0);
    expect(after.log).toContain("what the next ensure will do");
    expect(after.log).toContain("deploy-extension: wait for extension");
    world.clock.advance(3_600_000);
    const next = await ensure();
    expect(next.outputs).toMatchObject({ verdict: "pass", state: "Succeeded" });
    expect(world.exchanges.filter(({ method, host }) => host === "arm" && method === "PUT")).toHaveLength(2);
  });
});

test("A6: cut off after the detach it says how to finish, and its post step attaches again", async () => {
  await play("ensure-replace-cancelled", async ({ world, ensure }) => {
    const resourceId = world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
    const id = world.addAksCompute(workspaceId(world), { name: "gpu", resourceId });
    const inputs = {
      "compute-type": "aks",
      workloads: "",
      "cluster-name": "aks2",
      "cluster-purpose": "DevTest",
      "on-difference": "replace",
    };
    const cut = await ensure({
      inputs,
      onLine: (line, step) => {
        if (/^attach compute "gpu" again/.test(line)) step.cancel();
      },
    });
    expect(cut.outputs["error-code"]).toBe("Cancelled");
    expect(cut.log).toMatch(/Its settings, certificate and key are kept/);
    expect(cut.log).toContain("azureml-clusters update-components --subscription-id");
    const post = await ensure({ inputs, after: cut.state });
    expect(post.exitCode).toBe(0);
    expect(world.resource(id)?.body).toMatchObject({
      properties: { provisioningState: "Succeeded", properties: { clusterPurpose: "DevTest" } },
    });
  });
});

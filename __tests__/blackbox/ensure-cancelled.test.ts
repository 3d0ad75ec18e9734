import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { aksId } from "../support/scene.ts";

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

import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { aksId } from "../support/scene.ts";

test("the root action brings everything about; the second run changes nothing and asks little", async () => {
  await play("ensure", async ({ world, ensure }) => {
    world.store.delete(`${aksId(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
    world.knobs.extensionSeconds.write = 0.5;
    const first = await ensure();
    expect(first.exitCode).toBe(0);
    expect(first.outputs).toMatchObject({ changed: "true", verdict: "pass", state: "Succeeded" });
    expect(first.summary).toContain("ensure gpu: Done, gate: Pass");
    expect(first.summary).toContain("deploy-extension: install extension");
    const before = world.exchanges.filter(({ host }) => host === "arm").length;
    const second = await ensure();
    expect(second.outputs).toMatchObject({ changed: "false", verdict: "pass" });
    expect(world.exchanges.filter(({ host }) => host === "arm").length - before).toBe(9);
    expect(second.summary).toContain("ensure gpu: Nothing to do, gate: Pass");
  });
});

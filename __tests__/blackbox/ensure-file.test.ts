import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { aksId } from "../support/scene.ts";

const content = `
declaration: contoso/ml/computes.yml
defaults:
  cluster-resource-group: rg1
  workloads: training
computes:
  - compute-name: gpu
    cluster-name: aks1
    config-protected:
      planted.key: \${PLANTED}
  - compute-name: cpu
    cluster-name: nowhere
`;

test("a file of two computes: the broken one does not stop the other, and no secret of a variable is seen", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ensure-"));
  const file = path.join(folder, "computes.yml");
  writeFileSync(file, content);
  try {
    await play("ensure-file", async ({ world, ensure }) => {
      world.store.delete(`${aksId(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
      world.knobs.extensionSeconds.write = 0.5;
      world.secrets.add("planted-value");
      const named = { "compute-name": "", "cluster-name": "", "cluster-resource-group": "", workloads: "" };
      const inputs = { ...named, file, "junit-path": path.join(folder, "junit.xml") };
      const run = await ensure({ inputs, env: { PLANTED: "planted-value" } });
      expect(run.exitCode).toBe(1);
      expect(run.outputs).toMatchObject({ "error-code": "ComputesFailed", changed: "true", verdict: "pass" });
      expect(run.summary).toContain("1 of 2 failed");
      expect(run.summary).toContain("ClusterNotFound");
      expect(run.annotations.filter(({ level }) => level === "error")).toHaveLength(1);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { httpsCluster } from "./verify-clusters.ts";

test("SIGINT while it waits: gone within 5 s, with the last verdict told", () =>
  play("verify-cancelled", async ({ world, verify }) => {
    const id = httpsCluster(world, "young");
    const extension = world.resource(`${id}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
    Object.assign(extension?.body["properties"] ?? {}, { provisioningState: "Creating" });
    const cut = await verify({
      inputs: { "cluster-name": "young", "wait-for": "20m" },
      onLine: (line, step) => {
        if (!line.includes("Looking again.")) return;
        step.kill("SIGINT");
        setTimeout(() => step.kill("SIGKILL"), 5_000).unref();
      },
    });
    expect(cut.signal).toBeNull();
    expect(cut.exitCode).toBe(1);
    expect(cut.outputs).toMatchObject({ verdict: "fail", state: "Creating", "error-code": "Cancelled" });
    expect(cut.summary).toContain("Fail (cancelled)");
    expect(cut.annotations).toHaveLength(1);
    expect(cut.state).toEqual({});
  }));

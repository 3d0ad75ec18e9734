import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "@jest/globals";
import { Emulator, type Served, serve, World } from "../../emulator/index.ts";
import { everythingSeen } from "../support/play.ts";
import { leaks } from "../support/secret-scanner.ts";
import { runWorkflow, type WorkflowRun } from "../support/workflows/driver.ts";
import type { Start } from "../support/workflows/job.ts";

/** A world in which workflows are run; artifacts are of one run, caches stay. */
export interface WorkflowStage {
  readonly world: World;
  readonly azure: Served;
  run(file: string, more?: Partial<Start>): Promise<WorkflowRun & { readonly artifacts: string }>;
}

/** Whatever the workflows do, no secret may be seen in it, and no cluster may be deleted. */
export async function playWorkflows(scenario: (stage: WorkflowStage) => Promise<void>): Promise<void> {
  const world = World.simple();
  const azure = await serve(new Emulator(world));
  const folder = mkdtempSync(path.join(tmpdir(), "workflows-"));
  let runs = 0;
  try {
    await scenario({
      ...{ world, azure },
      run: async (file, more) => {
        runs += 1;
        const artifacts = path.join(folder, `artifacts-${runs}`);
        const storage = { artifacts, caches: path.join(folder, "caches") };
        const vars = {
          AZURE_CLIENT_ID: world.application.clientId,
          AZURE_TENANT_ID: world.tenantId,
          AZURE_SUBSCRIPTION_ID: world.subscriptionId,
        };
        const run = await runWorkflow(file, { world, azure, storage, vars, runId: String(runs), ...more });
        for (const { steps } of run.jobs) {
          for (const { result } of steps) {
            if (result) expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
          }
        }
        return { ...run, artifacts };
      },
    });
    expect(world.violations).toEqual([]);
  } finally {
    await azure.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

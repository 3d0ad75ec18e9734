import { World } from "../../emulator/index.ts";
import { ensure } from "../../src/actions/ensure.ts";
import { published } from "../../src/actions/run.ts";
import type { MemoryHost, MemoryOptions } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { hostOf } from "./own-host.ts";
import { aksId, type Run, type scene } from "./scene.ts";
import { virtually } from "./virtual-time.ts";

/** The usual world, in which no cluster has the extension. */
export function withoutExtension(world = World.simple(), clusterId = aksId(world)): World {
  world.store.delete(`${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
  return world;
}

/** Runs `ensure` on a host that is told of each line as it is said, so that a test can act at that moment. */
export async function ensureOn(
  stage: ReturnType<typeof scene>,
  options: MemoryOptions,
  onLine: (line: string, host: MemoryHost) => void,
): Promise<Run> {
  const host = hostOf(stage, options);
  const listening: MemoryHost = {
    ...host,
    info: (line) => {
      host.info(line);
      onLine(line, host);
    },
  };
  const exit = await virtually(() => published(listening, (clean) => ensure(clean, stage.client)));
  return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
}

/** A file of computes, each on a cluster of the scene's resource group. */
export function fileOf(
  computes: readonly Readonly<Record<string, unknown>>[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    defaults: { "cluster-resource-group": "rg1", workloads: ["training"] },
    ...more,
    computes,
  });
}

/** The inputs of a run by a file: what names one compute is not among them. */
export const byFile = {
  file: "computes.yml",
  "compute-name": "",
  "cluster-resource-id": "",
};

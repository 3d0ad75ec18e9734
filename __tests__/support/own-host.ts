import { attach } from "../../src/actions/attach.ts";
import { detach } from "../../src/actions/detach.ts";
import { run } from "../../src/actions/run.ts";
import { type MemoryHost, type MemoryOptions, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { plainInputs, type Run, type scene } from "./scene.ts";
import { virtually } from "./virtual-time.ts";

/** A host with the plain inputs of a scene, and the scene's application in its environment. */
export function hostOf(
  { world, emulator }: ReturnType<typeof scene>,
  options: MemoryOptions = {},
): MemoryHost {
  const { clientId, secret } = world.application;
  return memoryHost({
    ...options,
    inputs: { ...plainInputs(world, emulator), ...options.inputs },
    environment: options.environment ?? {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
    },
  });
}

/** Runs an action on a host that the caller made. `meanwhile` is called once the run has begun, in virtual time. */
export async function runOn(
  host: MemoryHost,
  { client }: ReturnType<typeof scene>,
  action: "attach" | "detach",
  meanwhile: () => void = () => undefined,
): Promise<Run> {
  const exit = await virtually(() => {
    const going = action === "attach" ? run(attach, host, client) : run(detach, host, client);
    meanwhile();
    return going;
  });
  return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
}

/** Runs an action that the pipeline cancels after so many seconds. */
export function cancelledRun(
  stage: ReturnType<typeof scene>,
  action: "attach" | "detach",
  seconds: number,
  options: MemoryOptions = {},
): Promise<Run> {
  const host = hostOf(stage, options);
  return runOn(host, stage, action, () => void setTimeout(() => host.cancel(), seconds * 1000));
}

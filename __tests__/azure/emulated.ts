import { Emulator, World } from "../../emulator/index.ts";
import { Arm } from "../../src/azure/arm.ts";
import { Computes } from "../../src/azure/computes.ts";
import { createPipeline, withToken } from "../../src/azure/pipeline.ts";
import { parseResourceId } from "../../src/model/resource-id.ts";
import { inProcessClient } from "../support/in-process.ts";
import { workspaceId } from "../support/scene.ts";

/** A world and a gateway to it. */
export function gateway(world = World.simple(), signal = new AbortController().signal) {
  const emulator = new Emulator(world);
  const client = inProcessClient(emulator);
  const pipeline = createPipeline({
    client,
    deadline: Number.MAX_SAFE_INTEGER,
    userAgent: "test/1",
    correlationId: "c",
    log: () => undefined,
    debug: () => undefined,
  });
  const application = world.directory.get(world.application.clientId);
  if (!application) throw new Error("the world has no application");
  const token = world.directory.issue(application, world.tenantId, emulator.origin, 86_400 * 365);
  const tokens = { token: async () => token, reject: () => undefined };
  const signed = withToken(pipeline, tokens, emulator.origin);
  const arm = new Arm(emulator.origin, signed, client, signal);
  const workspace = parseResourceId(workspaceId(world));
  if (!workspace) throw new Error("the world's workspace has no id");
  return { world, arm, computes: new Computes(arm, workspace) };
}

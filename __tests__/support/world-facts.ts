import type { World } from "../../emulator/index.ts";
import { workspaceId } from "./scene.ts";

/** Resource id of the compute that the plain inputs of a scene name. */
export const computeId = (world: World, name = "gpu") => `${workspaceId(world)}/computes/${name}`;

/** A part of the compute's body as the world has it now, found by its path. */
export function computePart(world: World, ...path: string[]): unknown {
  let at: unknown = world.resource(computeId(world))?.body;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}

/** The compute's state as the world has it now; `Absent` where there is none. */
export function computeState(world: World): string {
  return String(computePart(world, "properties", "provisioningState") ?? "Absent");
}

/** Counts from now on how often a compute is written: a request that has no effect does not count. */
export function countCreates(world: World): () => number {
  const { store } = world;
  const put = store.put.bind(store);
  let count = 0;
  store.put = (...resource) => {
    if (resource[1].endsWith("/computes")) count++;
    return put(...resource);
  };
  return () => count;
}

/** Lets an operation that is stuck or slow end now. */
export function endOperation(world: World): void {
  const operation = world.operations.running(computeId(world));
  if (!operation) throw new Error("no operation is running on the compute");
  operation.endsAt = world.clock.now();
  operation.appliesAt = operation.endsAt;
}

/** Gives the scene's application a Contributor's rights without those actions. */
export function forbid(world: World, ...actions: string[]): void {
  const { clientId } = world.application;
  world.revoke(clientId);
  world.grant(clientId, ["*"], actions);
}

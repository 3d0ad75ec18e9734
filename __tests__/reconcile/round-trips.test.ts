import { expect, test } from "@jest/globals";
import { type Exchange, World } from "../../emulator/index.ts";
import { attach } from "../../src/actions/attach.ts";
import { run } from "../../src/actions/run.ts";
import { hostOf } from "../support/own-host.ts";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";

/** The length of the longest chain of exchanges of which each began after the one before it had ended. */
function roundTrips(exchanges: readonly Exchange[]): number {
  const inOrder = exchanges.toSorted((one, other) => one.startedAt - other.startedAt);
  const lengths: number[] = [];
  for (const { startedAt } of inOrder) {
    const before = inOrder.flatMap((other, index) =>
      other.endedAt <= startedAt ? [lengths[index] ?? 0] : [],
    );
    lengths.push(1 + Math.max(0, ...before));
  }
  return Math.max(0, ...lengths);
}

/** Runs an attach in real time, over a network where each answer takes a while. */
async function slowAttach(world: World, clusterId: string) {
  const attached = { name: "gpu", properties: { resourceId: clusterId } };
  world.addCompute(workspaceId(world), attached);
  world.knobs.latencyMs = 40;
  const stage = scene(world);
  const host = hostOf(stage, { inputs: { "cluster-resource-id": clusterId } });
  const exit = await run(attach, host, stage.client);
  expect({ exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
  expect(host.said.outputs["changed"]).toBe("false");
  return world.exchanges;
}

const arm = (exchanges: readonly Exchange[]) => exchanges.filter(({ host }) => host === "arm");

test.each([
  ["an AKS cluster", aksId, 5],
  ["an Arc cluster", arcId, 5],
])(
  "an attach of %s that is attached already reads everything in one round trip after the token (L3, design 2)",
  async (_what, clusterOf, count) => {
    const world = World.simple();
    const reads = arm(await slowAttach(world, clusterOf(world)));
    expect(reads).toHaveLength(count);
    expect(roundTrips(reads)).toBe(1);
  },
);

test("an attach of an attached AKS cluster without local accounts takes two round trips after the token (peers 1.6)", async () => {
  const world = World.simple();
  const cluster = world.resource(aksId(world));
  Object.assign(cluster?.body["properties"] ?? {}, { disableLocalAccounts: true });
  world.addTrustedAccessRoleBinding(aksId(world), { sourceResourceId: workspaceId(world) });
  const reads = arm(await slowAttach(world, aksId(world)));
  expect(reads).toHaveLength(6);
  expect(roundTrips(reads)).toBe(2);
});

test("signing in takes three round trips before the first read: metadata, OpenID configuration, token (toolchain 2)", async () => {
  const world = World.simple();
  const exchanges = await slowAttach(world, aksId(world));
  expect(roundTrips(exchanges)).toBe(4);
  expect(exchanges.filter(({ method }) => method === "POST")).toHaveLength(1);
});

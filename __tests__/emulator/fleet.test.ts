import { describe, expect, test } from "@jest/globals";
import { World, worldFrom } from "../../emulator/index.ts";

const spread = (world: World) => {
  const counts = new Map<string, number>();
  for (const { clusterId } of world.fleet) {
    const subscription = clusterId.split("/")[2] ?? "";
    counts.set(subscription, (counts.get(subscription) ?? 0) + 1);
  }
  return [...counts.values()];
};

describe("a fleet", () => {
  test("has clusters in each of its subscriptions, attached and whole", () => {
    const world = World.fleet({ subscriptions: 4, clusters: 30, arc: 3 });
    expect(spread(world)).toEqual([8, 8, 7, 7]);
    expect(world.managementGroups.get("fleet")).toHaveLength(4);
    for (const { clusterId, workspaceId, computeName } of world.fleet) {
      expect(world.resource(`${workspaceId}/computes/${computeName}`)?.body).toMatchObject({
        properties: { resourceId: clusterId, provisioningState: "Succeeded" },
      });
      const extension = `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
      expect(world.resource(extension)).toBeDefined();
    }
    expect(world.fleet.filter(({ clusterId }) => /connectedClusters/.test(clusterId))).toHaveLength(3);
  });

  test("is broken as its seed says, the same each time", () => {
    const broken = (seed: number) =>
      World.fleet({ clusters: 50, broken: 5, breakages: ["crash-loop", "E40001"], seed })
        .fleet.filter(({ breakage }) => breakage)
        .map(({ computeName, breakage }) => `${computeName} ${breakage}`);
    expect(broken(7)).toHaveLength(5);
    expect(broken(7)).toEqual(broken(7));
    expect(broken(7)).not.toEqual(broken(8));
  });

  test("is a part of a seed file", () => {
    const world = worldFrom({ fleet: { clusters: 2, attached: false }, knobs: { throttling: true } });
    expect(world.fleet.map(({ computeName }) => computeName)).toEqual(["gpu0001", "gpu0002"]);
    expect(world.resource(`${world.fleet[0]?.workspaceId}/computes/gpu0001`)).toBeUndefined();
  });
});

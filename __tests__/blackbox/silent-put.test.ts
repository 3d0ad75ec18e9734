import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("peers 0.1: a PUT that reports success and changed nothing is found out by reading, and fails", () =>
  play("silent-put", async ({ world, attach }) => {
    world.knobs.putExisting = "silent";
    const cluster = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.Kubernetes/connectedClusters/arc1`;
    world.knobs.intruder = {
      location: "eastus",
      properties: { computeType: "Kubernetes", resourceId: cluster, properties: { namespace: "intruder" } },
    };
    expect(shown(await attach(), world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));

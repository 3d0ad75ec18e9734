import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("D1, D2: a legacy compute is detached, and its cluster stays", () =>
  play("aks-detach", async ({ world, attach, detach }) => {
    await attach({ inputs: { "compute-type": "aks" } });
    world.exchanges.length = 0;
    expect(shown(await detach(), world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
    const cluster = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    expect(world.resource(cluster)).toBeDefined();
  }));

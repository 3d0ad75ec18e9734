import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("D1, D2: detaches, waits until the compute is gone, and leaves the cluster; a second time changes nothing", () =>
  play("detach", async ({ world, attach, detach }) => {
    await attach();
    world.exchanges.length = 0;
    expect(shown(await detach(), world)).toMatchSnapshot("first");
    expect(shown(await detach(), world)).toMatchSnapshot("second");
    expect(requests(world)).toMatchSnapshot("requests of both");
    const cluster = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    expect(world.resource(cluster)).toBeDefined();
  }));

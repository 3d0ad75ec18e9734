import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("C3, C4: a cluster that is too small for production is told so, and attached for dev-test", () =>
  play("aks-attach-dev-test", async ({ world, attach }) => {
    const id = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    const properties = world.resource(id)?.body["properties"] as { agentPoolProfiles: { count: number }[] };
    for (const pool of properties.agentPoolProfiles) pool.count = 1;
    const refused = await attach({ inputs: { "compute-type": "aks" } });
    expect(shown(refused, world)).toMatchSnapshot("production");
    const result = await attach({ inputs: { "compute-type": "aks", "cluster-purpose": "DEV_TEST" } });
    expect(shown(result, world)).toMatchSnapshot("dev-test");
    expect(requests(world)).toMatchSnapshot("requests of both");
  }));

import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("T4, A9, C4: wrong inputs and failed preconditions are told in one run, in two groups, and nothing is written", () =>
  play("aks-everything-wrong", async ({ world, attach }) => {
    const id = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    const properties = world.resource(id)?.body["properties"] as Record<string, unknown>;
    Object.assign(properties, {
      powerState: { code: "Stopped" },
      currentKubernetesVersion: "1.19.1",
      apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true },
    });
    const inputs = {
      "compute-type": "aks",
      "cluster-purpose": "Prod",
      "load-balancer-type": "Private",
      "ssl-leaf-domain-label": "9",
      namespace: "team-a",
    };
    const result = await attach({ inputs });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world).filter((line) => /^arm (PUT|PATCH|DELETE)/.test(line))).toEqual([]);
  }));

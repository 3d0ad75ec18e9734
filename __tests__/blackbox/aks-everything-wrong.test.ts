import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";
import { workspaceId } from "../support/scene.ts";

const wrong = {
  "cluster-purpose": "Prod",
  "load-balancer-type": "Private",
  "load-balancer-subnet": "a/b",
  "ssl-cert-pem": "missing.pem",
  "ssl-key-pem": "lost.pem",
  "ssl-cname": "*.contoso.com",
  "ssl-leaf-domain-label": "9",
  namespace: "team-a",
  "on-difference": "merge",
  "dry-run": "maybe",
};

test("T4, A5, A7, A9: ten wrong inputs and five failed preconditions are told in one run, in two groups, and nothing is written", () =>
  play("aks-everything-wrong", async ({ world, attach }) => {
    const id = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    const properties = world.resource(id)?.body["properties"] as Record<string, unknown>;
    Object.assign(properties, {
      powerState: { code: "Stopped" },
      disableLocalAccounts: true,
      currentKubernetesVersion: "1.19.1",
      apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true },
    });
    world.addCompute(workspaceId(world), { name: "old", properties: { computeType: "AKS", resourceId: id } });
    const result = await attach({ inputs: { "compute-type": "aks", ...wrong } });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world).filter((line) => /^arm (PUT|PATCH|DELETE)/.test(line))).toEqual([]);
  }));

import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { Refusal } from "../../src/azure/errors.ts";
import type { ClusterApi } from "../../src/kubernetes/cluster-api.ts";
import { identify } from "../../src/kubernetes/cluster-identity.ts";
import type { ManagedCluster } from "../../src/model/azure-resources.ts";
import { aksId } from "../support/scene.ts";

/** A way through a tunnel: the kubeconfig's server has none of Azure's names. */
async function throughTunnel(get: (path: string) => unknown) {
  const world = World.simple();
  const clusterId = aksId(world);
  const kubeconfig = (await world.kubeconfigOf(clusterId, { user: "token" })).replace(
    /server: .*/,
    "server: https://127.0.0.1:6443",
  );
  const value = world.resource(clusterId)?.body as unknown as ManagedCluster;
  const api = { get: async (path: string) => get(path) } as unknown as ClusterApi;
  const cluster = { kind: "aks", seen: { is: "present", value } } as const;
  const { signal } = new AbortController();
  const identity = await identify(kubeconfig, clusterId, cluster, api, signal);
  return { identity, world };
}

const nodeIn = (group: string, world = World.simple()) =>
  `azure:///subscriptions/${world.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/a`;

describe("an AKS cluster that is reached through a tunnel", () => {
  test.each([
    ["mc_rg1_aks1_eastus", "same"],
    ["mc_rg1_other_eastus", "other"],
  ])("is known by a node in %s: %s", async (group, is) => {
    const asked: string[] = [];
    const { identity } = await throughTunnel((path) => {
      asked.push(path);
      return { items: [{ spec: { providerID: nodeIn(group) } }] };
    });
    expect(identity.is).toBe(is);
    expect(asked).toEqual(["/api/v1/nodes?limit=1"]);
  });

  test("can't be told where nodes may not be read", async () => {
    const { identity } = await throughTunnel(() => {
      throw new Refusal(403, "KubernetesForbidden", "nodes is forbidden", {});
    });
    expect(identity.is).toBe("unknown");
  });
});

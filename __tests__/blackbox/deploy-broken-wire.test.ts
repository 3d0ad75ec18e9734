import { expect, test } from "@jest/globals";
import { play, requests } from "../support/play.ts";

test("lost connections on the wire to Azure and to the cluster are survived, without a second create", () =>
  play("deploy-broken-wire", async ({ world, deploy }) => {
    world.knobs.extensionSeconds.write = 0.5;
    world.addManagedCluster({ resourceGroup: "rg1", name: "new" });
    world.faults.push(
      { match: { url: /listClusterUserCredential/ }, kind: "reset" },
      { match: { url: /extensionTypes/ }, kind: "truncated" },
      { match: { url: /selfsubjectrulesreviews/ }, kind: "reset" },
      { match: { url: /api\/v1\/nodes/ }, kind: "truncated" },
      { match: { method: "PUT" }, kind: "reset", phase: "after" },
    );
    const result = await deploy({ inputs: { "cluster-name": "new", workloads: "training" } });
    expect(result.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    expect(result.annotations).toEqual([]);
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toHaveLength(1);
  }));

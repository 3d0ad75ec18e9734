import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("V1, V2: versions of a region and of clusters, as tables and as outputs; nothing is written", () =>
  play("list-versions", async ({ world, list }) => {
    const cluster = { "cluster-name": "aks1", "cluster-resource-group": "rg1" };
    expect(shown(await list({ inputs: { location: "East US" } }), world)).toMatchSnapshot("region");
    expect(shown(await list({ inputs: cluster }), world)).toMatchSnapshot("AKS");
    const arc = {
      "cluster-name": "arc1",
      "cluster-resource-group": "rg1",
      "cluster-type": "connectedClusters",
    };
    expect(shown(await list({ inputs: arc }), world)).toMatchSnapshot("Arc");
    expect(requests(world).filter((line) => /^arm (PUT|PATCH|POST|DELETE)/.test(line))).toEqual([]);
  }));

test("A7: a version that is not supported, and a region that is none", () =>
  play("list-versions-refused", async ({ world, list }) => {
    world.addManagedCluster({
      resourceGroup: "rg1",
      name: "old",
      properties: { currentKubernetesVersion: "1.19.1" },
    });
    const old = { "cluster-name": "old", "cluster-resource-group": "rg1" };
    const { outputs, exitCode } = await list({ inputs: old });
    expect({ exitCode, attachable: outputs["attachable"] }).toEqual({
      exitCode: 0,
      attachable: "unsupported",
    });
    expect(JSON.parse(outputs["findings"] ?? "")).toMatchObject([{ id: "aks-version", source: "A7" }]);
    const nowhere = await list({ inputs: { location: "nowhere" } });
    expect(shown(nowhere, world)).toMatchSnapshot("unknown region");
  }));

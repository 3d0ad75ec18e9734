import { expect, test } from "@jest/globals";
import { play, requests } from "../support/play.ts";

test("X1: installs the extension with one PUT; the same again only reads; other settings are one PATCH", () =>
  play("deploy-twice", async ({ world, deploy }) => {
    world.knobs.extensionSeconds.write = 0.5;
    const cluster = { "cluster-name": "new" };
    world.addManagedCluster({ resourceGroup: "rg1", name: "new" });
    const writes = () => requests(world).filter((line) => /^arm (PUT|PATCH|DELETE)/.test(line));

    const first = await deploy({ inputs: { ...cluster, workloads: "training" } });
    expect(first.outputs).toMatchObject({ changed: "true", state: "Succeeded", "extension-name": "azureml" });
    const at =
      "…/Microsoft.ContainerService/managedClusters/new/providers/Microsoft.KubernetesConfiguration/extensions/azureml";
    expect(writes()).toEqual([`arm PUT ${at} 201`]);

    const again = await deploy({ inputs: { ...cluster, workloads: "training" } });
    expect(again.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(again.summary).toContain("azureml");
    expect(writes()).toHaveLength(1);

    const config = "installPromOp=False";
    const other = await deploy({ inputs: { ...cluster, workloads: "training", config } });
    expect(other.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    expect(writes()).toEqual([`arm PUT ${at} 201`, `arm PATCH ${at} 202`]);
  }));

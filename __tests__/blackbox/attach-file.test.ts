import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("attaches what the file of `az ml compute attach --file` declares", () =>
  play("attach-file", async ({ world, attach }) => {
    const folder = await mkdtemp(path.join(tmpdir(), "attach-file-"));
    const cluster = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
    const yaml = `$schema: https://azuremlschemas.azureedge.net/latest/kubernetesCompute.schema.json
type: kubernetes
name: from-file
description: declared in the repository
resource_id: ${cluster}
namespace: team-a
identity:
  type: system_assigned
`;
    const file = path.join(folder, "compute.yml");
    writeFileSync(file, yaml);
    const inputs = { file, "compute-name": "", "cluster-name": "", "cluster-resource-group": "" };
    expect(shown(await attach({ inputs }), world)).toMatchSnapshot();
    await rm(folder, { recursive: true });
  }));

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { doors } from "../../src/model/doors.ts";
import { clusterReport } from "../support/fleet-reports.ts";
import { stagedContent } from "../support/pipelines.ts";
import { aksId, workspaceId } from "../support/scene.ts";
import { type Ending, hosts, type Outcome, playIn, type Scenario } from "../support/three-hosts.ts";

const cluster = { "cluster-name": "aks1", "cluster-resource-group": "rg1" };
const compute = { "compute-name": "gpu" };
const inference = {
  workloads: "training, inference",
  config: "inferenceRouterServiceType=ClusterIP\nallowInsecureConnections=True",
};

function attached(world: World): void {
  const properties = { resourceId: aksId(world), properties: { namespace: "default" } };
  world.addCompute(workspaceId(world), { name: "gpu", properties });
}

function attachedLegacy(world: World): void {
  const resourceId = world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
  world.addAksCompute(workspaceId(world), { name: "gpu", resourceId });
}

function withoutExtension(world: World): void {
  world.store.delete(`${aksId(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
}

function readersOnly(world: World): void {
  world.revoke(world.application.clientId);
  world.grant(world.application.clientId, ["*/read"]);
}

const attach = { action: "attach", inputs: { ...cluster, ...compute } } as const;
const detach = { action: "detach", inputs: compute } as const;
const deploy = { action: "deploy-extension", inputs: { ...cluster, ...inference } } as const;
const create = {
  action: "create-cluster",
  inputs: { "cluster-name": "new1", "cluster-resource-group": "rg1" },
} as const;
const ensure = { action: "ensure", inputs: { ...cluster, ...compute, workloads: "training" } } as const;
const list = { action: "list-versions", inputs: { location: "East US" } } as const;
const verify = {
  action: "verify-extension",
  inputs: { ...cluster, "wait-for": "0s", diagnostics: "true" },
} as const;
const update = { action: "update-components", inputs: compute } as const;
const reports = path.join(tmpdir(), `parity-reports-${process.pid}`);
const merge = {
  action: "merge-reports",
  inputs: { reports, "page-path": path.join(reports, "fleet.html") },
} as const;
const given = <S extends Scenario>(scenario: S, inputs: Record<string, string>): Scenario => ({
  ...scenario,
  inputs: { ...scenario.inputs, ...inputs },
});

/** Every action in the situations that people meet. */
const table: readonly (readonly [title: string, ending: Ending, changed: boolean | undefined, Scenario])[] = [
  ["attach: new", "done", true, attach],
  ["attach: there already", "done", false, { ...attach, before: attached }],
  [
    "attach: there with other settings",
    "failed",
    false,
    { ...given(attach, { namespace: "b" }), before: attached },
  ],
  ["attach: dry run", "done", false, given(attach, { "dry-run": "true" })],
  ["attach: invalid inputs", "refused", false, given(attach, { namespace: "A_B", timeout: "soon" })],
  ["attach: a preflight rule fails", "failed", false, { ...attach, before: withoutExtension }],
  ["detach: there", "done", true, { ...detach, before: attached }],
  ["detach: gone already", "done", false, detach],
  [
    "detach: not allowed",
    "failed",
    false,
    { ...detach, before: (world) => void [attached(world), readersOnly(world)] },
  ],
  ["deploy-extension: new", "done", true, { ...deploy, before: withoutExtension }],
  [
    "deploy-extension: there already",
    "done",
    false,
    given(deploy, { config: "inferenceRouterServiceType=LoadBalancer\nallowInsecureConnections=True" }),
  ],
  ["deploy-extension: changed", "done", true, given(deploy, { "allow-disruption": "true" })],
  [
    "deploy-extension: a protected setting",
    "done",
    true,
    given(deploy, { "allow-disruption": "true", "config-protected": "planted.key=planted-value" }),
  ],
  [
    "deploy-extension: dry run",
    "done",
    false,
    { ...given(deploy, { "dry-run": "true" }), before: withoutExtension },
  ],
  [
    "deploy-extension: invalid inputs",
    "refused",
    false,
    given(deploy, { workloads: "none", version: "new" }),
  ],
  ["create-cluster: new", "done", true, create],
  [
    "create-cluster: through the workspace",
    "done",
    true,
    { ...create, inputs: { via: "workspace", "compute-name": "infer" } },
  ],
  [
    "create-cluster: invalid inputs",
    "refused",
    false,
    given(create, { "node-count": "many", "service-cidr": "10.0.0.0" }),
  ],
  ["merge-reports: all well", "done", undefined, merge],
  ["merge-reports: one missing", "failed", undefined, given(merge, { expected: "2" })],
  ["merge-reports: invalid inputs", "refused", undefined, given(merge, { expected: "many" })],
  ["ensure: everything new", "done", true, { ...ensure, before: withoutExtension }],
  ["ensure: dry run", "done", false, { ...given(ensure, { "dry-run": "true" }), before: withoutExtension }],
  [
    "ensure: a rule of a later stage fails",
    "failed",
    false,
    { ...ensure, before: (world) => void [withoutExtension(world), readersOnly(world)] },
  ],
  ["ensure: invalid inputs", "refused", false, given(ensure, { namespace: "A_B", workloads: "none" })],
  ["discover: computes", "done", undefined, { action: "discover", before: attached }],
  ["discover: nothing", "done", undefined, { action: "discover" }],
  [
    "discover: invalid inputs",
    "refused",
    undefined,
    { action: "discover", inputs: { "max-shards": "1000", "subscription-ids": "none" } },
  ],
  ["list-versions: of a region", "done", undefined, list],
  ["list-versions: of a cluster", "done", undefined, { ...list, inputs: cluster }],
  ["list-versions: invalid inputs", "refused", undefined, { ...list, inputs: {} }],
  ["update-components: a legacy compute", "done", true, { ...update, before: attachedLegacy }],
  ["update-components: an extension that is up to date", "done", false, { ...update, before: attached }],
  [
    "update-components: dry run",
    "done",
    false,
    { ...given(update, { "dry-run": "true" }), before: attachedLegacy },
  ],
  [
    "update-components: a certificate that has no key",
    "refused",
    false,
    { ...given(update, { "ssl-cert-pem": "missing.pem" }), before: attachedLegacy },
  ],
  ["update-components: nothing of that name", "failed", false, update],
  ["verify-extension: healthy", "done", undefined, verify],
  [
    "verify-extension: broken",
    "failed",
    undefined,
    { ...verify, before: (world) => world.breakCluster(aksId(world), "image-pull") },
  ],
  ["verify-extension: invalid inputs", "refused", undefined, given(verify, { "fail-on": "never-ever" })],
];

let content: ReturnType<typeof stagedContent>;
beforeAll(() => {
  content = stagedContent();
  mkdirSync(reports);
  writeFileSync(path.join(reports, "one.json"), JSON.stringify(clusterReport(0)));
});
afterAll(() => {
  content.remove();
  rmSync(reports, { recursive: true });
});

test("every action stands in the table", () => {
  const covered = table.map(([, , , { action }]) => action);
  expect([...new Set(covered)].sort()).toEqual(Object.keys(doors).sort());
});

describe("GitHub, Azure Pipelines and the console do the same", () => {
  test.each(table)("%s: %s", async (_title, ending, changed, scenario) => {
    const ways = Object.entries(hosts(content.folder));
    const runs = ways.map(async ([name, way]) => [name, await playIn(way, scenario)] as const);
    const outcomes: Record<string, Outcome> = Object.fromEntries(await Promise.all(runs));
    const { github } = outcomes;
    expect(github?.ending).toBe(ending);
    if (changed !== undefined) expect(github?.outputs["changed"]).toBe(changed);
    expect(outcomes["azure-pipelines"]).toEqual(github);
    expect(outcomes["console"]).toEqual(github);
  });
});

import { describe, expect, test } from "@jest/globals";
import { type Fault, FLEET_GROUP, type FleetSeed, World } from "../../emulator/index.ts";
import { type Run, scene } from "../support/scene.ts";

const fleet = (seed: FleetSeed = {}) => scene(World.fleet({ subscriptions: 3, clusters: 12, ...seed }));
const names = ({ report }: Run) => report.discovery?.found.map(({ name }) => name) ?? [];
const ids = ({ report }: Run) => report.findings.map(({ id }) => id);
const matrixOf = ({ host }: Run) =>
  JSON.parse(host.said.outputs["matrix"] ?? "") as { include: { shard: string; targets: string }[] };
const all = (count: number) =>
  Array.from({ length: count }, (_, index) => `gpu${String(index + 1).padStart(4, "0")}`);

describe("what is found", () => {
  test("every compute of every workspace that the identity can see, in balanced shards", async () => {
    const { discover, written } = fleet();
    const run = await discover({ "shard-size": "5" });
    expect(run.exit).toBe(0);
    expect(names(run).toSorted()).toEqual(all(12));
    expect(run.host.said.outputs).toMatchObject({ count: "12", interrupted: "0" });
    const { include } = matrixOf(run);
    expect(include.map(({ targets }) => (JSON.parse(targets) as string[]).length)).toEqual([4, 4, 4]);
    expect(JSON.parse(include[0]?.targets ?? "")[0]).toMatch(/\/workspaces\/ws1\/computes\/gpu\d{4}$/);
    expect(written().every((line) => line.startsWith("POST /providers/Microsoft.ResourceGraph/"))).toBe(true);
    expect(run.report.discovery?.found[0]).toMatchObject({
      computeType: "Kubernetes",
      state: "Succeeded",
      extensionVersion: "1.1.84",
    });
  });

  test("the same each time", async () => {
    const { discover } = fleet();
    const [one, other] = [await discover(), await discover()];
    expect(one.host.said.outputs["matrix"]).toBe(other.host.said.outputs["matrix"]);
  });

  test("nothing: a matrix without entries, and no failure", async () => {
    const run = await fleet({ attached: false }).discover();
    expect(run.exit).toBe(0);
    expect(run.host.said.outputs).toMatchObject({ matrix: '{"include":[]}', count: "0" });
    expect(run.host.said.log).toContain("Done.");
  });

  test("clusters that have the extension, attached or not, whatever the case of its properties", async () => {
    const { discover, world } = fleet({ attached: false, arc: 2 });
    world.knobs.resourceGraphCapitals = false;
    world.store.delete(
      `${world.fleet[0]?.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`,
    );
    const run = await discover({ find: "clusters" });
    expect(run.report.discovery?.count).toBe(11);
    expect(names(run)).toContain("arc0012");
    expect(names(run)).not.toContain("aks0001");
    expect(run.report.discovery?.found[0]).toMatchObject({ state: "Succeeded", extensionVersion: "1.1.84" });
  });

  test("more than one page of it, within the quota of Resource Graph", async () => {
    const { discover, world } = fleet({ clusters: 60 });
    world.knobs.resourceGraphPage = 3;
    const run = await discover();
    expect(names(run)).toHaveLength(60);
    expect(world.exchanges.filter(({ status }) => status === 429)).toEqual([]);
  });

  test("legacy computes where they are asked for; else how many there are is told", async () => {
    const stage = scene(World.legacy());
    const without = await stage.discover();
    expect(names(without)).toEqual([]);
    expect(ids(without)).toEqual(["legacy-left-out"]);
    expect(names(await stage.discover({ "compute-types": "kubernetes, aks" }))).toEqual(["legacy"]);
  });
});

describe("interrupted work", () => {
  test("is listed first, with all that its tag tells", async () => {
    const { discover, world } = fleet();
    const { workspaceId = "", clusterId = "" } = world.fleet[11] ?? {};
    world.store.delete(`${workspaceId}/computes/gpu0012`);
    const pointer = clusterId.slice(clusterId.indexOf("/providers/"));
    Object.assign(world.store.get(workspaceId)?.body ?? {}, {
      tags: { "azureml-clusters.journal.gpu0012": pointer },
    });
    const run = await discover({ states: "Failed" });
    expect(run.host.said.outputs).toMatchObject({ count: "1", interrupted: "1" });
    expect(JSON.parse(matrixOf(run).include[0]?.targets ?? "")).toEqual([
      expect.objectContaining({ "compute-name": "gpu0012", "cluster-resource-id": clusterId }),
    ]);
    expect(names(await discover())[0]).toBe("gpu0012");
  });

  test("whose compute is there again is none", async () => {
    const { discover, world } = fleet();
    const body = world.store.get(world.fleet[0]?.workspaceId ?? "")?.body ?? {};
    Object.assign(body, { tags: { "azureml-clusters.journal.gpu0001": "/providers/x/y/z" } });
    expect((await discover()).report.discovery?.interrupted).toBe(0);
  });
});

describe("where is looked", () => {
  test("in the subscriptions that are named, or below a management group", async () => {
    const { discover, world } = fleet();
    const [first = "", second = ""] = world.subscriptions.keys();
    expect(names(await discover({ "subscription-ids": `${first},\n${second.toUpperCase()}` }))).toHaveLength(
      8,
    );
    expect(names(await discover({ "management-group": FLEET_GROUP }))).toHaveLength(12);
    const strange = await discover({ "management-group": "strange" });
    expect(strange.host.said.outputs["error-code"]).toBe("AccessDenied");
  });

  test("a subscription that can't be read is told, since Resource Graph says nothing of it", async () => {
    const { discover, world } = fleet();
    const [first = "", second = ""] = world.subscriptions.keys();
    world.revoke(world.application.clientId);
    world.grant(world.application.clientId, ["*/read"], [], `/subscriptions/${first}`);
    const run = await discover({ "subscription-ids": `${first}\n${second}` });
    expect(run.exit).toBe(0);
    expect(names(run)).toHaveLength(4);
    expect(run.report.findings).toMatchObject([
      { id: "subscription-unseen", severity: "warning", unread: true },
    ]);
    const none = await discover({ "subscription-ids": second });
    expect(none.exit).toBe(1);
    expect(none.host.said.outputs["error-code"]).toBe("SubscriptionNotFound");
  });

  test("a workspace whose computes can't be listed is told, and the others are found", async () => {
    const { discover, world } = fleet();
    const match: Fault["match"] = { url: new RegExp(`${world.fleet[0]?.workspaceId}/computes`) };
    world.faults.push({ match, kind: "status", status: 403, code: "AuthorizationFailed", count: 99 });
    const run = await discover();
    expect(names(run)).toHaveLength(8);
    expect(ids(run)).toEqual(["computes-unread"]);
  });

  test("many workspaces, within the token buckets", async () => {
    const { discover, world } = scene(World.fleet({ subscriptions: 1, clusters: 1 }));
    for (let count = 0; count < 60; count++)
      world.addWorkspace({ resourceGroup: "fleet", name: `extra-${count}` });
    world.knobs.throttling = true;
    world.knobs.tokenBuckets.reads = { size: 20, refill: 5 };
    expect((await discover()).exit).toBe(0);
    expect(world.exchanges.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(3);
  });
});

test("a shard whose targets no step could be given fails here, and says what to do", async () => {
  const { discover, world } = fleet();
  const [{ workspaceId, clusterId: resourceId } = { workspaceId: "", clusterId: "" }] = world.fleet;
  for (let count = 0; count < 800; count++)
    world.addCompute(workspaceId, { name: `extra${count}`, properties: { resourceId } });
  const inputs = { "shard-size": "1000" };
  const run = await discover(inputs);
  expect(run.host.said.outputs["error-code"]).toBe("ShardTooLarge");
  expect((await discover({ "shard-size": "400" })).exit).toBe(0);
});

describe("filters", () => {
  test.each<[string, Record<string, string>, number]>([
    ["a tag of the cluster", { tags: "ring=canary" }, 2],
    ["tags of cluster and workspace together", { tags: "ring\nenvironment=test" }, 4],
    ["a tag that nobody has", { tags: "ring=x" }, 0],
    ["regions", { regions: "West Europe, japaneast" }, 8],
    ["workspaces", { workspaces: "ws*" }, 12],
    ["other workspaces", { workspaces: "other" }, 0],
    ["a state", { states: "failed" }, 1],
    ["an older version", { "extension-version": "<1.1.80" }, 1],
    ["a version", { "extension-version": "1.1.84" }, 11],
    ["legacy computes", { "compute-types": "aks" }, 0],
  ])("%s", async (_title, inputs, count) => {
    const { discover, world } = fleet();
    const [first, second] = world.fleet;
    const failed = world.store.get(`${first?.workspaceId}/computes/${first?.computeName}`)?.body[
      "properties"
    ];
    Object.assign(failed ?? {}, { provisioningState: "Failed" });
    const extension = `${second?.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    Object.assign(world.store.get(extension)?.body["properties"] ?? {}, { currentVersion: "1.1.60" });
    expect((await discover(inputs)).report.discovery?.count).toBe(count);
  });
});

test.each<[string, Record<string, string>, RegExp]>([
  ["a subscription that is none", { "subscription-ids": "a, b" }, /^subscription-ids: .*UUID/],
  [
    "both scopes",
    { "management-group": "m", "subscription-ids": crypto.randomUUID() },
    /^subscription-ids: .*nothing/,
  ],
  ["no version", { "extension-version": "new" }, /^extension-version: .*1\.1\.84/],
  ["too many shards", { "max-shards": "257" }, /^max-shards: .*256/],
  ["no shard at all", { "shard-size": "0" }, /^shard-size: .*1 to/],
  ["workspaces with clusters", { find: "clusters", workspaces: "ws1" }, /^workspaces: .*nothing/],
  ["a tag without a name", { tags: "=x" }, /^tags: .*name=value/],
])("%s is refused before anything is sent", async (_title, inputs, problem) => {
  const { discover, world } = fleet();
  const run = await discover(inputs);
  expect(run.host.said.outputs["error-code"]).toBe("InvalidInput");
  expect(run.report.error?.details).toEqual([expect.stringMatching(problem)]);
  expect(world.exchanges).toEqual([]);
});

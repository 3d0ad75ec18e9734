import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  balanced,
  type Discovered,
  hasTags,
  inOrder,
  isNamed,
  matrixText,
} from "../../src/model/discovery.ts";
import { interruptedIn } from "../../src/model/journal.ts";
import { resourceTypes } from "../../src/model/resource-id.ts";

const subscriptionId = "22222222-2222-4222-8222-222222222222";
const workspace = { subscriptionId, resourceGroup: "rg1", type: resourceTypes.workspace, name: "ws1" };
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg1`;
const aks = "Microsoft.ContainerService/managedClusters/aks1";
const found = (name: string, more: Partial<Discovered> = {}): Discovered => ({
  ...{ id: `/w/computes/${name}`, name, subscriptionId, resourceGroup: "rg1", workspaceName: "ws1" },
  ...{ region: "eastus", state: "Succeeded" },
  ...more,
});

describe("shards", () => {
  test("hold everything once, in order, none larger than another by more than one", () => {
    fc.assert(
      fc.property(
        fc.nat(3_000),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 256 }),
        (count, size, most) => {
          const items = Array.from({ length: count }, (_, index) => index);
          const parts = balanced(items, size, most);
          const sizes = parts.map(({ length }) => length);
          expect(parts.flat()).toEqual(items);
          expect(parts.length).toBe(Math.min(most, Math.ceil(count / size)));
          expect(Math.max(...sizes, 0) - Math.min(...sizes, Number.MAX_SAFE_INTEGER)).toBeLessThanOrEqual(1);
          if (parts.length < most) expect(Math.max(...sizes, 0)).toBeLessThanOrEqual(size);
        },
      ),
    );
  });

  test("of nothing are none: the matrix is one that JSON takes", () => {
    expect(JSON.parse(matrixText(balanced([], 50, 256), "github"))).toEqual({ include: [] });
    expect(JSON.parse(matrixText([], "azure-pipelines"))).toEqual({});
  });
});

test("interrupted work comes first, then the order of the ids, whatever order they came in", () => {
  const all = [found("b"), found("a"), found("Z", { interrupted: true }), found("C")];
  const names = (some: readonly Discovered[]) => inOrder(some).map(({ name }) => name);
  expect(names(all)).toEqual(["Z", "a", "b", "C"]);
  expect(names(all.toReversed())).toEqual(names(all));
});

test("each entry of the matrix has all that a job needs", () => {
  const interrupted = found("gone", { interrupted: true, clusterId: `${group}/providers/${aks}` });
  const text = matrixText([[interrupted, found("a")], [found("b")]], "github");
  const { include } = JSON.parse(text) as { include: Record<string, string>[] };
  expect(include.map(({ shard, shards, count }) => [shard, shards, count])).toEqual([
    ["1", "2", "2"],
    ["2", "2", "1"],
  ]);
  expect(JSON.parse(include[0]?.["targets"] ?? "")).toEqual([
    {
      "subscription-id": subscriptionId,
      "resource-group": "rg1",
      "workspace-name": "ws1",
      "compute-name": "gone",
      "cluster-resource-id": `${group}/providers/${aks}`,
    },
    "/w/computes/a",
  ]);
  expect(Object.keys(JSON.parse(matrixText([[found("a")]], "azure-pipelines")))).toEqual(["shard_1"]);
});

test.each([[`${group}/providers/${aks}`], [`/resourceGroups/rg1/providers/${aks}`], [`/providers/${aks}`]])(
  "a journal's tag leads to its cluster: %s",
  (value) => {
    const tags = { "azureml-clusters.journal.gpu": value, environment: "production" };
    expect(interruptedIn(tags, workspace)).toEqual([
      { computeName: "gpu", clusterId: `${group}/providers/${aks}` },
    ]);
  },
);

test("a journal's tag that names no cluster is told all the same", () => {
  expect(interruptedIn({ "Azureml-Clusters.Journal.gpu": "?" }, workspace)).toEqual([{ computeName: "gpu" }]);
  expect(interruptedIn(null, workspace)).toEqual([]);
});

test.each<[string, string[], boolean]>([
  ["ws1", ["WS1"], true],
  ["ws1", ["ws"], false],
  ["ws-prod-weu", ["ws-prod-*"], true],
  ["ws-prod-weu", ["*-weu"], true],
  ["ws-prod-weu", ["ws*weu"], true],
  ["ws-prod-weu", ["ws*prod"], false],
  ["aba", ["ab*ba"], false],
  ["anything", ["x", "*"], true],
  ["a.c", ["a?c"], false],
])("the name %s and the patterns %j: %j", (name, patterns, expected) => {
  expect(isNamed(name, patterns)).toBe(expected);
});

test("tags may be spread over compute, workspace and cluster; names have no case, values have", () => {
  const sets = [{ Team: "a" }, null, undefined, { ring: "canary" }];
  expect(hasTags([{ name: "team", value: "a" }, { name: "ring" }], sets)).toBe(true);
  expect(hasTags([{ name: "team", value: "A" }], sets)).toBe(false);
  expect(hasTags([{ name: "owner" }], sets)).toBe(false);
  expect(hasTags([], [])).toBe(true);
});

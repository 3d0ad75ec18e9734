import { describe, expect, test } from "@jest/globals";
import {
  type Journal,
  journalName,
  journalText,
  pointedAt,
  pointerName,
  pointerTo,
  readJournal,
} from "../../src/model/journal.ts";

const sub = "22222222-2222-4222-8222-222222222222";
const workspace = {
  subscriptionId: sub,
  resourceGroup: "rg1",
  type: "Microsoft.MachineLearningServices/workspaces",
  name: "ws1",
};
const cluster = (subscription: string, group: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;

const journal: Journal = {
  version: 1,
  run: "r",
  action: "attach",
  workspaceId: "/w",
  computeName: "gpu",
  clusterId: "/c",
  computeType: "AKS",
  phase: "detached",
  startedAt: "2026-01-01T00:00:00.000Z",
  body: { properties: { computeType: "AKS" } },
};

describe("the tag that leads to a journal (design 6)", () => {
  test.each([
    [cluster(sub, "rg1", "aks1"), "/providers/Microsoft.ContainerService/managedClusters/aks1"],
    [cluster(sub.toUpperCase(), "RG1", "aks1"), "/providers/Microsoft.ContainerService/managedClusters/aks1"],
    [
      cluster(sub, "rg2", "aks1"),
      "/resourceGroups/rg2/providers/Microsoft.ContainerService/managedClusters/aks1",
    ],
    [cluster("other", "rg1", "aks1"), cluster("other", "rg1", "aks1")],
  ])("%s: leaves out what it shares with the workspace, and leads back", (id, value) => {
    expect(pointerTo(id, workspace)).toBe(value);
    const back = pointedAt({ other: "x", [pointerName("GPU").toUpperCase()]: value }, "gpu", workspace);
    expect(back?.toLowerCase()).toBe(id.toLowerCase());
  });

  test("a value that no tag may have is none", () => {
    expect(
      pointerTo(cluster(sub.replaceAll("2", "3"), "g".repeat(90), "k".repeat(63)), workspace)?.length,
    ).toBeUndefined();
    expect(pointerTo(cluster(sub, "g".repeat(90), "k".repeat(63)), workspace)?.length).toBeLessThan(256);
  });

  test("a tag that is none of ours, or names no cluster, leads nowhere", () => {
    expect(pointedAt({ [pointerName("gpu")]: "over there" }, "gpu", workspace)).toBeUndefined();
    expect(pointedAt(null, "gpu", workspace)).toBeUndefined();
  });
});

test("computes of the same name in two workspaces have journals of their own in one cluster", () => {
  const names = [workspace, { ...workspace, name: "ws2" }].map((one) => journalName(one, "GPU"));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^azureml-clusters\.journal\.gpu\.[0-9a-f]{8}$/);
});

test("the text holds neither certificate nor key, and is read back", () => {
  const tls = { certificate: "planted-certificate", privateKey: "planted-key" };
  const text = journalText({ ...journal, tls });
  expect(text).not.toContain("planted");
  expect(readJournal(text, tls)).toEqual({ is: "readable", journal: { ...journal, tls } });
});

test.each([
  ["{", "unreadable"],
  ["null", "unreadable"],
  ["{}", "unreadable"],
  [JSON.stringify({ ...journal, clusterId: 5 }), "unreadable"],
  [JSON.stringify({ ...journal, body: {} }), "unreadable"],
  [JSON.stringify({ ...journal, version: 2, body: undefined }), "newer"],
])("%s is %s", (text, is) => {
  expect(readJournal(text).is).toBe(is);
});

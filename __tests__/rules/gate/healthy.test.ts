import { expect, test } from "@jest/globals";
import { there } from "../facts.ts";
import { brief, facts, judged, kinds, node } from "./facts.ts";

test.each(kinds)(
  "K1, K2, K3: a healthy extension of $generation on $cluster passes without a warning",
  (kind) => {
    const { verdict, findings, checks } = judged(facts(kind));
    expect(brief(findings)).toEqual([]);
    expect(verdict).toBe("pass");
    expect(new Set(checks.map(({ result }) => result))).toEqual(new Set(["pass"]));
  },
);

test.each([
  ["training alone", { enableInference: "False" }],
  ["inference alone", { enableTraining: "False" }],
])("one that is for %s needs what is for it, and more is no fault", (_title, set) => {
  for (const kind of kinds) expect(brief(judged(facts(kind, { set })).findings)).toEqual([]);
});

test("an unknown version that is newer than all that is known has today's workloads", () => {
  const [kind = { cluster: "aks", generation: "today" }] = kinds;
  const future = { version: "9.0.1", currentVersion: "9.0.1" };
  expect(judged(facts(kind, { extension: future })).verdict).toBe("pass");
  expect(judged(facts(kind, { extension: { version: null, currentVersion: null } })).verdict).toBe("pass");
});

test("cordoned nodes and Windows nodes beside it are no fault", () => {
  const [kind = { cluster: "aks", generation: "today" }] = kinds;
  const nodes = there([
    node("node-1"),
    node("win-1", { os: "windows" }),
    node("n3", { unschedulable: true }),
  ]);
  expect(brief(judged(facts(kind, { inCluster: { nodes } })).findings)).toEqual([]);
});

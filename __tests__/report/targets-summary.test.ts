import { describe, expect, test } from "@jest/globals";
import type { Report } from "../../src/model/report.ts";
import { junit } from "../../src/report/junit.ts";
import { outputsOf } from "../../src/report/outputs.ts";
import { headline, summary } from "../../src/report/summary.ts";
import { gateReport, gates } from "./gates.ts";
import { error, reportOf } from "./reports.ts";

const named = (report: Report, computeName: string): Report => ({
  ...report,
  target: {
    ...report.target,
    computeName,
    clusterId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks1",
  },
});
const well = named(gateReport(gates.pass), "gpu");
const warned = named(gateReport(gates.warn), "cpu");
const broken = named(reportOf({ verdict: "failed", error }), "edge");
const of = (targets: readonly Report[], more: Partial<Report> = {}): Report => ({
  ...reportOf({ action: "ensure", target: { workspaceName: "ws1", resourceGroup: "rg1" } }),
  targets,
  ...more,
});
const failed = { code: "ComputesFailed", message: "1 of 3 failed.", details: ["edge: x"] };

describe("a run about several computes", () => {
  test("has a row for each: how it went, what the gate says, what is wrong and what to do", () => {
    const page = summary(of([well, warned, broken], { verdict: "failed", error: failed }));
    expect(page).toContain("ensure: 1 of 3 failed");
    expect(page).toMatch(/\| gpu +\| aks1 +\|.*\| Pass +\|/);
    expect(page).toMatch(/\| cpu +\| aks1 +\|.*Pass, with warnings/);
    expect(page).toMatch(new RegExp(`\\| edge +\\| aks1 +\\| Failed.*${error.code}`));
    expect(page).toContain("Workspace ws1");
    expect(page).not.toContain("edge: x");
  });

  test("that failed as a whole says that too", () => {
    const page = summary(
      of([broken], { verdict: "failed", error: { ...failed, code: "Timeout", message: "Over." } }),
    );
    expect(page).toContain("**Timeout**: Over.");
  });

  test.each<[string, Report, string]>([
    ["all well", of([well, well], { verdict: "done" }), "ensure: 2 computes: Done"],
    ["one failed", of([well, broken], { verdict: "failed" }), "ensure: 1 of 2 failed"],
    [
      "one compute that was changed and judged",
      { ...well, action: "ensure", verdict: "done", plan: { steps: [], summary: "" } },
      "ensure gpu: Done, gate: Pass",
    ],
  ])("headline: %s", (_what, report, expected) => {
    expect(headline(report)).toBe(expected);
  });

  test.each<[readonly Report[], string | undefined]>([
    [[well], "pass"],
    [[well, warned], "warn"],
    [[warned, named(gateReport(gates.fail), "x"), well], "fail"],
    [[broken], undefined],
  ])("the output `verdict` is the worst of all", (targets, expected) => {
    expect(outputsOf(of(targets))["verdict"]).toBe(expected);
  });

  test("has suites for each in JUnit", () => {
    const xml = junit(of([well, broken]));
    expect(xml).toContain('name="azureml-clusters.gpu.');
    expect(xml).toContain('name="azureml-clusters.edge.run"');
  });

  test("text of others is no markup there", () => {
    const evil = { ...error, message: "a | b <script> [x](y)" };
    const page = summary(of([named(reportOf({ verdict: "failed", error: evil }), "edge"), well]));
    expect(page).not.toMatch(/[^\\]<script>/);
    expect(page).not.toContain("[x](y)");
  });
});

import { describe, expect, test } from "@jest/globals";
import type { Standing } from "../../../src/model/fleet.ts";
import type { Report } from "../../../src/model/report.ts";
import { gatherFleet, keyOf, type PastDay } from "../../../src/report/fleet-page/gather.ts";
import { clusterReport, fleetReports, fleetTime, gateOf } from "../../support/fleet-reports.ts";
import { error } from "../reports.ts";

const gathered = (reports: readonly Report[], past: readonly PastDay[] = []) =>
  gatherFleet(reports, past, fleetTime);
const only = (reports: readonly Report[]) => gathered(reports).clusters[0];

describe("a fleet", () => {
  test("has each cluster once, with what a list tells of it", () => {
    const { clusters, checks, days, madeAt } = gathered(fleetReports(5));
    expect(madeAt).toBe("2026-11-21T06:00:00.000Z");
    expect(clusters).toHaveLength(5);
    expect(days).toEqual([]);
    expect(clusters[4]).toMatchObject({
      name: "cluster-0004",
      kind: "Arc",
      region: "westeurope",
      resourceGroup: "rg-4",
      workspace: "ws-4",
      compute: "gpu-0004",
      standing: "pass",
      extensionVersion: "1.1.60",
      latestVersion: "1.1.84",
      kubernetesVersion: "1.30.2",
      certificateEnds: "2027-01-12T06:00:00.000Z",
    });
    expect(clusters[4]?.results).toBe("p".repeat(checks.length));
  });

  test("shows results in the places of its checks, with what they found", () => {
    const { clusters, checks } = gathered(fleetReports(3));
    const failing = clusters[2];
    const failed = checks.filter((_check, place) => failing?.results[place] === "f").map(({ id }) => id);
    expect(failed).toEqual(failing?.findings.map(({ check }) => check));
    expect(failing).toMatchObject({ standing: "fail", errors: [] });
    expect(failing?.findings[0]).toMatchObject({ severity: "error", remedy: "Look at it." });
  });

  test("knows a check that only one cluster has, and that the others were not asked", () => {
    const short = { ...gateOf(0), checks: gateOf(0).checks.slice(3) };
    const own = { id: "own", subject: "own", source: "K1", result: "unknown", findings: [] } as const;
    const more = { ...gateOf(1), checks: [...gateOf(1).checks, own] };
    const { clusters, checks } = gathered([
      clusterReport(0, { gate: short }),
      clusterReport(1, { gate: more }),
    ]);
    expect(checks.at(-1)?.id).toBe("own");
    expect(clusters[0]?.results).toMatch(/^---p+-$/);
    expect(clusters[1]?.results).toMatch(/u$/);
  });

  test.each([[["old", "new"]], [["new", "old"]]])(
    "takes the later of two reports of a cluster, given %j",
    (order) => {
      const reports = {
        old: clusterReport(2, { startedAt: "2026-11-21T01:00:00.000Z" }),
        new: clusterReport(2, { gate: gateOf(0), startedAt: "2026-11-21T02:00:00.000Z" }),
      };
      const fleet = gathered(order.map((name) => reports[name as keyof typeof reports]));
      expect(fleet.clusters).toHaveLength(1);
      expect(fleet.clusters[0]).toMatchObject({ standing: "pass", lookedAt: "2026-11-21T02:00:00.000Z" });
    },
  );

  test("tells one cluster by its ids, whatever their case, and two computes of it apart", () => {
    const report = clusterReport(0);
    const { clusterId = "", computeId = "" } = report.target;
    const shouted = { ...report, target: { ...report.target, clusterId: clusterId.toUpperCase() } };
    const other = { ...report, target: { ...report.target, computeId: `${computeId}-2` } };
    expect(gathered([report, shouted]).clusters).toHaveLength(1);
    expect(gathered([report, other]).clusters).toHaveLength(2);
  });

  test("keeps runs apart that knew no cluster", () => {
    const { gate: _gate, ...failed } = clusterReport(0, { target: {}, error, verdict: "failed" });
    const fleet = gathered([failed, { ...failed, correlationId: "another" }]);
    expect(fleet.clusters.map(({ standing, name }) => [standing, name])).toEqual([
      ["unknown", "?"],
      ["unknown", "?"],
    ]);
    expect(fleet.clusters[0]?.errors).toMatchObject([{ action: "verify-extension", code: "ComputeFailed" }]);
  });

  test("counts a cluster whose update failed as failed, though the gate passes", () => {
    const { gate: _gate, ...rest } = clusterReport(0);
    const update: Report = { ...rest, action: "deploy-extension", verdict: "failed", error };
    expect(only([clusterReport(0), update])).toMatchObject({
      standing: "fail",
      errors: [{ action: "deploy-extension", code: "ComputeFailed" }],
      extensionVersion: "1.1.84",
    });
  });

  test("leaves out what is about no cluster", () => {
    const { gate: _gate, ...rest } = clusterReport(0);
    expect(gathered([{ ...rest, action: "list-versions" }]).clusters).toEqual([]);
  });

  test("of a key that every object has makes no trouble", () => {
    const report = clusterReport(0, { target: { computeName: "constructor" } });
    const past = [{ day: "2026-11-20", standings: new Map<string, Standing>() }];
    expect(gathered([report], past).clusters[0]?.past).toBe("-p");
  });
});

describe("the history of a fleet", () => {
  const day = (date: string, standing: Standing): PastDay => ({
    day: date,
    standings: new Map([[keyOf(clusterReport(0)), standing]]),
  });

  test("is in the order of the days, with this one at its end", () => {
    const { days, clusters } = gathered(fleetReports(3), [
      day("2026-11-20", "warn"),
      day("2026-11-18", "fail"),
    ]);
    expect(days).toEqual([
      { day: "2026-11-18", pass: 0, warn: 0, fail: 1, unknown: 0 },
      { day: "2026-11-20", pass: 0, warn: 1, fail: 0, unknown: 0 },
      { day: "2026-11-21", pass: 1, warn: 1, fail: 1, unknown: 0 },
    ]);
    expect(clusters.map(({ past }) => past)).toEqual(["fwp", "--w", "--f"]);
  });

  test("has of a day what came last, and no day that is today or to come", () => {
    const past = [
      day("2026-11-20", "fail"),
      day("2026-11-20", "pass"),
      day("2026-11-21", "fail"),
      day("2026-12-01", "fail"),
    ];
    const { days } = gathered([clusterReport(0)], past);
    expect(days.map((one) => [one.day, one.pass, one.fail])).toEqual([
      ["2026-11-20", 1, 0],
      ["2026-11-21", 1, 0],
    ]);
  });

  test("is ninety days long at most", () => {
    const past = Array.from({ length: 200 }, (_, index) =>
      day(new Date(fleetTime.getTime() - (index + 1) * 86_400_000).toISOString().slice(0, 10), "pass"),
    );
    expect(gathered([clusterReport(0)], past).days).toHaveLength(90);
  });
});

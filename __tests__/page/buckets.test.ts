import { describe, expect, test } from "@jest/globals";
import { certificateBars, versionBars } from "../../page/buckets.ts";
import { gatherFleet } from "../../src/report/fleet-page/gather.ts";
import { clusterReport, fleetTime, gateOf } from "../support/fleet-reports.ts";

const versions = (...all: string[]) =>
  versionBars(
    gatherFleet(
      all.map((extensionVersion, index) => clusterReport(index, { extensionVersion })),
      [],
      fleetTime,
    ),
  );

describe("versions", () => {
  test("are counted, the newest first, and the latest stands out", () => {
    expect(versions("1.1.9", "1.1.84", "1.1.79", "1.1.84")).toEqual([
      { label: "1.1.84", count: 2, tone: "pass" },
      { label: "1.1.79", count: 1, tone: "warn" },
      { label: "1.1.9", count: 1, tone: "warn" },
    ]);
  });

  test("that are many are one bar of older ones, so that none is lost", () => {
    const bars = versions(...Array.from({ length: 20 }, (_, index) => `1.1.${index}`));
    expect(bars).toHaveLength(8);
    expect(bars.at(-1)).toEqual({ label: "13 older", count: 13, tone: "warn" });
  });

  test("that are not known are told", () => {
    const { extensionVersion: _version, ...unknown } = clusterReport(0);
    expect(versionBars(gatherFleet([unknown], [], fleetTime))).toEqual([
      { label: "not known", count: 1, tone: "unknown" },
    ]);
  });
});

describe("certificates", () => {
  const ending = (days: number, index: number) => {
    const ends = new Date(fleetTime.getTime() + days * 24 * 3_600_000).toISOString();
    return clusterReport(index, { gate: { ...gateOf(0), sight: { certificate: { names: [], ends } } } });
  };

  test.each([
    [-1, "ended"],
    [0, "ended"],
    [1, "30 days"],
    [30, "30 days"],
    [31, "60 days"],
    [90, "90 days"],
    [91, "6 months"],
    [365, "1 year"],
    [4000, "later"],
  ])("that end in %d days count as %s", (days, label) => {
    const bars = certificateBars(gatherFleet([ending(days, 0)], [], fleetTime));
    expect(bars.filter(({ count }) => count > 0).map((bar) => bar.label)).toEqual([label]);
  });

  test("that are not known count nowhere", () => {
    const bars = certificateBars(
      gatherFleet([clusterReport(0, { gate: { ...gateOf(0), sight: {} } })], [], fleetTime),
    );
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(0);
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { gatherFleet } from "../../../src/report/fleet-page/gather.ts";
import { pastFile, readPast, readReports } from "../../../src/report/fleet-page/read.ts";
import { tallyFleet } from "../../../src/report/fleet-page/tally.ts";
import { clusterReport, fleetTime } from "../../support/fleet-reports.ts";

const report = clusterReport(2);
const read = (data: unknown) => readReports({ "a.json": JSON.stringify(data) });

describe("a file of a report", () => {
  test("is read as it was written", () => {
    expect(read(report)).toEqual({ found: [report], strange: [] });
  });

  test("of many targets holds the report of each", () => {
    const targets = [clusterReport(0), clusterReport(1), { strange: true }];
    const { target: _target, ...run } = report;
    expect(read({ ...run, target: {}, targets }).found).toEqual(targets.slice(0, 2));
  });

  test.each<[string, unknown]>([
    ["another version", { ...report, reportVersion: 2 }],
    ["no time", { ...report, startedAt: "yesterday" }],
    ["no target", { ...report, target: undefined }],
    ["a target that is no text", { ...report, target: { clusterId: { toLowerCase: 1 } } }],
    ["a gate of another kind", { ...report, gate: { verdict: "maybe", checks: [] } }],
    ["a check without findings", { ...report, gate: { verdict: "fail", checks: [{ id: "x" }] } }],
    ["an error without words", { ...report, error: {} }],
    ["a list", [report]],
    ["nothing", null],
  ])("with %s is strange", (_name, data) => {
    expect(read(data)).toEqual({ found: [], strange: ["a.json"] });
  });

  test("whatever is in it, ends in a fleet or is strange", () => {
    const part = fc.constantFrom(...Object.keys(report));
    fc.assert(
      fc.property(part, fc.jsonValue(), (name, value) => {
        const { found } = read({ ...report, [name]: value });
        const fleet = gatherFleet(found, [], fleetTime);
        expect(tallyFleet(fleet, { failOn: "error" }).count).toBe(fleet.clusters.length);
      }),
    );
  });
});

describe("a file of a day", () => {
  const day = {
    day: "2026-11-20",
    standings: new Map([["a", "fail"] as const]),
  };

  test("is read as it was written", () => {
    expect(readPast({ "d.json": pastFile(day) })).toEqual({ found: [day], strange: [] });
  });

  test("is told of by an earlier report too", () => {
    const { found } = readPast({ "r.json": JSON.stringify(report) });
    expect(found).toMatchObject([{ day: "2026-11-21" }]);
    expect([...(found[0]?.standings.values() ?? [])]).toEqual(["fail"]);
  });

  test.each(["", "{", "[]", '{"fleetDayVersion": 2}', '{"fleetDayVersion":1,"day":"soon","standings":{}}'])(
    "that holds %j is strange",
    (content) => {
      expect(readPast({ "d.json": content }).strange).toEqual(["d.json"]);
    },
  );
});

import { describe, expect, test } from "@jest/globals";
import {
  checkColumn,
  choices,
  fleetTable,
  nothingAsked,
  telling,
  type Wish,
  wordOf,
} from "../../page/table.ts";
import { gatherFleet } from "../../src/report/fleet-page/gather.ts";
import { clusterReport, fleetReports, fleetTime, gateOf } from "../support/fleet-reports.ts";

const fleet = gatherFleet(fleetReports(40), [], fleetTime);
const names = (table: ReturnType<typeof fleetTable>) => table.clusters().map(({ name }) => name);

/** The clusters that are left of forty when this is asked. */
function left(wish: Partial<Wish>) {
  const table = fleetTable(fleet);
  table.filter({ ...nothingAsked, ...wish });
  return table.clusters();
}

describe("the table", () => {
  test("begins with the worst, each in the order of names", () => {
    const standings = fleetTable(fleet)
      .clusters()
      .map(({ standing }) => standing);
    expect([...new Set(standings)]).toEqual(["fail", "warn", "pass"]);
    expect(names(fleetTable(fleet)).slice(0, 4)).toEqual([
      "cluster-0002",
      "cluster-0013",
      "cluster-0024",
      "cluster-0035",
    ]);
  });

  test("is sorted by a column, and the other way round when it is asked again", () => {
    const table = fleetTable(fleet);
    table.sort("cluster");
    expect(table.order()).toEqual({ column: "cluster", descending: false });
    expect(names(table)[0]).toBe("cluster-0000");
    table.sort("cluster");
    expect(table.order()).toEqual({ column: "cluster", descending: true });
    expect(names(table)[0]).toBe("cluster-0039");
    table.sort("region");
    expect(table.order()).toEqual({ column: "region", descending: false });
    expect(table.clusters()[0]?.region).toBe("eastus");
  });

  test("knows that 1.1.9 is older than 1.1.84, and puts what is not known last, either way", () => {
    const { extensionVersion: _version, ...unknown } = clusterReport(3);
    const reports = ["1.1.84", "1.1.9", "1.1.10"].map((extensionVersion, index) =>
      clusterReport(index, { extensionVersion }),
    );
    const table = fleetTable(gatherFleet([unknown, ...reports], [], fleetTime));
    const versions = () => table.clusters().map(({ extensionVersion }) => extensionVersion);
    table.sort("extension");
    expect(versions()).toEqual(["1.1.9", "1.1.10", "1.1.84", undefined]);
    table.sort("extension");
    expect(versions()).toEqual(["1.1.84", "1.1.10", "1.1.9", undefined]);
  });

  test("is sorted by a check, the worst first", () => {
    const ill = gateOf(2).checks.find(({ result }) => result === "fail")?.id ?? "";
    const place = fleet.checks.findIndex(({ id }) => id === ill);
    const table = fleetTable(fleet);
    table.sort(checkColumn(ill));
    expect(table.clusters()[0]?.results[place]).toBe("f");
    table.sort(checkColumn(ill));
    expect(table.clusters()[0]?.results[place]).toBe("p");
  });
});

describe("a filter", () => {
  test.each<[string, Partial<Wish>, (index: number) => boolean]>([
    ["nothing", {}, () => true],
    ["a verdict", { standing: "fail" }, (index) => index % 11 === 2],
    ["a region", { region: "eastus" }, (index) => index % 4 === 2],
    ["a subscription", { subscription: "00000003-2222-4222-8222-222222222222" }, (index) => index % 12 === 3],
    ["a name, whatever its case", { text: "CLUSTER-0007" }, (index) => index === 7],
    [
      "several words, all of them",
      { text: " northeurope   1.1.79 " },
      (index) => index % 4 === 1 && index % 5 === 3,
    ],
    ["a word of a finding", { text: "cluster 13 is not" }, (index) => index === 13],
    ["what nothing has", { text: "nonsense" }, () => false],
    [
      "two things at once",
      { standing: "warn", region: "westeurope" },
      (index) => index % 7 === 1 && index % 4 === 0 && index % 11 !== 2,
    ],
  ])("for %s", (_name, wish, expected) => {
    const wanted = [...fleetReports(40).keys()]
      .filter(expected)
      .map((index) => `cluster-${String(index).padStart(4, "0")}`);
    expect(
      left(wish)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(wanted);
  });

  test("for a check leaves those that did not pass it", () => {
    const place = 2;
    const check = fleet.checks[place]?.id ?? "";
    const found = left({ check });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ results }) => "fwu".includes(results.charAt(place)))).toBe(true);
    expect(left({ check: "a check of another version" })).toHaveLength(40);
  });

  test("keeps the order, and gives way to the next", () => {
    const table = fleetTable(fleet);
    table.sort("cluster");
    table.sort("cluster");
    table.filter({ ...nothingAsked, standing: "fail" });
    expect(names(table)).toEqual(["cluster-0035", "cluster-0024", "cluster-0013", "cluster-0002"]);
    table.filter(nothingAsked);
    expect(names(table)).toHaveLength(40);
  });
});

test("choices are counted, in their order, without what is not known", () => {
  const { gate: _gate, ...blind } = clusterReport(4);
  const some = gatherFleet([...fleetReports(4), blind], [], fleetTime);
  expect(choices(some, ({ region }) => region)).toEqual(
    ["eastus", "northeurope", "southeastasia", "westeurope"].map((value) => ({ value, count: 1 })),
  );
});

test("checks that all pass have nothing to tell", () => {
  const table = fleetTable(fleet);
  table.filter({ ...nothingAsked, standing: "pass" });
  expect(telling(fleet, table.clusters())).toEqual([]);
  table.filter({ ...nothingAsked, text: "cluster-0002" });
  expect(telling(fleet, table.clusters())).toEqual(
    [...fleet.checks.keys()].filter((place) => place % 17 === 2),
  );
});

test.each([
  ["p", "Pass"],
  ["f", "Fail"],
  ["w", "Warning"],
  ["u", "Unknown"],
  ["-", "Not checked"],
])("%s means %s", (letter, word) => {
  expect(wordOf(letter)).toBe(word);
});

import { describe, expect, test } from "@jest/globals";
import { parseMaintenanceWindow } from "../../src/model/maintenance-window.ts";
import { windowRule, withinWindow } from "../../src/rules/maintenance-window.ts";
import { judge } from "../../src/rules/rule.ts";

const plan = { summary: "s", steps: [{ kind: "update-extension", title: "t", reason: "r" }] } as const;

function factsAt(now: string, text: string | undefined, timeout = 30 * 60_000) {
  const window = text === undefined ? undefined : parseMaintenanceWindow(text);
  return { request: { policy: { window, allowDisruption: false }, timeout }, now: Date.parse(now) };
}

const window = "Sat 22:00-02:00 Europe/Berlin";

describe("a plan and the maintenance window", () => {
  test.each([
    ["2026-11-21T20:00:00Z", window, "2026-11-21T21:00:00.000Z"],
    ["2026-11-21T22:00:00Z", window, undefined],
    ["2026-11-22T01:00:00Z", window, "2026-11-28T21:00:00.000Z"],
    ["2026-11-21T20:00:00Z", undefined, undefined],
  ])("at %s in %s is not applied before %s", (now, text, notBefore) => {
    expect(withinWindow(plan, factsAt(now, text)).notBefore).toBe(notBefore);
  });

  test("of no steps has nothing to wait for", () => {
    const nothing = { summary: "nothing to do.", steps: [] };
    expect(withinWindow(nothing, factsAt("2026-11-21T20:00:00Z", window))).toBe(nothing);
  });
});

describe("the finding on the maintenance window", () => {
  const said = (facts: ReturnType<typeof factsAt>, isDue = true) =>
    judge([windowRule(() => isDue)], facts).map(({ severity, seen }) => `${severity}: ${seen}`);

  test("tells when it opens, in the people's time and in UTC", () => {
    expect(said(factsAt("2026-11-21T20:00:00Z", window))).toEqual([
      "info: The maintenance window is closed, and nothing is done. It opens Sat 2026-11-21 22:00 Europe/Berlin (2026-11-21T21:00Z), in 1 h 00 min.",
    ]);
  });

  test("tells that it may close over the run", () => {
    expect(said(factsAt("2026-11-22T00:45:00Z", window))).toEqual([
      expect.stringContaining(
        "closes Sun 2026-11-22 02:00 Europe/Berlin (2026-11-22T01:00Z), in 15 min 00 s",
      ),
    ]);
    expect(said(factsAt("2026-11-22T00:45:00Z", window, 10 * 60_000))).toEqual([]);
  });

  test("has nothing to say without a window, or where nothing is to be done", () => {
    expect(said(factsAt("2026-11-21T20:00:00Z", undefined))).toEqual([]);
    expect(said(factsAt("2026-11-21T20:00:00Z", window), false)).toEqual([]);
  });
});

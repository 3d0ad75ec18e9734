import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/model/duration.ts";

const part = fc.option(fc.nat(999), { nil: undefined });

describe("parseDuration", () => {
  test("adds hours, minutes and seconds", () => {
    fc.assert(
      fc.property(part, part, part, (h, m, s) => {
        const text = [h, m, s].map((value, i) => (value === undefined ? "" : `${value}${"hms"[i]}`)).join("");
        const ms = (((h ?? 0) * 60 + (m ?? 0)) * 60 + (s ?? 0)) * 1000;
        expect(parseDuration(text)).toBe(ms > 0 ? ms : undefined);
      }),
    );
  });

  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["24h", 86_400_000],
    ["0h1s", 1_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    "",
    "0s",
    "30",
    "m",
    "1.5h",
    "-1m",
    "30 m",
    " 30m",
    "30m ",
    "30m10h",
    "1m1m",
    "PT30M",
    "30M",
    "∞",
    "1d",
  ])("%j is no duration", (text) => expect(parseDuration(text)).toBeUndefined());

  test("takes nothing but digits with their unit", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (parseDuration(text) !== undefined) expect(text).toMatch(/^(\d+h)?(\d+m)?(\d+s)?$/);
      }),
    );
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0.0 s"],
    [400, "0.4 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [12_345, "12 s"],
    [59_499, "59 s"],
    [59_500, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [3_599_499, "59 min 59 s"],
    [3_599_500, "1 h 00 min"],
    [3_720_000, "1 h 02 min"],
    [86_400_000, "24 h 00 min"],
  ])("%d ms is said as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  /** What the words say, in milliseconds. */
  function said(text: string): number {
    const units: Record<string, number> = { h: 3_600_000, min: 60_000, s: 1_000 };
    return [...text.matchAll(/([\d.]+) (h|min|s)/g)].reduce(
      (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ""] ?? Number.NaN),
      0,
    );
  }

  test("says the same length of time, as exactly as its words can", () => {
    fc.assert(
      fc.property(fc.nat(172_800_000), (ms) => {
        const text = formatDuration(ms);
        expect(text).toMatch(/^(\d+\.\d s|\d+ s|\d+ min \d\d s|\d+ h \d\d min)$/);
        const fault = ms < 9_950 ? 50 : ms < 3_599_500 ? 500 : 60_000;
        expect(Math.abs(said(text) - ms)).toBeLessThanOrEqual(fault);
      }),
    );
  });

  test("a longer time is never said as a shorter one", () => {
    fc.assert(
      fc.property(fc.nat(90_000_000), fc.nat(90_000_000), (one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(said(formatDuration(less))).toBeLessThanOrEqual(said(formatDuration(more)));
      }),
    );
  });
});

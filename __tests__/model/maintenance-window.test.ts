import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  formatInstant,
  type MaintenanceWindow,
  parseMaintenanceWindow,
  standingAt,
} from "../../src/model/maintenance-window.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function windowOf(text: string): MaintenanceWindow {
  const window = parseMaintenanceWindow(text);
  if (!window) throw new Error(`no window: ${text}`);
  return window;
}

/** `open until …` or `opens …`, in UTC. */
function said(text: string, at: string): string {
  const standing = standingAt(windowOf(text), Date.parse(at));
  return standing.is === "open"
    ? `open until ${new Date(standing.closes).toISOString().slice(0, 16)}`
    : `opens ${new Date(standing.opens).toISOString().slice(0, 16)}`;
}

describe("windows by the hours of days", () => {
  test.each([
    ["Sat 22:00-02:00 Europe/Berlin", "2026-11-21T20:59:59.999Z", "opens 2026-11-21T21:00"],
    ["Sat 22:00-02:00 Europe/Berlin", "2026-11-21T21:00:00Z", "open until 2026-11-22T01:00"],
    ["Sat 22:00-02:00 Europe/Berlin", "2026-11-22T00:59:59.999Z", "open until 2026-11-22T01:00"],
    ["Sat 22:00-02:00 Europe/Berlin", "2026-11-22T01:00:00Z", "opens 2026-11-28T21:00"],
    ["saturday 22:00 - 02:00 Europe/Berlin", "2026-07-04T20:00:00Z", "open until 2026-07-05T00:00"],
    ["Mon-Fri 01:00-05:00", "2026-11-21T03:00:00Z", "opens 2026-11-23T01:00"],
    ["Fri-Mon 01:00-05:00", "2026-11-21T03:00:00Z", "open until 2026-11-21T05:00"],
    ["Tue,Thu 01:00-05:00 utc", "2026-11-25T03:00:00Z", "opens 2026-11-26T01:00"],
    ["01:00-05:00 America/New_York", "2026-11-21T06:30:00Z", "open until 2026-11-21T10:00"],
    ["daily 00:00-24:00", "2026-11-21T06:30:00Z", "open until 2026-11-23T00:00"],
    ["Mon 01:00-02:00; Tue 01:00-02:00;", "2026-11-23T02:00:00Z", "opens 2026-11-24T01:00"],
    ["Mon 01:00-02:00\n  Tue 01:00-02:00\n", "2026-11-23T02:00:00Z", "opens 2026-11-24T01:00"],
    // Two that touch are one.
    ["Mon 01:00-02:00; Mon 02:00-03:00", "2026-11-23T01:30:00Z", "open until 2026-11-23T03:00"],
    // The zone decides which day it is: Monday comes to Auckland first.
    [
      "Mon 00:00-01:00 America/Los_Angeles; Mon 00:00-01:00 Pacific/Auckland",
      "2026-11-21T12:00:00Z",
      "opens 2026-11-22T11:00",
    ],
  ])("%s at %s", (text, at, expected) => expect(said(text, at)).toBe(expected));
});

describe("windows as cron has them", () => {
  test.each([
    ["0 22 * * 6/4h", "2026-11-21T21:00:00Z", "opens 2026-11-21T22:00"],
    ["0 22 * * 6/4h", "2026-11-22T01:59:00Z", "open until 2026-11-22T02:00"],
    ["0 22 * * SAT/4h Europe/Berlin", "2026-11-21T21:00:00Z", "open until 2026-11-22T01:00"],
    ["0 3 * * 7/90m", "2026-11-21T21:00:00Z", "opens 2026-11-22T03:00"],
    ["0 3 1-7 * */1h", "2026-11-21T21:00:00Z", "opens 2026-12-01T03:00"],
    // Where both are given, cron takes either: the 1st, and Mondays.
    ["0 3 1 * 1/1h", "2026-11-21T21:00:00Z", "opens 2026-11-23T03:00"],
    ["0 3 29 2 */1h", "2026-11-21T21:00:00Z", "opens 2028-02-29T03:00"],
    ["0 3 29 2 */1h", "2096-03-01T21:00:00Z", "opens 2104-02-29T03:00"],
    ["*/20 1 * jan-mar */5m", "2027-01-05T01:21:00Z", "open until 2027-01-05T01:25"],
    ["*/20 1 * jan-mar */5m", "2027-01-05T01:26:00Z", "opens 2027-01-05T01:40"],
    ["0 1 * * */24h", "2026-11-21T21:00:00Z", "open until 2026-11-23T01:00"],
  ])("%s at %s", (text, at, expected) => expect(said(text, at)).toBe(expected));
});

describe("daylight saving", () => {
  test.each([
    // Europe, 2027-03-28: 02:00 becomes 03:00 at 01:00 UTC.
    ["Sun 01:00-05:00 Europe/Berlin", "2027-03-28T00:30:00Z", "open until 2027-03-28T03:00"],
    ["Sun 02:30-05:00 Europe/Berlin", "2027-03-28T00:59:59Z", "opens 2027-03-28T01:00"],
    ["Sun 01:00-02:30 Europe/Berlin", "2027-03-28T00:30:00Z", "open until 2027-03-28T01:00"],
    // What clocks leap over whole does not open that day.
    ["Sun 02:10-02:50 Europe/Berlin", "2027-03-28T00:30:00Z", "opens 2027-04-04T00:10"],
    ["30 2 * * 0/2h Europe/Berlin", "2027-03-28T01:00:00Z", "open until 2027-03-28T03:00"],
    // Europe, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC; the first of the two times counts.
    ["Sun 02:30-02:45 Europe/Berlin", "2026-10-25T00:35:00Z", "open until 2026-10-25T00:45"],
    ["Sun 02:30-02:45 Europe/Berlin", "2026-10-25T01:35:00Z", "opens 2026-11-01T01:30"],
    ["Sun 02:30-03:30 Europe/Berlin", "2026-10-25T01:35:00Z", "open until 2026-10-25T02:30"],
    ["Sat 22:00-04:00 Europe/Berlin", "2026-10-24T20:00:00Z", "open until 2026-10-25T03:00"],
    // A length of time stays one.
    ["0 22 * * 6/6h Europe/Berlin", "2026-10-24T20:00:00Z", "open until 2026-10-25T02:00"],
    // Half an hour of summer time, and a day that never was.
    ["Sun 02:15-04:00 Australia/Lord_Howe", "2026-10-03T15:29:00Z", "opens 2026-10-03T15:30"],
    ["Fri 10:00-12:00 Pacific/Apia", "2011-12-29T10:00:00Z", "opens 2012-01-05T20:00"],
  ])("%s at %s", (text, at, expected) => expect(said(text, at)).toBe(expected));
});

describe("what is no window", () => {
  test.each([
    "",
    ";",
    "Sat",
    "22:00",
    "Sat 22:00-22:00",
    "Sat 24:00-02:00",
    "Sat 22:60-23:00",
    "Sat 25:00-26:00",
    "Samstag 22:00-02:00",
    "Sat- 22:00-02:00",
    "Mon-Wed-Fri 22:00-02:00",
    "Sat 22:00-02:00 Europe/Nowhere",
    "Sat 22:00-02:00 CEST",
    "Sat 22:00-02:00 +02:00",
    "Sat 22:00-02:00 Europe/Berlin, Sun 01:00-02:00",
    "Sat 22:00-02:00;;",
    "0 22 * * 6",
    "0 22 * * 6/4",
    "0 22 * * 6/0h",
    "0 22 * * 6/25h",
    "0 22 * *",
    "0 22 * * 8/4h",
    "60 22 * * 6/4h",
    "0 22 31 2 */4h",
    "0 22 0 * */4h",
    "5-1 22 * * */4h",
    "5/10 22 * * */4h",
    "*/0 22 * * */4h",
    "@daily/4h",
  ])("%j", (text) => expect(parseMaintenanceWindow(text)).toBeUndefined());

  test("whatever is given, it is a window or none", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."Sat Mon0123456789:-/*,;hm EuropeBerlin") }),
        (text) => {
          const window = parseMaintenanceWindow(text);
          if (window) expect(["open", "closed"]).toContain(standingAt(window, Date.UTC(2026, 10, 21)).is);
        },
      ),
    );
  });
});

/** What a zone's clock shows, told by another way of asking: minutes of the day and day of the week. */
function wallOf(instant: number, timeZone: string): { minutes: number; weekday: number } {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(
    instant,
  );
  const [date = "", time = ""] = text.split(" ");
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return { minutes: hours * 60 + minutes, weekday: new Date(`${date}T00:00:00Z`).getUTCDay() };
}

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Africa/Casablanca",
  "Asia/Gaza",
];
const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Days around changes of the clock are wanted as much as all others. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2036, 0) }),
  fc
    .constantFrom(
      Date.UTC(2026, 9, 25),
      Date.UTC(2027, 2, 28),
      Date.UTC(2026, 10, 1, 6),
      Date.UTC(2027, 2, 14, 7),
      Date.UTC(2026, 9, 3, 15),
    )
    .chain((base) => fc.integer({ min: base - 3 * hour, max: base + 3 * hour })),
);

const clock = fc.record({
  zone: fc.constantFrom(...zones),
  weekday: fc.nat(6),
  from: fc.nat(1439),
  length: fc.integer({ min: 1, max: 1439 }),
});

function written({
  zone,
  weekday,
  from,
  length,
}: {
  zone: string;
  weekday: number;
  from: number;
  length: number;
}): string {
  const time = (at: number) =>
    `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
  return `${names[weekday]} ${time(from)}-${time((from + length) % 1440)} ${zone}`;
}

describe("at every moment", () => {
  test("a window that is closed opens when it says, and not before", () => {
    fc.assert(
      fc.property(clock, moments, fc.double({ min: 0, max: 1, noNaN: true }), (given, now, share) => {
        const window = windowOf(written(given));
        const standing = standingAt(window, now);
        if (standing.is !== "closed") return;
        expect(standing.opens).toBeGreaterThan(now);
        expect(standing.opens - now).toBeLessThan(15 * day);
        expect(standingAt(window, standing.opens).is).toBe("open");
        expect(standingAt(window, Math.floor(now + (standing.opens - 1 - now) * share))).toEqual(standing);
      }),
      { numRuns: 150 },
    );
  });

  test("a window that is open stays so until it says, and is closed then", () => {
    fc.assert(
      fc.property(clock, moments, fc.double({ min: 0, max: 1, noNaN: true }), (given, now, share) => {
        const window = windowOf(written(given));
        const begun = standingAt(window, now);
        const within = begun.is === "open" ? now : begun.opens;
        const standing = standingAt(window, within);
        if (standing.is !== "open") throw new Error("it does not open when it says");
        expect(standing.closes - within).toBeLessThanOrEqual(25 * hour);
        expect(standingAt(window, Math.floor(within + (standing.closes - 1 - within) * share))).toEqual(
          standing,
        );
        expect(standingAt(window, standing.closes).is).toBe("closed");
      }),
      { numRuns: 150 },
    );
  });

  test("the clock on the wall is the judge, on days on which it is not changed", () => {
    fc.assert(
      fc.property(clock, moments, (given, now) => {
        const offsets = [-3, -2, -1, 0, 1, 2, 3].map((days) => wallOf(now + days * day, given.zone).minutes);
        fc.pre(new Set(offsets).size === 1);
        const { minutes, weekday } = wallOf(now, given.zone);
        const today =
          weekday === given.weekday && minutes >= given.from && minutes < given.from + given.length;
        const sinceYesterday =
          (weekday + 6) % 7 === given.weekday && minutes + 1440 < given.from + given.length;
        expect(standingAt(windowOf(written(given)), now).is).toBe(
          today || sinceYesterday ? "open" : "closed",
        );
      }),
      { numRuns: 150 },
    );
  });

  test("cron's form is open for as long as it says, whatever clocks do", () => {
    fc.assert(
      fc.property(clock, moments, ({ zone, weekday, from, length }, now) => {
        const text = `${from % 60} ${Math.floor(from / 60)} * * ${weekday}/${length}m ${zone}`;
        const standing = standingAt(windowOf(text), now);
        if (standing.is === "closed") {
          expect(standingAt(windowOf(text), standing.opens)).toEqual({
            is: "open",
            closes: standing.opens + length * minute,
            zone,
          });
        } else {
          expect(standingAt(windowOf(text), standing.closes - length * minute).is).toBe("open");
          expect(standingAt(windowOf(text), standing.closes - length * minute - 1).is).toBe("closed");
        }
      }),
      { numRuns: 100 },
    );
  });

  test("several are open when one of them is", () => {
    fc.assert(
      fc.property(clock, clock, moments, (one, other, now) => {
        const open = [one, other].some((given) => standingAt(windowOf(written(given)), now).is === "open");
        const both = standingAt(windowOf(`${written(one)}; ${written(other)}`), now);
        expect(both.is).toBe(open ? "open" : "closed");
      }),
      { numRuns: 100 },
    );
  });
});

describe("formatInstant", () => {
  test.each([
    [Date.UTC(2026, 10, 28, 21), "Europe/Berlin", "Sat 2026-11-28 22:00 Europe/Berlin (2026-11-28T21:00Z)"],
    [Date.UTC(2026, 10, 28, 21), "UTC", "Sat 2026-11-28 21:00 UTC"],
    [
      Date.UTC(2026, 11, 31, 23, 5),
      "Pacific/Auckland",
      "Fri 2027-01-01 12:05 Pacific/Auckland (2026-12-31T23:05Z)",
    ],
  ])("%d in %s", (instant, zone, text) => expect(formatInstant(instant, zone)).toBe(text));
});

/**
 * Calendars of time zones, by the data that Node itself carries (`Intl`): it is as new as Node and needs no library.
 */

/** A day of the calendar. */
export interface ZonedDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly date: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const minuteLength = 60_000;
const dayLength = 24 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** A time zone as it was written, `Europe/Berlin`; `undefined` where there is none of that name. */
export function zoneName(text: string): string | undefined {
  if (/^(UTC|Z|GMT|Etc\/UTC)$/i.test(text)) return "UTC";
  // An offset knows no daylight saving: whoever means a place names it.
  if (!/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)+$/.test(text)) return undefined;
  try {
    formatOf(text);
    return text;
  } catch {
    return undefined;
  }
}

/** What the calendar and the clock on the wall of a zone show at an instant. */
export function localDay(instant: number, zone: string) {
  const wall = new Date(wallClock(instant, zone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    date: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
  };
}

/** Days of a zone's calendar, from the one on which an instant falls. */
export function* daysFrom(instant: number, zone: string, count: number): Generator<ZonedDay> {
  const { year, month, date } = localDay(instant, zone);
  for (let index = 0; index < count; index++) {
    const day = new Date(Date.UTC(year, month - 1, date + index));
    yield {
      year: day.getUTCFullYear(),
      month: day.getUTCMonth() + 1,
      date: day.getUTCDate(),
      weekday: day.getUTCDay(),
    };
  }
}

/**
 * The instant at which the clock on the wall shows a minute of a day; one beyond 24:00 is of the next day. Where
 * clocks go back and show it twice, it is the first time (as in RFC 5545, 3.3.5). Where they leap over it, it is the
 * moment of the leap.
 */
export function zonedInstant({ year, month, date }: ZonedDay, minute: number, zone: string): number {
  const wall = Date.UTC(year, month - 1, date) + minute * minuteLength;
  // Offsets are between -12 and +14 hours, so that these two are of before and after.
  const offsets = [wall - dayLength, wall + dayLength].map((near) => wallClock(near, zone) - near);
  const candidates = offsets.map((offset) => wall - offset);
  const [earlier, later] = [Math.min(...candidates), Math.max(...candidates)];
  if (wallClock(earlier, zone) === wall) return earlier;
  return wallClock(later, zone) === wall ? later : leap(earlier, later, wall, zone);
}

/** The first instant whose wall clock is past a time that is leapt over. */
function leap(before: number, after: number, wall: number, zone: string): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallClock(middle, zone) >= wall) high = middle;
    else low = middle;
  }
  return high;
}

/** What the wall clock shows, as if it were UTC. */
function wallClock(instant: number, zone: string): number {
  if (zone === "UTC") return instant;
  const parts = formatOf(zone).formatToParts(instant);
  const [year = 0, month = 1, day, hour, minute, second] = (
    ["year", "month", "day", "hour", "minute", "second"] as const
  ).map((type) => Number(parts.find((part) => part.type === type)?.value));
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, format);
  return format;
}

import { parseDuration } from "./duration.ts";
import { type ZonedDay, zoneName } from "./local-time.ts";

/** One part of a maintenance window: on which days it opens, when, and for how long. */
export interface Occasion {
  readonly zone: string;
  readonly on: (day: ZonedDay) => boolean;
  /** Minutes of the day at which it opens. */
  readonly starts: readonly number[];
  /** After a length of time, or when the wall clock shows a minute, beyond 24:00 for one of the next day. */
  readonly ends:
    | { readonly is: "after"; readonly duration: number }
    | { readonly is: "at"; readonly minute: number };
}

const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const minutesOfDay = 24 * 60;

/** `Sat 22:00-02:00 Europe/Berlin` or `0 22 * * 6/4h Europe/Berlin`. */
export function parseWindow(text: string): Occasion | undefined {
  return parseHours(text) ?? parseCron(text);
}

/** Days, from when to when on the wall clock, and the zone; days and zone may be left out. */
function parseHours(text: string): Occasion | undefined {
  const shape =
    /^(?:(?<days>[a-z]+(?:\s*[-,]\s*[a-z]+)*)\s+)?(?<from>\d{1,2}:\d\d)\s*-\s*(?<to>\d{1,2}:\d\d)(?:\s+(?<place>\S+))?$/i;
  const { days = "daily", from = "", to = "", place = "UTC" } = shape.exec(text)?.groups ?? {};
  const [start, end, zone] = [minuteOf(from), minuteOf(to), zoneName(place)];
  const chosen = /^daily$/i.test(days) ? new Set([0, 1, 2, 3, 4, 5, 6]) : dayNames(days);
  if (start === undefined || end === undefined || start === minutesOfDay || start === end) return undefined;
  if (!chosen || !zone) return undefined;
  return {
    zone,
    on: ({ weekday }) => chosen.has(weekday),
    starts: [start],
    ends: { is: "at", minute: end > start ? end : end + minutesOfDay },
  };
}

function minuteOf(text: string): number | undefined {
  const [hour = Number.NaN, minute = Number.NaN] = text.split(":").map(Number);
  const total = hour * 60 + minute;
  return minute < 60 && total <= minutesOfDay ? total : undefined;
}

/** `Sat`, `Mon-Fri`, `Fri,Sat`; a range may go over the end of the week. */
function dayNames(text: string): ReadonlySet<number> | undefined {
  const chosen = new Set<number>();
  for (const range of text.split(",")) {
    const ends = range.split("-").map((name) => weekdayOf(name.trim()));
    const [first, last = first] = ends;
    if (first === undefined || last === undefined || ends.length > 2 || ends.includes(undefined)) {
      return undefined;
    }
    for (let day = first; ; day = (day + 1) % 7) {
      chosen.add(day);
      if (day === last) break;
    }
  }
  return chosen;
}

/** 0 is Sunday; by its first three letters or in full. */
function weekdayOf(text: string): number | undefined {
  const full = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
  const index = full.findIndex((name) => [name, name.slice(0, 3)].includes(text.toLowerCase()));
  return index === -1 ? undefined : index;
}

/** Five fields of cron, a slash, a duration, and the zone. Day of month and of week are alternatives where both are given. */
function parseCron(text: string): Occasion | undefined {
  const shape = /^(?<cron>\S+\s+\S+\s+\S+\s+\S+\s+\S+)\/(?<length>\d[\dhms]*)(?:\s+(?<place>\S+))?$/i;
  const { cron = "", length = "", place = "UTC" } = shape.exec(text)?.groups ?? {};
  const [minute = "", hour = "", date = "", month = "", weekday = ""] = cron.split(/\s+/);
  const [minutes, hours] = [fieldOf(minute, 0, 59), fieldOf(hour, 0, 23)];
  const [dates, monthSet] = [fieldOf(date, 1, 31), fieldOf(month, 1, 12, months)];
  const days = fieldOf(weekday, 0, 7, weekdays);
  const [duration, zone] = [parseDuration(length.toLowerCase()), zoneName(place)];
  if (!minutes || !hours || !dates || !monthSet || !days || !zone || !duration) return undefined;
  if (duration > minutesOfDay * 60_000) return undefined;
  // Both 0 and 7 are Sunday.
  const onWeekday = (day: number) => days.has(day) || (day === 0 && days.has(7));
  const either = !date.startsWith("*") && !weekday.startsWith("*");
  return {
    zone,
    on: (day) => {
      const [byDate, byWeekday] = [dates.has(day.date), onWeekday(day.weekday)];
      return monthSet.has(day.month) && (either ? byDate || byWeekday : byDate && byWeekday);
    },
    starts: [...hours]
      .flatMap((one) => [...minutes].map((other) => one * 60 + other))
      .sort((one, other) => one - other),
    ends: { is: "after", duration },
  };
}

/** `*`, `5`, `1-5`, `1,3`, `*` or a range with a step: `0-30/10`. Names stand for numbers in the last two fields. */
function fieldOf(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> | undefined {
  const chosen = new Set<number>();
  for (const part of text.split(",")) {
    const {
      all,
      first,
      last,
      step = "1",
    } = /^(?:(?<all>\*)|(?<first>[a-z]{3}|\d{1,2})(?:-(?<last>[a-z]{3}|\d{1,2}))?)(?:\/(?<step>\d{1,2}))?$/i.exec(
      part,
    )?.groups ?? {};
    const low = all ? least : numberOf(first, least, names);
    const high = all ? most : last === undefined ? low : numberOf(last, least, names);
    if (low === undefined || high === undefined || low < least || high > most || low > high) return undefined;
    const isRange = all !== undefined || last !== undefined;
    if (Number(step) === 0 || (Number(step) > 1 && !isRange)) return undefined;
    for (let value = low; value <= high; value += Number(step)) chosen.add(value);
  }
  return chosen;
}

/** Names count from the least: January is 1, Sunday is 0. */
function numberOf(text: string | undefined, least: number, names: readonly string[]): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index === -1 ? undefined : index + least;
}

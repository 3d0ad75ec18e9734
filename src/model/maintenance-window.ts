import { daysFrom, localDay, type ZonedDay, zonedInstant } from "./local-time.ts";
import { type Occasion, parseWindow } from "./window-syntax.ts";

const day = 24 * 3_600_000;

/**
 * Days that are looked ahead for the next opening: within eight years every day of the calendar comes, the 29th of
 * February too, unless a year such as 2100 leaves it out; then it is twelve.
 */
const horizon = 12 * 366;

/** When work that others notice may be done: some openings that come again and again. */
export interface MaintenanceWindow {
  /** As it was written. */
  readonly text: string;
  readonly occasions: readonly Occasion[];
}

/** How a window stands at a moment. Instants are milliseconds since 1970. */
export type Standing =
  | { readonly is: "open"; readonly closes: number; readonly zone: string }
  | { readonly is: "closed"; readonly opens: number; readonly zone: string };

/** One opening, from an instant until before another. */
interface Opening {
  readonly from: number;
  readonly until: number;
  readonly zone: string;
}

/**
 * Reads `Sat 22:00-02:00 Europe/Berlin` or `0 22 * * 6/4h Europe/Berlin`, or several separated by `;` or on lines of
 * their own; without a zone it is UTC. `undefined` when it is none, or one that would never open.
 */
export function parseMaintenanceWindow(text: string): MaintenanceWindow | undefined {
  const parts = text
    .trim()
    .split(/[;\n]/)
    .map((part) => part.trim());
  if (parts.at(-1) === "" && parts.length > 1) parts.pop();
  const occasions = parts.flatMap((part) => parseWindow(part) ?? []);
  const whole = occasions.length === parts.length && occasions.every(happens);
  return whole ? { text: text.trim(), occasions } : undefined;
}

/** What may be written, for a message about what is not. */
export const acceptedWindow =
  "a window such as `Sat 22:00-02:00 Europe/Berlin`, `Mon-Fri 01:00-05:00` (UTC) or, as cron has it with a duration up to 24h, `0 22 * * 6/4h Europe/Berlin`; several are separated by `;`";

/** Whether a window is open, and until when, or when it opens next. */
export function standingAt({ occasions }: MaintenanceWindow, now: number): Standing {
  // No opening is longer than a day, or than 25 hours where clocks go back.
  const current = occasions
    .flatMap((occasion) =>
      [...daysFrom(now - 2 * day, occasion.zone, 4)].flatMap((date) => openingsOf(occasion, date)),
    )
    .filter(({ until }) => until > now);
  const open = current.find(({ from }) => from <= now);
  if (open) return { is: "open", closes: closing(current, now), zone: open.zone };
  const [next] = occasions
    .flatMap((occasion) => nextOpening(occasion, now) ?? [])
    .sort((one, other) => one.from - other.from);
  if (!next) throw new Error("A maintenance window that never opens was taken for one.");
  return { is: "closed", opens: next.from, zone: next.zone };
}

/** An instant as the people of a zone read it, with its UTC form for programs. */
export function formatInstant(instant: number, zone: string): string {
  const { year, month, date, hour, minute } = localDay(instant, zone);
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][
    new Date(Date.UTC(year, month - 1, date)).getUTCDay()
  ];
  const two = (number: number) => String(number).padStart(2, "0");
  const local = `${weekday} ${year}-${two(month)}-${two(date)} ${two(hour)}:${two(minute)} ${zone}`;
  return zone === "UTC" ? local : `${local} (${new Date(instant).toISOString().slice(0, 16)}Z)`;
}

/** The openings that begin on a day; one that clocks leap over is none. */
function openingsOf(occasion: Occasion, date: ZonedDay): Opening[] {
  if (!occasion.on(date)) return [];
  return occasion.starts
    .map((minute) => opening(occasion, date, minute))
    .filter(({ from, until }) => until > from);
}

function opening({ zone, ends }: Occasion, date: ZonedDay, minute: number): Opening {
  const from = zonedInstant(date, minute, zone);
  const until = ends.is === "after" ? from + ends.duration : zonedInstant(date, ends.minute, zone);
  return { from, until, zone };
}

/** Openings that touch or overlap are one. */
function closing(current: readonly Opening[], now: number): number {
  const sorted = current.toSorted((one, other) => one.from - other.from);
  return sorted.reduce((end, { from, until }) => (from <= end ? Math.max(end, until) : end), now);
}

/** The first opening after an instant; the starts of a day are in order. */
function nextOpening(occasion: Occasion, now: number): Opening | undefined {
  for (const date of daysFrom(now - day, occasion.zone, horizon)) {
    const next = openingsOf(occasion, date).find(({ from }) => from > now);
    if (next) return next;
  }
  return undefined;
}

/** There is such a day: the 31st of February is none. */
function happens({ on }: Occasion): boolean {
  return [...daysFrom(Date.UTC(2000, 0, 1), "UTC", 4 * 366)].some((date) => on(date));
}

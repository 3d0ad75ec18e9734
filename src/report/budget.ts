import type { RootContent } from "mdast";
import { code, paragraph, render, text } from "./markdown.ts";

/**
 * Bytes that a job summary may have. GitHub takes 1 MiB of a step and shows nothing of one that is longer ("Adding a
 * job summary", workflow commands); the rest is for what redaction may add and for the line's end.
 */
export const jobSummaryLimit = 1024 * 1024 - 16 * 1024;

/** Bytes that the summary of a check run may have: GitHub takes 65,535 characters (REST, checks/runs). */
export const checkRunLimit = 65_535 - 1_535;

/** A page in ever shorter forms: `form(0)` is the whole, `form(steps)` the shortest. */
export interface Shortening {
  readonly form: (step: number) => readonly RootContent[];
  readonly steps: number;
}

/** The longest form of a page that has at most that many bytes of UTF-8; where none has, as much of the shortest as fits. */
export function withinBudget({ form, steps }: Shortening, limit: number): string {
  const whole = render(form(0), { aligned: true });
  if (fits(whole, limit)) return whole;
  // One step more: the same page with tables that are not aligned loses nothing.
  const shorter = (step: number) => render(form(step), { aligned: false });
  const found = leastThatFits(steps + 1, (step) => shorter(step), limit);
  return found ?? trimmed(form(steps), limit);
}

/** `true` when a text has at most that many bytes of UTF-8. */
export function fits(value: string, limit: number): boolean {
  return Buffer.byteLength(value) <= limit;
}

/** A text of so many characters at most, with no half of a character in it: JSON and XML readers refuse one. */
export function cut(value: string, longest: number): string {
  const short = value.length > longest ? `${value.slice(0, longest - 1)}…` : value;
  return short.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/** The first of so many texts that fits, each being shorter than the one before. */
function leastThatFits(count: number, nth: (index: number) => string, limit: number): string | undefined {
  let found: string | undefined;
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = nth(middle);
    if (fits(candidate, limit)) {
      found = candidate;
      high = middle - 1;
    } else low = middle + 1;
  }
  return found;
}

/** Whole blocks from the top, so that no table and no code is torn, and a line that says so. */
function trimmed(blocks: readonly RootContent[], limit: number): string {
  const note = paragraph([
    text("What else there is to say is too long for this page; the JSON report has it all."),
  ]);
  const kept = (count: number) => render([...blocks.slice(0, count), note], { aligned: false });
  const found = leastThatFits(blocks.length, (dropped) => kept(blocks.length - 1 - dropped), limit);
  return found ?? "";
}

/** The line that stands in the place of findings which were left out. */
export function leftOut(count: number, all: number): RootContent[] {
  if (count === 0) return [];
  return [
    paragraph([
      text(
        `${count.toLocaleString("en")} of ${all.toLocaleString("en")} findings are left out here; the JSON report (output `,
      ),
      code("report"),
      text(") has them all."),
    ]),
  ];
}

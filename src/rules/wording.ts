import { oneLine } from "../model/arm-error.ts";

/** Text of others, such as an event's message, on one line and not too long. */
export function short(text: string, longest = 240): string {
  const line = oneLine(text);
  return line.length > longest ? `${line.slice(0, longest - 1).trimEnd()}…` : line;
}

/** The first of some names and how many more there are: `a, b, c and 4 more`. */
export function list(names: readonly string[], shown = 5): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(", ")} and ${rest} more` : names.join(", ");
}

/** A number with its noun: `1 node`, `3 nodes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Ends a sentence that may have an end already. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

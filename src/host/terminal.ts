import { stripVTControlCharacters, styleText } from "node:util";
import { formatDuration } from "../model/duration.ts";
import type { Wait } from "./host.ts";

/** A stream that a person may watch: a process's own, or a test's. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How a text may stand out. */
export type Style = "red" | "green" | "yellow" | "blue" | "cyan" | "bold" | "dim" | "underline";

/** Milliseconds between two pictures of the live line: quick enough that a person sees it is alive. */
const beat = 250;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"];
/** Back to the line's start, and away with all that stands in it. */
const clear = "\r\u001b[2K";

/** Where nothing but plain lines is wanted: `CI` is set by every pipeline, `NO_COLOR` by people (no-color.org). */
export function wantsPlain(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(environment["NO_COLOR"] || environment["CI"]) || environment["TERM"] === "dumb";
}

/** One way out to a person: colours and a live line on a terminal, plain lines elsewhere. */
export class Terminal {
  readonly #screen: Screen;
  /** There are colours and a live line. */
  readonly rich: boolean;
  #wait: { shown: Wait; since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;
  /** However the process ends, the line does not stay behind. */
  readonly #leave = () => this.live();

  constructor(screen: Screen, plain: boolean) {
    this.#screen = screen;
    this.rich = screen.isTTY === true && !plain;
  }

  /** Columns to write in; without an end where no terminal breaks the lines. */
  get width(): number {
    const { isTTY, columns } = this.#screen;
    return isTTY && columns ? columns : Number.POSITIVE_INFINITY;
  }

  /** The text in that style, where there are colours. */
  paint(style: Style | readonly Style[], text: string): string {
    // Whether colours are wanted is known here better than by Node, which looks at standard output alone.
    return this.rich ? styleText([style].flat(), text, { validateStream: false }) : text;
  }

  /** Writes lines above the live line. */
  write(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
    this.#draw();
  }

  /** Shows what is waited for and how long already, from now on until there is nothing more to wait for. */
  live(wait?: Wait): void {
    if (!this.rich) return;
    this.#erase();
    const goesOn = wait !== undefined && this.#wait?.shown.what === wait.what;
    const since = goesOn ? (this.#wait?.since ?? Date.now()) : Date.now();
    this.#wait = wait && { shown: wait, since };
    if (!wait) this.#rest();
    else if (!this.#timer) {
      this.#timer = setInterval(() => this.#draw(), beat).unref();
      process.once("exit", this.#leave);
    }
    this.#draw();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.removeListener("exit", this.#leave);
  }

  #erase(): void {
    if (this.#wait) this.#screen.write(clear);
  }

  #draw(): void {
    if (!this.#wait) return;
    const { shown, since } = this.#wait;
    const frame = frames[this.#frame % frames.length] ?? "";
    this.#frame += 1;
    const after = [shown.state, formatDuration(Date.now() - since)].filter(Boolean).join(", ");
    const room = this.width - 2;
    const text = `${cutTo(shown.what, room - after.length - 4)}: ${after}`;
    this.#screen.write(`${clear}${this.paint("cyan", frame)} ${cutTo(text, room - 1)}`);
  }
}

/** A line that is longer than the terminal is broken, and only its last part could be taken away again. */
function cutTo(text: string, room: number): string {
  return text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
}

/** Control characters but tab and line feed, and those that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of others as a terminal may have it: it moves no cursor, colours nothing, and looks like what it is. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text.replace(/\r\n?/g, "\n")).replace(unseen, "");
}

/** The same for every text of a value, before colours are put to it. */
export function harmlessAll<T>(value: T): T {
  if (typeof value === "string") return harmless(value) as T;
  if (Array.isArray(value)) return value.map((item) => harmlessAll(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, harmlessAll(item)])) as T;
}

/** The same for JSON and YAML, where such a character can be written in another way. */
export function harmlessData(text: string): string {
  return text.replace(unseen, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

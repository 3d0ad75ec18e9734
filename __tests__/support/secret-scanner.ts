import type { MemoryHost } from "../../src/host/memory.ts";

/** A place where a secret stands that should not. */
export interface Leak {
  readonly where: string;
  readonly form: string;
  readonly secret: string;
}

/** The forms in which a secret travels. */
function forms(secret: string): (readonly [form: string, looked: string])[] {
  const before = known.get(secret);
  if (before) return before;
  const all = Object.entries({
    raw: secret,
    base64: Buffer.from(secret).toString("base64"),
    base64url: Buffer.from(secret).toString("base64url"),
    "percent-encoded": encodeURIComponent(secret),
  });
  known.set(secret, all);
  return all;
}

/** Run after run is looked through for the same ones. */
const known = new Map<string, (readonly [string, string])[]>();

/** A text as it is, and with the escapes of Markdown and JSON taken away once and twice. */
function readings(text: string): string {
  const once = unescaped(text);
  return [text, ...(once === text ? [] : [once, unescaped(once)])].join("\n");
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&#x([0-9a-f]+);/gi, fromCode);
}

function fromCode(_match: string, hex: string): string {
  return String.fromCodePoint(Number.parseInt(hex, 16));
}

/** Everything that a run said, by where it said it. What `mask` was told is for the runner's ears alone. */
export function everythingSaid({ said }: MemoryHost): Record<string, string> {
  return {
    log: said.log.join("\n"),
    errors: said.errors.map(({ title, message }) => `${title}\n${message}`).join("\n"),
    outputs: Object.values(said.outputs).join("\n"),
    summaries: said.summaries.join("\n"),
    reports: said.reports.join("\n"),
    state: Object.values(said.state).join("\n"),
  };
}

/** Every secret that stands anywhere in what a run said, in any form. `said` holds its texts by where they stand. */
export function leaks(said: Readonly<Record<string, string>>, secrets: Iterable<string>): Leak[] {
  const places = Object.entries(said).map(([where, text]) => [where, readings(text)] as const);
  return [...secrets].flatMap((secret) =>
    forms(secret).flatMap(([form, looked]) =>
      places.filter(([, text]) => text.includes(looked)).map(([where]) => ({ where, form, secret })),
    ),
  );
}

/** The same for pieces of secrets, one a place and form: what shows 32 characters of one in a row is found. */
export function leakedPieces(said: Readonly<Record<string, string>>, secrets: Iterable<string>): Leak[] {
  return [...secrets].flatMap((secret) => {
    const found = leaks(said, piecesOf(secret));
    const first = new Map(found.toReversed().map((leak) => [`${leak.where} ${leak.form}`, leak]));
    return [...first.values()].map((leak) => ({ ...leak, form: `a piece, ${leak.form}` }));
  });
}

function piecesOf(secret: string): string[] {
  const count = Math.max(0, Math.floor((secret.length - 24) / 8) + 1);
  return Array.from({ length: count }, (_, index) => secret.slice(index * 8, index * 8 + 24));
}

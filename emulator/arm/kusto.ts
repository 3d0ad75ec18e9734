import { type Json, type JsonObject, valueAt } from "../json.ts";

/** The part of the Kusto Query Language that the emulator speaks: `where`, `project` and `order by`, over one table. */
export interface KustoQuery {
  /** In lower case. */
  table: string;
  run: (rows: readonly JsonObject[]) => JsonObject[];
}

/** What stands where in a query, for errors. */
interface Token {
  text: string;
  line: number;
  position: number;
}

/** A query that is not understood; Resource Graph tells line, position and token. */
export class KustoError extends Error {
  readonly token: Token;
  readonly expected: string;

  constructor(token: Token, expected: string) {
    super(`line ${token.line}, position ${token.position}: "${token.text}" instead of ${expected}`);
    this.token = token;
    this.expected = expected;
  }
}

type Stage = (rows: readonly JsonObject[]) => JsonObject[];
type Test = (row: JsonObject) => boolean;

const NAME = /^[a-z_][a-z0-9_]*$/i;
const END = "<EOF>";

/** Reads a query. Throws `KustoError`. */
export function parseKusto(text: string): KustoQuery {
  const reader = new Reader(tokens(text));
  const table = reader.name("a table").toLowerCase();
  const stages: Stage[] = [];
  while (!reader.takes(END)) {
    reader.expect("|");
    stages.push(stageOf(reader));
  }
  return { table, run: (rows) => stages.reduce((left, stage) => stage(left), [...rows]) };
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = /\s+|'[^'\n]*'|"[^"\n]*"|in~|=~|==|[a-z_][a-z0-9_]*|./giy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const before = text.slice(0, match.index).split("\n");
    const position = before.at(-1)?.length ?? 0;
    if (match[0].trim() !== "") found.push({ text: match[0], line: before.length, position });
  }
  const lines = text.split("\n");
  return [...found, { text: END, line: lines.length, position: lines.at(-1)?.length ?? 0 }];
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(all: Token[]) {
    this.#tokens = all;
  }

  /** The next token; the last one, which stands for the end, stays. */
  next(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new Error("a query has an end");
    if (token.text !== END) this.#at += 1;
    return token;
  }

  takes(text: string): boolean {
    if (this.#tokens[this.#at]?.text.toLowerCase() !== text.toLowerCase()) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.takes(text)) throw new KustoError(this.next(), text);
  }

  name(what: string): string {
    const token = this.next();
    if (!NAME.test(token.text)) throw new KustoError(token, what);
    return token.text;
  }

  string(): string {
    const token = this.next();
    if (!/^['"]/.test(token.text) || token.text.length < 2) throw new KustoError(token, "a string");
    return token.text.slice(1, -1);
  }

  /** A column, or what stands below it: `properties.state`. Names are compared with case, as in Kusto. */
  path(): string[] {
    const path = [this.name("a column")];
    while (this.takes(".")) path.push(this.name("a property"));
    return path;
  }
}

function stageOf(reader: Reader): Stage {
  const operator = reader.next();
  switch (operator.text) {
    case "where":
      return where(reader);
    case "project":
      return project(reader);
    case "order":
    case "sort":
      return order(reader);
  }
  throw new KustoError(operator, "where, project or order by");
}

function where(reader: Reader): Stage {
  const tests: Test[] = [test(reader)];
  while (reader.takes("and")) tests.push(test(reader));
  return (rows) => rows.filter((row) => tests.every((holds) => holds(row)));
}

function test(reader: Reader): Test {
  const path = reader.path();
  const operator = reader.next();
  const low = (row: JsonObject) => String(valueAt(row, ...path) ?? "").toLowerCase();
  if (operator.text === "=~") {
    const wanted = reader.string().toLowerCase();
    return (row) => low(row) === wanted;
  }
  if (operator.text === "==") {
    const wanted = reader.string();
    return (row) => valueAt(row, ...path) === wanted;
  }
  if (operator.text !== "in~") throw new KustoError(operator, "=~, == or in~");
  reader.expect("(");
  const wanted = [reader.string().toLowerCase()];
  while (reader.takes(",")) wanted.push(reader.string().toLowerCase());
  reader.expect(")");
  return (row) => wanted.includes(low(row));
}

function project(reader: Reader): Stage {
  const columns = [column(reader)];
  while (reader.takes(",")) columns.push(column(reader));
  return (rows) =>
    rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)] as const)));
}

/** `id`, or `state = tostring(properties.provisioningState)`. */
function column(reader: Reader): { name: string; value: (row: JsonObject) => Json } {
  const name = reader.name("a column");
  if (!reader.takes("=")) return { name, value: (row) => row[name] ?? null };
  reader.expect("tostring");
  reader.expect("(");
  const path = reader.path();
  reader.expect(")");
  return { name, value: (row) => textOf(valueAt(row, ...path)) };
}

/** Kusto's `tostring` makes an empty string of what is not there. */
function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function order(reader: Reader): Stage {
  reader.expect("by");
  const path = reader.path();
  const falling = reader.takes("desc");
  if (!falling) reader.takes("asc");
  const key = (row: JsonObject) => String(valueAt(row, ...path) ?? "");
  const compare = (one: JsonObject, other: JsonObject) => (key(one) < key(other) ? -1 : 1);
  return (rows) => rows.toSorted((one, other) => (falling ? compare(other, one) : compare(one, other)));
}

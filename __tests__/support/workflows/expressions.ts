import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

/** What an expression can ask for, by name: `github`, `needs`, `steps` ... */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the jobs or steps before went, for `success()` and its like. */
export type Before = "success" | "failure";

/** The value of an expression, as GitHub's own parser and evaluator have it. */
export function evaluate(expression: string, contexts: Contexts, before: Before = "success"): unknown {
  const statuses = {
    success: before === "success",
    failure: before === "failure",
    always: true,
    cancelled: false,
  };
  const functions = Object.entries(statuses).map(([name, value]) => ({
    ...{ name, minArgs: 0, maxArgs: 0 },
    call: () => new data.BooleanData(value),
  }));
  const { tokens } = new Lexer(expression).lex();
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const value = new Evaluator(parsed, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
  return JSON.parse(JSON.stringify(value, data.replacer) ?? "null");
}

/** A text with the values of its expressions in it; of a text that is one expression its value as it is. */
export function filledIn(text: unknown, contexts: Contexts): unknown {
  if (typeof text !== "string") return text;
  const [, whole] = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(text) ?? [];
  if (whole !== undefined) return evaluate(whole, contexts);
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_all, expression: string) =>
    asText(evaluate(expression, contexts)),
  );
}

/** Every text of a mapping filled in. */
export function allFilledIn(
  values: Readonly<Record<string, unknown>>,
  contexts: Contexts,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, asText(filledIn(value, contexts))]),
  );
}

/** Whether a job or step runs. Without a word on how those before went, all of them must have gone well. */
export function holds(condition: unknown, contexts: Contexts, before: Before): boolean {
  const text = String(condition ?? "success()").replace(/^\s*\$\{\{(.*)\}\}\s*$/s, "$1");
  const asks = /\b(?:success|failure|always|cancelled)\s*\(/.test(text);
  if (!asks && before !== "success") return false;
  const value = evaluate(text, contexts, before);
  return Boolean(value) && value !== "0";
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

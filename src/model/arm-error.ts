import { stripVTControlCharacters } from "node:util";

/** An error as Resource Manager words it (arm-contract 8); `details` nests without limit. */
export interface ArmErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly target?: string | null;
  readonly details?: readonly ArmErrorBody[] | null;
  readonly additionalInfo?: readonly { readonly type?: string; readonly info?: unknown }[] | null;
}

/**
 * Every line that an error holds, outermost first, nested ones indented: causes are usually two levels down
 * and other tools show the first code only (peers 1.4).
 */
export function errorLines(error: ArmErrorBody, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  const target = error.target ? ` (${error.target})` : "";
  const own = oneLine(`${error.code ?? "Error"}${target}: ${error.message ?? "no message"}`);
  const info = (error.additionalInfo ?? []).map((entry) =>
    oneLine(`${entry.type ?? "info"}: ${JSON.stringify(entry.info) ?? ""}`),
  );
  return [
    `${indent}${own}`,
    ...info.map((line) => `${indent}  ${line}`),
    ...(error.details ?? []).flatMap((inner) => errorLines(inner, depth + 1)),
  ];
}

/** What steers a terminal or turns the direction of writing, white space of any kind among it. */
const steering = /[\s\p{Cc}\p{Bidi_Control}]+/gu;

/**
 * Text of others folded to one line, for places where a line break would end the message; what would steer a
 * terminal is taken out.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(steering, " ").trim();
}

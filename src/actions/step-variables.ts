import type { Host } from "../host/host.ts";

const variable = /(?<=^|=)\$\{(\w+)\}$/gm;

/**
 * A value of a file with the step's variables in the place of `${NAME}`, so that no secret has to stand in the file;
 * `undefined` where the step has no such variable.
 */
export function withVariables(text: string, environment: Host["environment"]): string | undefined {
  const names = [...text.matchAll(variable)].map(([, name = ""]) => name);
  if (names.some((name) => !environment[name])) return undefined;
  return text.replace(variable, (_, name: string) => environment[name] ?? "");
}

import { parseDocument } from "yaml";
import type { Host } from "../host/host.ts";
import { oneLine } from "../model/arm-error.ts";
import { hidden } from "../model/extension-settings.ts";
import { entryInputs, listInputs, mapInputs, secretInputs } from "./ensure-inputs.ts";
import { isMap, type Problem } from "./inputs.ts";
import { withVariables } from "./step-variables.ts";

/** A compute as a file declares it, in the words of the inputs. */
export interface DeclaredEntry {
  readonly values: Readonly<Record<string, string>>;
  /** Where it stands in the file: `computes[2]`. */
  readonly path: string;
}

/** What a file declares (schemas/ensure.schema.json). */
export interface Declaration {
  /** By it the computes of this file are known again. */
  readonly name?: string | undefined;
  /** What holds for every compute that says nothing else. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly computes: readonly DeclaredEntry[];
  readonly problems: readonly Problem[];
}

const fileKeys = ["$schema", "declaration", "defaults", "computes"];
const nothing: Declaration = { defaults: {}, computes: [], problems: [] };

/** Reads the file that is named. */
export async function readDeclaration(host: Host, path: string): Promise<Declaration> {
  try {
    return parseDeclaration(await host.readFile(path), host.environment);
  } catch {
    return {
      ...nothing,
      problems: [{ input: "file", given: path, accepted: "the path of a file that can be read" }],
    };
  }
}

/** The content of a file, or every problem with its form. What its values must be like, the actions themselves tell. */
export function parseDeclaration(content: string, environment: Host["environment"]): Declaration {
  const root = plain(content);
  if (!isMap(root)) {
    const given = typeof root === "string" ? oneLine(root) : "something else";
    return { ...nothing, problems: [{ input: "file", given, accepted: "YAML with the list `computes`" }] };
  }
  const problems: Problem[] = [];
  const strangers = Object.keys(root).filter((key) => !fileKeys.includes(key));
  problems.push(...strangers.map((key) => unknown(key, fileKeys)));
  const read = (value: unknown, at: string) => entry(value, at, environment, problems);
  const list = root["computes"];
  const isList = Array.isArray(list) && list.length > 0;
  if (!isList) {
    problems.push({ input: "computes", given: undefined, accepted: "a list of one compute at least" });
  }
  return {
    name: nameOf(root["declaration"], problems),
    defaults: root["defaults"] === undefined ? {} : read(root["defaults"], "defaults"),
    computes: isList
      ? list.map((value: unknown, index) => {
          const at = `computes[${index}]`;
          return { values: read(value, at), path: at };
        })
      : [],
    problems,
  };
}

/**
 * Every scalar stays the text that was written: a version 1.30 is not the number 1.3. What is no YAML, or unfolds
 * without end, is the text of its error instead.
 */
function plain(content: string): unknown {
  const document = parseDocument(content, { schema: "failsafe" });
  try {
    return document.errors[0]?.message ?? document.toJS();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The value of a tag that Azure takes: 256 characters at most (Resource Manager, "tag-resources"). */
function nameOf(value: unknown, problems: Problem[]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[\w][\w./@:+-]{2,199}$/.test(value)) return value;
  problems.push({
    input: "declaration",
    given: typeof value === "string" ? value : undefined,
    accepted:
      "3 to 200 letters, digits and ._/@:+-, starting with a letter or digit, which no other file has; like the repository and path of this one",
  });
  return undefined;
}

function entry(
  value: unknown,
  at: string,
  environment: Host["environment"],
  problems: Problem[],
): Record<string, string> {
  if (!isMap(value)) {
    problems.push({ input: at, given: undefined, accepted: "the inputs of one compute, by their names" });
    return {};
  }
  const values: Record<string, string> = {};
  for (const [key, part] of Object.entries(value)) {
    const where = `${at}.${key}`;
    if (!entryInputs.includes(key)) problems.push(unknown(where, entryInputs));
    else {
      const text = textOf(key, part);
      const known = text === undefined ? undefined : withVariables(text, environment);
      if (known === undefined) problems.push(unreadable(where, key, part));
      else if (known !== "") values[key] = known;
    }
  }
  return values;
}

/** A value as its input takes it: lists and maps in their own form, or as the text that the input takes. */
function textOf(key: string, part: unknown): string | undefined {
  if (typeof part === "string") return part.trim();
  if (listInputs.includes(key) && Array.isArray(part) && part.every((one) => typeof one === "string")) {
    return part.join("\n");
  }
  if (!mapInputs.includes(key) || !isMap(part)) return undefined;
  const pairs = Object.entries(part);
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === "string")) return undefined;
  return pairs.map(([name, text]) => `${name}=${text}`).join("\n");
}

function unreadable(input: string, key: string, part: unknown): Problem {
  const form = mapInputs.includes(key) ? "text, or a map of texts" : "text";
  const accepted = `${listInputs.includes(key) ? "text, or a list of texts" : form}; \`\${NAME}\` only for a variable that the step has`;
  const given = typeof part === "string" && !secretInputs.includes(key) ? part : hidden;
  return { input, given, accepted };
}

function unknown(input: string, names: readonly string[]): Problem {
  return { input, given: undefined, accepted: `no such key, but ${names.join(", ")}` };
}

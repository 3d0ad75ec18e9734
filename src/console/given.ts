import { homedir } from "node:os";
import type { Command } from "commander";
import { closest, distance } from "fastest-levenshtein";
import type { UsageProblem } from "../actions/usage.ts";
import type { InputOption } from "./command-line.ts";
import { ownDefaults } from "./command-line.ts";

/** Where values come from beside the command line. */
export interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  /** All of standard input; `undefined` where it is a terminal. */
  readonly readInput: () => Promise<string | undefined>;
}

/** What a person gave, and what is wrong with how. */
export interface Given {
  readonly inputs: Readonly<Record<string, string>>;
  readonly problems: readonly UsageProblem[];
}

/** The variable that an input that is a secret may come from. */
export function variableOf(name: string): string {
  return `AZUREML_CLUSTERS_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The values of the inputs as an action takes them, and every problem with how they were given. */
export async function given(
  parsed: Command,
  options: readonly InputOption[],
  sources: Sources,
): Promise<Given> {
  const values = parsed.opts<Record<string, unknown>>();
  const inputs: Record<string, string> = {};
  // What stands behind a secret's option and begins with a dash may be the secret.
  const discreet = options.some(({ input }) => input.secret && values[camelCase(input.name)] !== undefined);
  const problems: UsageProblem[] = unknownArguments(parsed, discreet);
  const read = contents(sources);
  for (const { input } of options) {
    const { name } = input;
    const raw = values[camelCase(name)];
    const found = await (input.kind === "flag" ? flagValue(raw) : textOf(input, raw, read, sources));
    const value = "value" in found ? found.value : undefined;
    const known = value ?? ownDefaults[name] ?? input.default;
    if (known !== undefined) inputs[name] = known;
    if ("wrong" in found) problems.push({ input: name, text: `--${name}: ${found.wrong}` });
  }
  return { inputs, problems };
}

type Found = { readonly value: string | undefined } | { readonly wrong: string };
type Input = InputOption["input"];

/** `--wait`, `--wait false`, `--no-wait`: as the Azure CLI's switches. Whether it is true or false, the action tells. */
function flagValue(raw: unknown): Found {
  if (raw === undefined) return { value: undefined };
  if (typeof raw === "boolean") return { value: String(raw) };
  return one(raw);
}

async function textOf(input: Input, raw: unknown, read: Read, { environment }: Sources): Promise<Found> {
  if (raw === undefined) return { value: input.secret ? environment[variableOf(input.name)] : undefined };
  if (raw === true) return { wrong: "needs a value." };
  const texts = [raw].flat().map(String);
  if (input.secret && texts.some((text) => !isSource(text))) return { wrong: literalSecret(input.name) };
  if (input.kind !== "lines" && texts.length > 1) return one(texts);
  const parts: string[] = [];
  for (const text of texts) {
    const content = isSource(text) ? await read(text) : { value: text };
    if ("wrong" in content) return content;
    parts.push(content.value ?? "");
  }
  // As `az k8s-extension --config a=b c=d` does it: several values are several lines.
  return { value: parts.map((part) => part.replace(/\r?\n$/, "")).join("\n") };
}

function one(raw: unknown): Found {
  const texts = [raw].flat().map(String);
  return texts.length === 1
    ? { value: texts[0] }
    : { wrong: `takes one value, and ${texts.length} are given.` };
}

/** What is never repeated: whoever sees it here has seen it. */
function literalSecret(name: string): string {
  return `a secret in a command line is seen by everybody on this machine and kept by the shell. Give \`@file\`, \`-\` for standard input, or the variable ${variableOf(name)}.`;
}

/** `@file`, `@-` and `-`, as the Azure CLI has it. */
function isSource(text: string): boolean {
  return text === "-" || text.startsWith("@");
}

type Read = (source: string) => Promise<Found>;

/** Reads files, and standard input once. */
function contents({ readFile, readInput }: Sources): Read {
  let taken = false;
  return async (source) => {
    const path = source.replace(/^@/, "");
    if (path === "-") {
      if (taken) return { wrong: "standard input is given to another option already." };
      taken = true;
      const text = await readInput();
      return text === undefined
        ? { wrong: "standard input is a terminal, which would show what you type. Give a file or a pipe." }
        : { value: text };
    }
    try {
      // After an @ the shell leaves the tilde as it is.
      return { value: await readFile(path.replace(/^~(?=[/\\])/, homedir())) };
    } catch (error) {
      return { wrong: `the file ${path} can't be read: ${error instanceof Error ? error.message : error}` };
    }
  };
}

/** What is no option, with the nearest name that is one; and words that belong to none. */
function unknownArguments(parsed: Command, discreet: boolean): UsageProblem[] {
  const names = parsed.options.flatMap(({ long }) => long ?? []);
  const words = parsed.args.filter((word, index) => {
    const before = parsed.args[index - 1];
    // The value of an option that nobody knows is no problem of its own.
    return word.startsWith("-") || !before?.startsWith("-") || before.includes("=");
  });
  return words.map((word) => ({ text: unknown(word, names, discreet) }));
}

/** Only what looks like a name is repeated: a key in PEM begins with dashes too. */
function unknown(word: string, names: readonly string[], discreet: boolean): string {
  const [name = ""] = word.split("=");
  if (/^[\w.-]{1,24}$/.test(word) && !word.startsWith("-")) return `${word}: belongs to no option.`;
  const nearest = closest(name, names);
  const near = distance(name, nearest) <= Math.max(2, name.length / 3);
  if (!/^--?[a-z][a-z-]{0,40}$/i.test(name) || (discreet && !near)) {
    return "A value belongs to no option. One that begins with a dash is given as --option=value, a secret as @file.";
  }
  return `${name}: there is no such option.${near ? ` Did you mean ${nearest}?` : ""}`;
}

/** Commander's name of an option's value. */
function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

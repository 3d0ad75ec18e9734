import { oneLine } from "./arm-error.ts";
import { isKnownKey, secretKeys } from "./extension-keys.ts";
import { sameText } from "./resource-id.ts";

/** Settings of an extension: all values are strings on the wire (arm-contract 3). */
export type Settings = Readonly<Record<string, string>>;

/** A certificate with its chain and its key, as PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What the user gave in `config` and `config-protected` (X5), and the contents of the PEM files that they name. */
export interface GivenSettings {
  readonly plain: Settings;
  readonly protected: Settings;
  readonly tls?: PemPair | undefined;
}

/** One thing that is wrong with the settings, in the shape of a problem with an input. */
export interface SettingProblem {
  readonly input: string;
  readonly given: string | undefined;
  readonly accepted: string;
}

/** Something worth saying about settings that are valid. */
export interface SettingNote {
  readonly id: string;
  readonly severity: "warning" | "info";
  readonly seen: string;
  readonly remedy: string;
}

/** What the extension can run (X2). */
export type ExtensionWorkload = "training" | "inference";

/** Stands for a value that must not be shown. */
export const hidden = "(hidden)";

/** A path into Helm's values, with whatever the chart takes: slashes, escaped dots, brackets. */
const keyShape = /^[A-Za-z_][^\s=]*$/;

/**
 * Lines `key=value`, with the settings that `az k8s-extension --config` takes (X5): one a line; blank lines
 * and lines that begin with `#` are skipped; a value may hold `=`.
 */
export function parseSettingLines(
  input: "config" | "config-protected",
  text: string,
): { settings: Settings; problems: SettingProblem[] } {
  if (text.includes("-----BEGIN")) {
    const accepted = "lines key=value; the content of a PEM file has lines of its own and can't stand here";
    return { settings: {}, problems: [{ input, given: hidden, accepted }] };
  }
  const settings = new Map<string, string>();
  const problems: SettingProblem[] = [];
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [key = "", value] = split(line);
    const accepted = refusal(input, key, value, settings);
    if (accepted === undefined) settings.set(key, value ?? "");
    else problems.push({ input: `${input}, line ${index + 1}`, given: shown(input, line), accepted });
  }
  return { settings: Object.fromEntries(settings), problems };
}

function split(line: string): [string, string | undefined] {
  const at = line.indexOf("=");
  return at < 0 ? [line, undefined] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** A secret is not shown, not even where it stands in the wrong input, or behind another setting. */
function shown(input: string, line: string): string {
  const names = [...line.matchAll(/([\w.]+)\s*=/g)].map(([, name = ""]) => name);
  return input === "config" && !names.some(isSecretName) ? line : hidden;
}

function isSecretName(name: string): boolean {
  return (
    secretKeys.has(name) ||
    /connection_?string|\bkey$|password|secret$/i.test(name.replace(/^sslSecret$/, ""))
  );
}

/** What would be accepted instead; `undefined` where the line is right. */
function refusal(
  input: string,
  key: string,
  value: string | undefined,
  before: ReadonlyMap<string, string>,
): string | undefined {
  if (value === undefined || !keyShape.test(key)) return "key=value";
  if (before.has(key)) return "each key once";
  // A secret that does not exist is an empty text in both CI systems.
  if (value === "" && input === "config-protected") {
    return `a value for ${key}; an empty one is often a secret that does not exist`;
  }
  const second = [...value.matchAll(/\s([\w.]+)=/g)].find(([, name]) => isKnownKey(name ?? ""));
  return second ? `one setting a line, so that ${second[1]} goes on the next one` : undefined;
}

/** The input `workloads`: `training`, `inference`, or both, with commas, blanks or line breaks between them (X2). */
export function parseWorkloads(text: string): ExtensionWorkload[] | undefined {
  const words = text.toLowerCase().match(/[^\s,]+/g) ?? [];
  const named = words.flatMap((word) => (word === "both" ? ["training", "inference"] : [word]));
  const known = (["training", "inference"] as const).filter((word) => named.includes(word));
  return named.length > 0 && known.length === new Set(named).size ? known : undefined;
}

/** `workloads` as the settings that it stands for; the one that is not named is switched off, as the CLI does (testbed 8). */
export function withWorkloads(
  given: GivenSettings,
  workloads: readonly ExtensionWorkload[] | undefined,
): { settings: GivenSettings; problems: SettingProblem[] } {
  if (workloads === undefined) return { settings: given, problems: [] };
  const wanted = {
    enableTraining: workloads.includes("training") ? "True" : "False",
    enableInference: workloads.includes("inference") ? "True" : "False",
  };
  const problems = Object.entries(wanted).flatMap(([key, value]) => {
    const other = settingOf(given, key);
    if (other === undefined || sameText(other, value)) return [];
    const accepted = `${value}, as \`workloads\` says, or only one of the two`;
    return [{ input: inputOf(given, key), given: oneLine(other), accepted }];
  });
  return { settings: { ...given, plain: { ...wanted, ...given.plain } }, problems };
}

/** A setting, wherever it was given; inherited names such as `constructor` are none. */
export function settingOf(given: GivenSettings, key: string): string | undefined {
  return valueIn(given.plain, key) ?? valueIn(given.protected, key);
}

/** The value of a setting; inherited names such as `constructor` are none. */
export function valueIn(settings: Settings, key: string): string | undefined {
  return Object.hasOwn(settings, key) ? settings[key] : undefined;
}

/** The input that gives a setting, for messages: `config (sslCname)`. */
export function inputOf(given: GivenSettings, key: string): string {
  const isProtected = Object.hasOwn(given.protected, key) && !Object.hasOwn(given.plain, key);
  return `${isProtected ? "config-protected" : "config"} (${key})`;
}

/** The setting is there and true; Azure compares without case (extension.md 1b). */
export function isOn(settings: Settings, key: string): boolean {
  return sameText(valueIn(settings, key) ?? "", "true");
}

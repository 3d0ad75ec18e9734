import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { type ActionName, doors, type InputName } from "../model/doors.ts";
import { parseDuration } from "../model/duration.ts";
import { isSafe } from "../model/endpoint.ts";
import { Failure } from "../model/failure.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";

/** The values of a step's inputs, by name; what was not given is `undefined`. */
export type Values<Name extends string> = Partial<Record<Name, string>>;

/** Where a value came from when it was not its own input: a variable, or a key of a file. For messages. */
export type Origins<Name extends string> = Partial<Record<Name, string>>;

/** Reads all inputs of an action as they were written. */
export function readInputs<Name extends ActionName>(host: Host, action: Name): Values<InputName<Name>> {
  const given = Object.keys(doors[action].inputs).map((name) => [name, host.input(name)]);
  return Object.fromEntries(given.filter(([, value]) => value !== "")) as Values<InputName<Name>>;
}

/** One thing that is wrong with the inputs. */
export interface Problem {
  readonly input: string;
  readonly given: string | undefined;
  readonly accepted: string;
}

/**
 * Checks values against a schema whose messages say what is accepted. Gives the parsed request or every
 * problem at once, so that nobody mends one input only to hear of the next.
 */
export function check<Entries extends v.ObjectEntries>(
  schema: v.ObjectSchema<Entries, undefined>,
  values: Values<string>,
  origins: Origins<string> = {},
): { readonly request?: v.InferOutput<v.ObjectSchema<Entries, undefined>>; readonly problems: Problem[] } {
  const missing = Object.fromEntries(Object.keys(schema.entries).map((name) => [name, undefined]));
  const result = v.safeParse(schema, { ...missing, ...values });
  if (result.success) return { request: result.output, problems: [] };
  const firstOfEach = new Map(result.issues.toReversed().map((issue) => [issue.path?.[0]?.key, issue]));
  const problems = [...firstOfEach.values()].toReversed().map((issue) => {
    const input = String(issue.path?.[0]?.key ?? "inputs");
    const origin = origins[input];
    return { input: origin ? `${input} (${origin})` : input, given: values[input], accepted: issue.message };
  });
  return { problems };
}

/** The one error for all problems of the inputs. */
export function invalidInput(problems: readonly Problem[], host: Host): Failure {
  const details = problems.map(({ input, given, accepted }) => {
    const shown = given === undefined ? "not given" : `given ${JSON.stringify(excerpt(host.clean(given)))}`;
    return `${input}: ${shown}; accepted: ${accepted}`;
  });
  const wrong = new Set(problems.map(({ input }) => input)).size;
  const count = wrong === 1 ? "One input is" : `${wrong} inputs are`;
  return new Failure("InvalidInput", `${count} wrong.`, { details });
}

function excerpt(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** A value that must match; the message says what is accepted. */
export const matching = (pattern: RegExp, accepted: string) =>
  v.pipe(v.string(accepted), v.regex(pattern, accepted));

/** One of several words. */
export const word = <const Words extends readonly string[]>(words: Words) =>
  v.picklist(words, words.join(", "));

/** `true` or `false`, in the spellings of YAML that the runner passes on. */
export const flag = (fallback: boolean) =>
  v.pipe(
    v.optional(
      v.pipe(v.string(), v.toLowerCase(), v.picklist(["true", "false"], "true, false")),
      `${fallback}`,
    ),
    v.transform((text) => text === "true"),
  );

/** A duration, in milliseconds; none at all, `0s`, where that has a meaning. */
export const duration = (fallback: string, none?: "0s") =>
  v.pipe(
    v.optional(v.string(), fallback),
    v.check(
      (text) => text === none || (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= 24 * 3_600_000,
      `a duration up to 24h, like 90s, 30m or 1h30m${none ? `, or ${none}` : ""}`,
    ),
    v.transform((text) => parseDuration(text) ?? 0),
  );

const uuid = (what: string) => v.optional(v.pipe(v.string(), v.uuid(`${what}, a UUID`)));

const environment = v.pipe(
  v.optional(v.string(), "AzureCloud"),
  v.check(
    (text) => /^Azure(Cloud|USGovernment|ChinaCloud)$/.test(text) || isEndpoint(text),
    "AzureCloud, AzureUSGovernment, AzureChinaCloud, or the https URL of a Resource Manager endpoint",
  ),
);

/** The bare address of a server that may be asked. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password && isSafe(url);
}

/** Resource groups: arm-contract 1.2, where `\w` means letters of any script. */
export const resourceGroup = matching(
  /^[-\p{L}\p{N}_.()]{0,89}[-\p{L}\p{N}_()]$/u,
  "1 to 90 letters, digits, dashes, dots, underscores and parentheses, not ending in a dot",
);

/** The rule that every version of the service has (A2, arm-contract 1.2); the newer one is `rules/compute-name.ts`. */
export const computeName = matching(
  /^[a-zA-Z](?=[a-zA-Z0-9-]{2,23}$)[a-zA-Z0-9-]*[a-zA-Z0-9]$/,
  "3 to 24 letters, digits and dashes, starting with a letter, ending with a letter or digit",
);

/** The subscription of what an action is about. */
export const subscriptionId = v.pipe(
  v.string("the subscription id, a UUID"),
  v.uuid("the subscription id, a UUID"),
);

/** The inputs that every action has. */
export const sessionEntries = {
  "client-id": uuid("the application id"),
  "tenant-id": uuid("the tenant id"),
  "azure-environment": environment,
  timeout: duration("30m"),
} satisfies Partial<Record<InputName<ActionName>, v.GenericSchema<string | undefined, unknown>>>;

/** The inputs that every action has that writes. */
export const commonEntries = {
  ...sessionEntries,
  "dry-run": flag(false),
  preflight: v.optional(word(["enforce", "warn", "off"]), "enforce"),
  wait: flag(true),
} satisfies Partial<Record<InputName<ActionName>, v.GenericSchema<string | undefined, unknown>>>;

/** The inputs that name a compute. */
export const computeEntries = {
  "subscription-id": subscriptionId,
  "resource-group": resourceGroup,
  "workspace-name": matching(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$/,
    "3 to 33 letters, digits, dashes and underscores, starting with a letter or digit",
  ),
  "compute-name": computeName,
} satisfies Partial<Record<InputName<ActionName>, v.GenericSchema<string | undefined, unknown>>>;

/**
 * A rule over several inputs. It looks at what was given, so that it speaks even when one of them is malformed.
 * @returns the problem with `input`, unless the rule holds.
 */
export function together(holds: boolean, input: string, values: Values<string>, accepted: string): Problem[] {
  return holds ? [] : [{ input, given: values[input], accepted }];
}

/** `client-id` signs in with a token of `tenant-id`; it means nothing alone. */
export function commonTogether(values: Values<string>): Problem[] {
  const holds = !values["client-id"] || Boolean(values["tenant-id"]);
  return together(holds, "tenant-id", values, "the tenant id, a UUID, since `client-id` is given");
}

/** The variables that stand in for inputs that were not given. */
const variables = {
  "subscription-id": "AZURE_SUBSCRIPTION_ID",
  "resource-group": "AZURE_RESOURCE_GROUP",
  "workspace-name": "AZURE_WORKSPACE_NAME",
};

/** The values with what variables stand in for, and which of them did. */
export function fromVariables(
  host: Host,
  values: Values<string>,
  names: readonly (keyof typeof variables)[] = ["subscription-id", "resource-group", "workspace-name"],
): { values: Values<string>; origins: Origins<string> } {
  const missing = Object.entries(variables).filter(
    ([name, variable]) => names.some((one) => one === name) && !values[name] && host.environment[variable],
  );
  return {
    values: {
      ...values,
      ...Object.fromEntries(missing.map(([name, variable]) => [name, host.environment[variable]])),
    },
    origins: Object.fromEntries(missing),
  };
}

/** The part of a request that every action has, from checked values. */
export function sessionRequest(values: v.InferOutput<v.ObjectSchema<typeof sessionEntries, undefined>>) {
  return {
    clientId: values["client-id"],
    tenantId: values["tenant-id"],
    azureEnvironment: values["azure-environment"],
    timeout: values.timeout,
  };
}

/** The part of a request that every action has that writes. */
export function commonRequest(values: v.InferOutput<v.ObjectSchema<typeof commonEntries, undefined>>) {
  const { preflight, wait } = values;
  return { ...sessionRequest(values), dryRun: values["dry-run"], preflight, wait };
}

/** The part of a request that names a compute, from checked values. */
export function namedCompute(values: v.InferOutput<v.ObjectSchema<typeof computeEntries, undefined>>) {
  return {
    workspace: {
      subscriptionId: values["subscription-id"],
      resourceGroup: values["resource-group"],
      type: resourceTypes.workspace,
      name: values["workspace-name"],
    },
    computeName: values["compute-name"],
  };
}

/** A resource id of one of these types. */
export const resourceIdOf = (types: readonly string[], accepted: string) =>
  v.pipe(
    v.string(accepted),
    v.check((text) => types.includes(parseResourceId(text)?.type ?? ""), accepted),
  );

/** `true` for a map of YAML or JSON. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

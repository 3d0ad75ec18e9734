import * as v from "valibot";
import { parseDocument } from "yaml";
import type { Host } from "../host/host.ts";
import { type ActionName, doors } from "../model/doors.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { SessionRequest } from "../model/request.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { parseWave, type RolloutTerms, type Wave } from "../model/rollout.ts";
import type { FleetRequest } from "../reconcile/fleet.ts";
import {
  check,
  commonTogether,
  invalidInput,
  isMap,
  matching,
  type Problem,
  sessionEntries,
  sessionRequest,
  together,
  type Values,
} from "./inputs.ts";
import { withVariables } from "./step-variables.ts";

/** The inputs of a run over many targets. */
const fleetInputs = ["targets", "concurrency", "max-failures", "waves"] as const;
export type FleetInput = (typeof fleetInputs)[number];

/** For who reads the inputs of one target: what is about many means nothing there. */
export function aboutMany(values: Values<string>): Problem[] {
  return fleetInputs.flatMap((name) => together(!values[name], name, values, "nothing without `targets`"));
}

/** Inputs of the run as a whole: no target has its own. */
const runInputs: readonly string[] = [
  ...Object.keys(sessionEntries),
  ...fleetInputs,
  ...["report-path", "junit-path", "html-path", "github-token", "check-name"],
  ...["dry-run", "preflight", "wait", "fail-on"],
];

/** Inputs that are about one target: given for all of them they would be wrong for all but one. */
const oneTarget: readonly string[] = [
  ...["compute-name", "cluster-resource-id", "cluster-name", "cluster-resource-group", "cluster-type"],
  ...["kubeconfig", "file"],
];

const whole = (least: number, most: number) => {
  const accepted = `a whole number from ${least} to ${most}`;
  return v.pipe(
    matching(/^\d{1,6}$/, accepted),
    v.transform(Number),
    v.minValue(least, accepted),
    v.maxValue(most, accepted),
  );
};

const wavesAccepted = "numbers of targets or parts of all, each more than the one before, like 1, 10%, 100%";

const schema = v.object({
  ...sessionEntries,
  concurrency: v.optional(whole(1, 256), "8"),
  "max-failures": v.optional(whole(1, 100_000)),
  waves: v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split(/[\n,]/).map((one) => one.trim())),
    v.transform((texts) => texts.filter((one) => one !== "").map(parseWave)),
    v.check((waves) => waves.every(Boolean) && grows(waves), wavesAccepted),
    v.transform((waves) => waves.filter((wave) => wave !== undefined)),
  ),
});

/** How many 10 % are, is known only later; of two of a kind the second must be more. */
function grows(waves: readonly (Wave | undefined)[]): boolean {
  const numbers = waves.flatMap((wave) => (wave && "targets" in wave ? wave.targets : []));
  const parts = waves.flatMap((wave) => (wave && "percent" in wave ? wave.percent : []));
  return [numbers, parts].every((some) =>
    some.every((one, index) => index === 0 || one > (some[index - 1] ?? 0)),
  );
}

/** A run over targets was asked for. */
export function hasTargets(host: Host): boolean {
  return host.input("targets") !== "";
}

/**
 * The requests of all targets, each read by the action itself as if it had been called with that one. @throws Failure
 * `InvalidInput` with every problem of every target: none is begun before all are right.
 */
export async function fleetRequest<Request extends SessionRequest>(
  host: Host,
  action: ActionName,
  requestOf: (host: Host) => Promise<Request>,
): Promise<FleetRequest<Request>> {
  const names = Object.keys(doors[action].inputs);
  const inputs = Object.fromEntries(
    names.map((name) => [name, host.input(name)]).filter(([, value]) => value !== ""),
  ) as Values<string>;
  const { request, problems } = check(schema, inputs);
  const misplaced = oneTarget
    .filter((name) => names.includes(name) && name !== "cluster-type")
    .flatMap((name) => {
      const given = name === "kubeconfig" && inputs[name] ? { [name]: "(hidden)" } : inputs;
      return together(!inputs[name], name, given, "nothing beside `targets`; each target may have its own");
    });
  const read = await readTargets(host, inputs["targets"] ?? "", names);
  const form = [...problems, ...commonTogether(inputs), ...misplaced, ...read.problems];
  const lines = form.length > 0 ? [...invalidInput(form, host).details] : [];
  const members: Request[] = [];
  for (const [index, values] of read.targets.entries()) {
    try {
      const member = await requestOf(viewOf(host, values));
      if (member.wrong) throw member.wrong;
      members.push(member);
    } catch (error) {
      const { code, message, details } = asFailure(error);
      const own = code === "InvalidInput" && details.length > 0 ? details : [message];
      lines.push(...own.map((line) => `targets[${index}]: ${line}`));
    }
  }
  if (!request || lines.length > 0) throw wrong([...new Set(lines)]);
  return { ...sessionRequest(request), members, terms: termsOf(request) };
}

function termsOf(request: v.InferOutput<typeof schema>): RolloutTerms {
  const { concurrency, waves, "max-failures": maxFailures } = request;
  return { concurrency, waves, maxFailures };
}

/** Problems that an error tells at most; with a thousand targets more would not be read. */
const longestList = 100;

function wrong(lines: readonly string[]): Failure {
  const count = lines.length === 1 ? "One input is" : `${lines.length} inputs are`;
  const further = lines.length > longestList ? [`and ${lines.length - longestList} more`] : [];
  return new Failure("InvalidInput", `${count} wrong.`, {
    details: [...lines.slice(0, longestList), ...further],
  });
}

/** The host as a target sees it: its own values first. The one kubeconfig of the environment fits no fleet. */
function viewOf(host: Host, values: Values<string>): Host {
  const { KUBECONFIG: _, ...environment } = host.environment;
  const others: readonly string[] = [...oneTarget, ...fleetInputs];
  const input = (name: string) => values[name] ?? (others.includes(name) ? "" : host.input(name));
  return { ...host, environment, input };
}

const accepted =
  "the `targets` of a shard, or the path of the report of discover or of a YAML or JSON file: a list of resource ids of computes or clusters, or of maps of inputs";

interface ReadTargets {
  readonly targets: readonly Values<string>[];
  readonly problems: readonly Problem[];
}

async function readTargets(host: Host, given: string, names: readonly string[]): Promise<ReadTargets> {
  const nothing = (what: string) => ({
    targets: [],
    problems: [{ input: "targets", given: what, accepted }],
  });
  let text = given;
  if (!/^[[{]/.test(given)) {
    try {
      text = await host.readFile(given);
    } catch {
      return nothing(given);
    }
  }
  const list = listIn(plain(text));
  if (!list) return nothing(text);
  const own = names.filter((name) => !runInputs.includes(name));
  const problems: Problem[] = [];
  const read = (one: unknown, at: string) => valuesOf(one, at, own, host.environment, problems);
  const targets = list.map((one, index) => read(one, `targets[${index}]`));
  return { targets, problems: [...problems, ...twice(targets)] };
}

/** JSON, or YAML whose every scalar stays the text that was written. */
function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const document = parseDocument(text, { schema: "failsafe" });
    try {
      return document.errors.length > 0 ? undefined : document.toJS();
    } catch {
      return undefined;
    }
  }
}

/** The targets in a list, in a map with a list `targets`, in a whole matrix of discover, or in its report. */
function listIn(data: unknown): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data;
  if (!isMap(data)) return undefined;
  const { targets, include, discovery } = data;
  if (Array.isArray(targets)) return targets;
  if (isMap(discovery) && typeof discovery["matrix"] === "string")
    return shardsIn(plain(discovery["matrix"]));
  return include === undefined && Object.keys(data).length === 0 ? undefined : shardsIn(data);
}

/** The targets of all shards of a matrix, in the form of either CI system. */
function shardsIn(matrix: unknown): readonly unknown[] | undefined {
  if (!isMap(matrix)) return undefined;
  const { include } = matrix;
  const entries = Array.isArray(include) ? include : Object.values(matrix);
  const parts = entries.map((entry) =>
    isMap(entry) && typeof entry["targets"] === "string" ? listIn(plain(entry["targets"])) : undefined,
  );
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function valuesOf(
  one: unknown,
  at: string,
  names: readonly string[],
  environment: Host["environment"],
  problems: Problem[],
): Values<string> {
  if (typeof one === "string") {
    const values = namedBy(one);
    if (!values)
      problems.push({ input: at, given: one, accepted: "the resource id of a compute or a cluster" });
    return values ?? {};
  }
  if (!isMap(one)) {
    problems.push({ input: at, given: undefined, accepted: "a resource id, or the inputs of one target" });
    return {};
  }
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(one)) {
    const isText = ["string", "number", "boolean"].includes(typeof value);
    const text = isText ? withVariables(String(value).trim(), environment) : undefined;
    if (names.includes(key) && text !== undefined) values[key] = text;
    else problems.push({ input: `${at}.${key}`, given: undefined, accepted: acceptedKey(key, names) });
  }
  return values;
}

function acceptedKey(key: string, names: readonly string[]): string {
  if (names.includes(key)) return `text; \`\${NAME}\` only for a variable that the step has`;
  return `no such key, but ${names.join(", ")}`;
}

/** A compute's id names its workspace as well; a cluster's names just itself. */
function namedBy(id: string): Values<string> | undefined {
  const [, workspaceId = "", computeName] = /^(.+)\/computes\/([^/]+)$/i.exec(id) ?? [];
  const place = parseResourceId(computeName === undefined ? id : workspaceId);
  if (!place) return undefined;
  if (computeName === undefined) return { "cluster-resource-id": id };
  return {
    "subscription-id": place.subscriptionId,
    "resource-group": place.resourceGroup,
    "workspace-name": place.name,
    "compute-name": computeName,
  };
}

/** Two runs on one compute at a time would disturb each other. */
function twice(targets: readonly Values<string>[]): Problem[] {
  const seen = new Map<string, number>();
  return targets.flatMap((values, index) => {
    const key = JSON.stringify(
      Object.entries(values)
        .filter(([name]) => /^(subscription|resource-group|workspace|compute|cluster)/.test(name))
        .filter(([name]) => !values["compute-name"] || !name.startsWith("cluster"))
        .map(([name, value]) => [name, value?.toLowerCase()])
        .sort(),
    );
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    if (first === undefined || key === "[]") return [];
    const accepted = `each target once: it is the same as targets[${first}]`;
    return [{ input: `targets[${index}]`, given: undefined, accepted }];
  });
}

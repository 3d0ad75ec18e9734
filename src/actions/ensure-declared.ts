import type { Host } from "../host/host.ts";
import { hidden } from "../model/extension-settings.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import type { Declaration } from "./ensure-file.ts";
import {
  baseInputs,
  clusterKey,
  clusterNames,
  type Declared,
  entryInputs,
  extensionInputs,
  isDefault,
  secretInputs,
} from "./ensure-inputs.ts";
import { type Problem, together, type Values } from "./inputs.ts";

/** A compute as it is declared, with what file and inputs say for all. */
export interface EntryDeclared extends Declared {
  /** Where it stands in the file; empty without one. */
  readonly path: string;
  readonly stages: { readonly create: boolean; readonly deploy: boolean; readonly verify: boolean };
  readonly environment: Host["environment"];
}

/** Inputs that name one compute and its cluster: a file does that itself. */
const naming = ["compute-name", "cluster-resource-id", "cluster-name"];

/** Every compute that is declared, and what is wrong with how they stand to each other. */
export function declaredIn(
  inputs: Values<string>,
  file: Declaration | undefined,
  environment: Host["environment"],
): { readonly entries: readonly EntryDeclared[]; readonly problems: readonly Problem[] } {
  const common = Object.fromEntries(Object.entries(inputs).filter(([name]) => entryInputs.includes(name)));
  if (!file) {
    const own = new Set(Object.keys(common).filter((name) => !isDefault(name, common[name])));
    return settled([{ values: common, own, path: "" }], environment);
  }
  const named = naming.flatMap((name) =>
    together(!inputs[name], name, inputs, "no value, since `file` names the computes and their clusters"),
  );
  const ofAll = { ...without(common, naming), ...file.defaults };
  const merged = file.computes.map(({ values, path }) => ({
    values: { ...inherited(ofAll, values), ...values },
    own: new Set(Object.keys(values)),
    path,
  }));
  const { entries, problems } = settled(merged, environment);
  return {
    entries,
    problems: [...named, ...kubeconfigOnce(inputs, entries), ...problems, ...twice(entries)],
  };
}

/** An entry that names its cluster in one way takes nothing of the other. */
function inherited(values: Values<string>, own: Values<string>): Values<string> {
  if (own["cluster-resource-id"]) return without(values, clusterNames);
  return own["cluster-name"] ? without(values, ["cluster-resource-id"]) : values;
}

function without(values: Values<string>, names: readonly string[]): Values<string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

type Merged = Pick<EntryDeclared, "values" | "own" | "path">;

/** Computes of one cluster share what is said of the cluster and its extension by the first of them that says it. */
function settled(merged: readonly Merged[], environment: Host["environment"]) {
  const problems: Problem[] = [];
  const keys = merged.map(({ values }) => clusterKey(values));
  const { KUBECONFIG: _, ...others } = environment;
  // One file can't be the way into several clusters.
  const kept = new Set(keys).size > 1 ? others : environment;
  const entries = merged.map((one, index) => {
    const neighbours = merged.filter((_other, at) => at !== index && keys[at] === keys[index]);
    const before = merged.filter((_other, at) => at < index && keys[at] === keys[index]);
    const shared = baseInputs.flatMap((name) => {
      const said = neighbours.find(({ own }) => own.has(name))?.values[name];
      return said !== undefined && !one.own.has(name) ? [[name, said] as const] : [];
    });
    problems.push(...contradictions(one, before));
    const values = { ...one.values, ...Object.fromEntries(shared) };
    return { ...one, values, stages: { create: false, deploy: false, verify: false }, environment: kept };
  });
  return { entries: staged(entries, keys, problems), problems };
}

/** The stages of each compute; those of a cluster stand with the first that needs them. */
function staged(entries: readonly EntryDeclared[], keys: readonly string[], problems: Problem[]) {
  const isAks = ({ values }: EntryDeclared) => values["compute-type"] === "aks";
  const creates = ({ values }: EntryDeclared) => values["create-cluster"]?.toLowerCase() === "true";
  const isFirst = (index: number, needs: (entry: EntryDeclared) => boolean) =>
    entries.findIndex((entry, at) => keys[at] === keys[index] && needs(entry)) === index;
  return entries.map((entry, index) => {
    problems.push(...stageProblems(entry, isAks(entry), creates(entry)));
    const deploy = isFirst(index, (other) => !isAks(other));
    return { ...entry, stages: { create: isFirst(index, creates), deploy, verify: !isAks(entry) } };
  });
}

function stageProblems({ values, own, path }: EntryDeclared, isAks: boolean, creates: boolean): Problem[] {
  const at = (name: string) => (path && own.has(name) ? `${path}.${name}` : name);
  const id = parseResourceId(values["cluster-resource-id"] ?? "");
  const isArc = id?.type === resourceTypes.arc || values["cluster-type"] === "connectedClusters";
  const flag = values["create-cluster"]?.toLowerCase() ?? "false";
  const strangers = isAks ? extensionInputs.filter((name) => own.has(name)) : [];
  return [
    ...together(
      /^(true|false)$/.test(flag),
      at("create-cluster"),
      { [at("create-cluster")]: flag },
      "true, false",
    ),
    ...together(
      !creates || !isArc,
      at("create-cluster"),
      { [at("create-cluster")]: flag },
      "true only for an AKS cluster (managedClusters): Azure creates no Arc cluster",
    ),
    ...strangers.map((name) => ({
      input: at(name),
      given: shown(name, values),
      accepted: "no value, since `compute-type` is aks: a legacy compute has no extension",
    })),
  ];
}

/** There is one extension in a cluster, so that two computes can't ask for different ones. */
function contradictions({ values, own, path }: Merged, before: readonly Merged[]): Problem[] {
  return baseInputs.flatMap((name) => {
    const other = before.find((one) => one.own.has(name));
    if (!other || !own.has(name) || other.values[name] === values[name]) return [];
    const accepted = `what ${other.path} says, or nothing: both are on the same cluster`;
    return [{ input: `${path}.${name}`, given: shown(name, values), accepted }];
  });
}

function shown(name: string, values: Values<string>): string | undefined {
  return secretInputs.includes(name) ? hidden : values[name];
}

function kubeconfigOnce(inputs: Values<string>, entries: readonly EntryDeclared[]): Problem[] {
  const clusters = new Set(entries.map(({ values }) => clusterKey(values)));
  if (!inputs["kubeconfig"] || clusters.size < 2) return [];
  const accepted = `no value, since the file names several clusters: give each its own, as \`kubeconfig: \${NAME}\``;
  return [{ input: "kubeconfig", given: hidden, accepted }];
}

/** Two entries for one compute would undo each other. */
function twice(entries: readonly EntryDeclared[]): Problem[] {
  const nameOf = ({ values }: EntryDeclared) =>
    ["subscription-id", "resource-group", "workspace-name", "compute-name"]
      .map((name) => values[name] ?? "")
      .join("/")
      .toLowerCase();
  return entries.flatMap((entry, index) => {
    const first = entries.findIndex((other) => nameOf(other) === nameOf(entry));
    if (first === index || !entry.values["compute-name"]) return [];
    const accepted = `a name that is not that of ${entries[first]?.path}, which is in the same workspace`;
    return [{ input: `${entry.path}.compute-name`, given: entry.values["compute-name"], accepted }];
  });
}

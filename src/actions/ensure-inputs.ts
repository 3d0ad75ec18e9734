import { doors } from "../model/doors.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import { aksInputNames } from "./aks-inputs.ts";
import { clusterSchema } from "./create-cluster-entries.ts";
import { commonEntries, type Values } from "./inputs.ts";

/** Inputs of the run as a whole: no compute has its own. */
const runInputs: readonly string[] = [
  ...Object.keys(commonEntries),
  "file",
  "prune",
  "report-path",
  "junit-path",
  "html-path",
  "github-token",
  "check-name",
];

/** Inputs that each compute of a file may have. */
export const entryInputs: readonly string[] = Object.keys(doors.ensure.inputs).filter(
  (name) => !runInputs.includes(name),
);

/** Inputs that a file may give as a list, one item a line. */
export const listInputs: readonly string[] = [
  "user-assigned-identities",
  "workloads",
  "api-server-authorized-ip-ranges",
];

/** Inputs that a file may give as a map, one `name=value` a line. */
export const mapInputs: readonly string[] = ["config", "config-protected", "tags"];

/** Inputs whose values nobody may see. */
export const secretInputs: readonly string[] = ["config-protected", "ssl-key-pem", "kubeconfig"];

/** What a compute is declared with. */
export interface Declared {
  readonly values: Values<string>;
  /** Names that were given for this compute, not for all of a file. */
  readonly own: ReadonlySet<string>;
}

type StageName = "create-cluster" | "deploy-extension" | "attach" | "verify-extension";

/** Inputs that name a cluster. */
export const clusterNames: readonly string[] = [
  "cluster-resource-id",
  "cluster-name",
  "cluster-resource-group",
  "cluster-type",
];

/** Settings of the extension: what a legacy compute has no use for (A1). */
export const extensionInputs: readonly string[] = Object.keys(doors["deploy-extension"].inputs).filter(
  (name) =>
    !runInputs.includes(name) &&
    !["subscription-id", "kubeconfig", ...clusterNames].includes(name) &&
    !aksInputNames.some((other) => other === name),
);

/** Settings of a cluster: what creates it, and its extension. Computes of one cluster have one each. */
export const baseInputs: readonly string[] = [
  ...new Set([
    ...extensionInputs,
    "kubeconfig",
    ...Object.keys(clusterSchema.entries).filter(
      (name) => entryInputs.includes(name) && ![...clusterNames, "subscription-id"].includes(name),
    ),
    "create-cluster",
  ]),
];

const kubernetesNames = ["namespace", "identity-type", "user-assigned-identities"];

/** The values that a stage is given: those of its own action, of which it is told what belongs to it. */
export function valuesFor(stage: StageName, { values, own }: Declared): Values<string> {
  switch (stage) {
    case "create-cluster":
      return creationValues(values);
    case "attach":
      return attachmentValues(values, own);
    default:
      return taken(values, Object.keys(doors[stage].inputs));
  }
}

function creationValues(values: Values<string>): Values<string> {
  const cluster = parseResourceId(values["cluster-resource-id"] ?? "");
  return {
    // Purposes are those of legacy computes, and with them what production needs (C3, C4).
    ...(values["compute-type"] !== "aks" && { "cluster-purpose": "DevTest" }),
    ...taken(values, Object.keys(clusterSchema.entries)),
    ...(cluster && {
      "subscription-id": cluster.subscriptionId,
      "cluster-resource-group": cluster.resourceGroup,
      "cluster-name": cluster.name,
    }),
  };
}

/** What a file says for all its computes is meant for those that have a use for it. */
function attachmentValues(values: Values<string>, own: ReadonlySet<string>): Values<string> {
  const isAks = values["compute-type"] === "aks";
  const others: readonly string[] = isAks ? kubernetesNames : aksInputNames;
  // Of a Kubernetes compute these belong to the extension, and to the cluster that is created.
  const elsewhere = isAks ? [] : ["ssl-cert-pem", "ssl-key-pem", "cluster-purpose"];
  const names = Object.keys(doors.attach.inputs).filter(
    (name) => name !== "file" && !elsewhere.includes(name) && (own.has(name) || !others.includes(name)),
  );
  return taken(values, names);
}

function taken(values: Values<string>, names: readonly string[]): Values<string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** The cluster of a compute, as far as it is named: the same text for the same cluster. */
export function clusterKey(values: Values<string>): string {
  const id = parseResourceId(values["cluster-resource-id"] ?? "");
  const type = values["cluster-type"] === "connectedClusters" ? resourceTypes.arc : resourceTypes.aks;
  const parts = id
    ? [id.subscriptionId, id.resourceGroup, id.type, id.name]
    : [values["subscription-id"], values["cluster-resource-group"], type, values["cluster-name"]];
  return parts.join("/").toLowerCase();
}

/** A value that the runner gives where the workflow gives none. */
export function isDefault(name: string, value: string | undefined): boolean {
  const input: { readonly default?: string } | undefined = (
    doors.ensure.inputs as Readonly<Record<string, { readonly default?: string }>>
  )[name];
  return value !== undefined && input?.default === value;
}

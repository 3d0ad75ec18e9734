import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import type { AksAttachRequest, AttachRequest } from "../model/request.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import {
  aksEntries,
  aksInputNames,
  aksNotes,
  aksSettings,
  aksTogether,
  readOwnTls,
  withTlsVariables,
} from "./aks-inputs.ts";
import { readAttachFile } from "./attach-file.ts";
import { clusterEntries, clusterTogether, kubeconfigOf, namedCluster } from "./cluster-inputs.ts";
import {
  check,
  commonEntries,
  commonRequest,
  commonTogether,
  computeEntries,
  fromVariables,
  matching,
  namedCompute,
  type Origins,
  type Problem,
  readInputs,
  resourceIdOf,
  together,
  type Values,
  word,
} from "./inputs.ts";
import { journalEntries } from "./journal-inputs.ts";
import { settle } from "./look-anyway.ts";
import { aboutMany, type FleetInput } from "./targets.ts";
import { secretPemInputs } from "./tls-inputs.ts";

const identityIds =
  "resource ids …/Microsoft.ManagedIdentity/userAssignedIdentities/…, one a line or separated by commas";
const identityId = resourceIdOf([resourceTypes.identity], identityIds);

const schema = v.object({
  ...commonEntries,
  ...computeEntries,
  ...clusterEntries,
  ...aksEntries,
  "compute-type": v.optional(word(["kubernetes", "aks"]), "kubernetes"),
  namespace: v.optional(
    matching(
      /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
      "a Kubernetes namespace: 1 to 63 lower-case letters, digits and dashes, starting and ending with a letter or digit",
    ),
    "default",
  ),
  "identity-type": v.optional(word(["none", "system_assigned", "user_assigned"]), "none"),
  "user-assigned-identities": v.pipe(
    v.optional(v.string(), ""),
    v.check((text) => text === "" || /[^\s,]/.test(text), identityIds),
    v.transform((text) => text.split(/[\n,]/).map((id) => id.trim())),
    v.transform((ids) => ids.filter((id) => id !== "")),
    v.array(identityId),
  ),
  description: v.optional(v.string()),
  "on-difference": v.optional(word(["fail", "replace"]), "fail"),
  ...journalEntries,
  kubeconfig: v.optional(v.string()),
} satisfies Record<Exclude<InputName<"attach">, "file" | FleetInput> | "description", v.GenericSchema>);

/** What belongs to Kubernetes computes alone. */
const kubernetesInputs = ["namespace", "identity-type", "user-assigned-identities", "file"] as const;

/** The cluster is named in one way, and identities are given just where their type asks for them. */
function attachTogether(values: Values<string>): Problem[] {
  const aks = values["compute-type"] === "aks";
  const identities = Boolean(values["user-assigned-identities"]);
  return [
    ...commonTogether(values),
    ...aboutMany(values),
    ...clusterTogether(values),
    ...(aks ? [...aksTogether(values), ...managedOnly(values)] : []),
    ...together(
      aks || (values["identity-type"] === "user_assigned") === identities,
      "user-assigned-identities",
      values,
      "resource ids where `identity-type` is user_assigned, none otherwise",
    ),
  ];
}

/** A legacy compute takes an AKS cluster alone (arm-contract 1.5). */
function managedOnly(values: Values<string>): Problem[] {
  const id = values["cluster-resource-id"];
  const isArc = id !== undefined && parseResourceId(id)?.type === resourceTypes.arc;
  const accepted = "an AKS cluster (managedClusters), since `compute-type` is aks";
  return [
    ...together(!isArc, "cluster-resource-id", values, accepted),
    ...together(values["cluster-type"] !== "connectedClusters", "cluster-type", values, accepted),
  ];
}

/** Inputs that say nothing for this type of compute: to pass over them would hide a mistake. */
function strangers(values: Values<string>): Problem[] {
  const type = isKubernetes(values) ? "kubernetes" : values["compute-type"];
  if (type !== "aks" && type !== "kubernetes") return [];
  const names: readonly string[] = type === "aks" ? kubernetesInputs : aksInputNames;
  const other = type === "aks" ? "kubernetes" : "aks";
  return names
    .filter((name) => values[name])
    .map((input) => ({
      input,
      given: secretPemInputs.includes(input) ? "(hidden)" : values[input],
      accepted: `no value, since \`compute-type\` is ${type}: it goes with ${other}`,
    }));
}

/**
 * The request of `attach`. Inputs win over the keys of `file`, as the options of the Azure CLI do, and over
 * variables. @throws Failure `InvalidInput` with every problem of the inputs and of the file.
 */
export async function attachRequest(host: Host): Promise<AttachRequest | AksAttachRequest> {
  const given = readInputs(host, "attach");
  if (given["ssl-key-pem"]) host.mask(given["ssl-key-pem"]);
  return given["compute-type"] === "aks" ? aksRequest(host, given) : kubernetesRequest(host, given);
}

async function kubernetesRequest(
  host: Host,
  { file: path, ...given }: Values<InputName<"attach">>,
): Promise<AttachRequest> {
  const file = await attachFile(host, path);
  const { values, origins } = fromVariables(host, { ...file.values, ...given });
  const fromFile = Object.keys(file.values).filter((name) => !(name in given));
  const all = { ...origins, ...Object.fromEntries(fromFile.map((name) => [name, "from file"])) };
  const problems = checked(values, all);
  // What a file that can't be read may hold is not called missing.
  const told = file.problems.length > 0 ? problems.filter((one) => one.given !== undefined) : problems;
  // Of a type that is mistyped, every input may be meant.
  const tls = isKubernetes(given) ? { problems: [] } : await readOwnTls(host, given);
  const kubeconfig = await attachKubeconfig(host, values);
  const problemsOfAll = [...file.problems, ...told, ...tls.problems, ...kubeconfig.problems];
  const { request } = settled(host, values, problemsOfAll, kubeconfig.content, (right) => ({
    clusterId: namedCluster(right),
    namespace: right.namespace,
    identityType: right["identity-type"],
    userAssignedIdentities: right["user-assigned-identities"],
    description: right.description,
  }));
  return request;
}

function isKubernetes(values: Values<string>): boolean {
  return (values["compute-type"] ?? "kubernetes") === "kubernetes";
}

async function aksRequest(host: Host, given: Values<InputName<"attach">>): Promise<AksAttachRequest> {
  const { values, origins } = fromVariables(host, withTlsVariables(host, given));
  const problems = checked(values, origins);
  const { own, notes, problems: unreadable } = await readOwnTls(host, values);
  const kubeconfig = await attachKubeconfig(host, values);
  const problemsOfAll = [...problems, ...unreadable, ...kubeconfig.problems];
  const { request, bad } = settled(host, values, problemsOfAll, kubeconfig.content, (right) => ({
    clusterId: namedCluster(right),
    ...aksSettings(right, own),
  }));
  return { ...request, notes: [...aksNotes(values), ...notes], unknown: bad };
}

/**
 * The cluster is looked into only where something is replaced or finished: a variable that another step has left, and
 * that leads nowhere, hinders no plain attach.
 */
async function attachKubeconfig(host: Host, values: Values<string>): ReturnType<typeof kubeconfigOf> {
  const read = await kubeconfigOf(host, values);
  const isNeeded = Boolean(values["kubeconfig"]) || values["on-difference"] === "replace";
  return isNeeded ? read : { ...read, problems: [] };
}

type Checked = v.InferOutput<typeof schema>;

/** The inputs that say where to look. With one of them wrong, nobody is asked anything. */
const naming: readonly string[] = [
  ...Object.keys(computeEntries),
  ...Object.keys(clusterEntries),
  "compute-type",
  "file",
];

/** The request, of the right values where some are wrong. @throws Failure `InvalidInput` where nobody can look. */
function settled<Attachment>(
  host: Host,
  values: Values<string>,
  problems: readonly Problem[],
  kubeconfig: string | undefined,
  attachment: (right: Checked) => Attachment,
) {
  const checkedOf = (some: Values<string>) => check(schema, some).request;
  const { right, wrong, bad } = settle(host, values, problems, checkedOf, naming);
  const request = {
    ...commonRequest(right),
    ...namedCompute(right),
    attachment: attachment(right),
    replacing: {
      onDifference: right["on-difference"],
      journal: right.journal,
      resume: right.resume,
      ifLocked: right["if-locked"],
      kubeconfig,
    },
  };
  return { request: { ...request, ...(wrong && { wrong }) }, bad };
}

/** Every problem of the values, each input's own first; a value that is wrong and out of place is told once. */
function checked(values: Values<string>, origins: Origins<string>): Problem[] {
  const { problems } = check(schema, values, origins);
  const outOfPlace = strangers(values).filter(({ input }) => !problems.some((one) => one.input === input));
  return [...problems, ...outOfPlace, ...attachTogether(values)];
}

async function attachFile(host: Host, path?: string): Promise<ReturnType<typeof readAttachFile>> {
  if (!path) return { values: {}, problems: [] };
  try {
    return readAttachFile(await host.readFile(path));
  } catch {
    return {
      values: {},
      problems: [{ input: "file", given: path, accepted: "the path of a file that can be read" }],
    };
  }
}

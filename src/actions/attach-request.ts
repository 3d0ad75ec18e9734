import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import type { AttachRequest } from "../model/request.ts";
import { resourceTypes } from "../model/resource-id.ts";
import { readAttachFile } from "./attach-file.ts";
import { clusterEntries, clusterTogether, namedCluster } from "./cluster-inputs.ts";
import {
  check,
  commonEntries,
  commonRequest,
  commonTogether,
  computeEntries,
  fromVariables,
  invalidInput,
  matching,
  namedCompute,
  type Problem,
  readInputs,
  resourceIdOf,
  together,
  type Values,
  word,
} from "./inputs.ts";

const identityIds =
  "resource ids …/Microsoft.ManagedIdentity/userAssignedIdentities/…, one a line or separated by commas";
const identityId = resourceIdOf([resourceTypes.identity], identityIds);

const schema = v.object({
  ...commonEntries,
  ...computeEntries,
  ...clusterEntries,
  "compute-type": v.optional(word(["kubernetes"]), "kubernetes"),
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
  "on-difference": v.optional(word(["fail"]), "fail"),
} satisfies Record<Exclude<InputName<"attach">, "file"> | "description", v.GenericSchema>);

/** The cluster is named in one way, and identities are given just where their type asks for them. */
function attachTogether(values: Values<string>): Problem[] {
  const identities = Boolean(values["user-assigned-identities"]);
  return [
    ...commonTogether(values),
    ...clusterTogether(values),
    ...together(
      (values["identity-type"] === "user_assigned") === identities,
      "user-assigned-identities",
      values,
      "resource ids where `identity-type` is user_assigned, none otherwise",
    ),
  ];
}

/**
 * The request of `attach`. Inputs win over the keys of `file`, as the options of the Azure CLI do, and over
 * variables. @throws Failure `InvalidInput` with every problem of the inputs and of the file.
 */
export async function attachRequest(host: Host): Promise<AttachRequest> {
  const { file: path, ...given } = readInputs(host, "attach");
  const file = await attachFile(host, path);
  const merged = fromVariables(host, { ...file.values, ...given });
  const fromFile = Object.keys(file.values).filter((name) => !(name in given));
  const origins = { ...merged.origins, ...Object.fromEntries(fromFile.map((name) => [name, "from file"])) };
  const { request, problems } = check(schema, merged.values, origins);
  const own = [...problems.map(explainReplace), ...attachTogether(merged.values)];
  // What a file that can't be read may hold is not called missing.
  const told = file.problems.length > 0 ? own.filter((problem) => problem.given !== undefined) : own;
  const all = [...file.problems, ...told];
  if (!request || all.length > 0) throw invalidInput(all, host);
  return {
    ...commonRequest(request),
    ...namedCompute(request),
    attachment: {
      clusterId: namedCluster(request),
      namespace: request.namespace,
      identityType: request["identity-type"],
      userAssignedIdentities: request["user-assigned-identities"],
      description: request.description,
    },
  };
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

/** The way that is planned and not there yet is named, so that nobody looks for a typing error. */
function explainReplace(problem: Problem): Problem {
  if (problem.input !== "on-difference" || problem.given !== "replace") return problem;
  return { ...problem, accepted: "fail (`replace` is not available in this version: detach, then attach)" };
}

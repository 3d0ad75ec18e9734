import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { doctorInputs } from "../model/examination.ts";
import type { ResourceId } from "../model/resource-id.ts";
import { resourceTypes } from "../model/resource-id.ts";
import {
  clusterEntries,
  clusterTogether,
  kubeconfigOf,
  namedCluster,
  namesCluster,
  subscriptionTogether,
} from "./cluster-inputs.ts";
import {
  check,
  computeEntries,
  duration,
  fromVariables,
  invalidInput,
  sessionEntries,
  sessionRequest,
  together,
} from "./inputs.ts";

const { "compute-name": _, ...place } = computeEntries;
const schema = v.object({
  ...sessionEntries,
  timeout: duration("2m"),
  ...v.partial(v.object(place)).entries,
  ...clusterEntries,
  kubeconfig: v.optional(v.string()),
} satisfies Record<(typeof doctorInputs)[number], v.GenericSchema>);

/** What the doctor is asked. */
export type DoctorRequest = Awaited<ReturnType<typeof doctorRequest>>;

/** The request of the doctor. @throws Failure `InvalidInput` with every problem. */
export async function doctorRequest(host: Host) {
  const inputs = doctorInputs.map((name) => [name, host.input(name)]);
  const given = Object.fromEntries(inputs.filter(([, value]) => value !== ""));
  const { values, origins } = fromVariables(host, given);
  const { request, problems } = check(schema, values, origins);
  const cluster = Boolean(values["cluster-resource-id"]) || namesCluster(values);
  const kubeconfig = await kubeconfigOf(host, values);
  const all = [
    ...problems,
    ...(cluster ? [...clusterTogether(values), ...subscriptionTogether(values)] : []),
    ...together(
      !given["workspace-name"] || Boolean(values["subscription-id"] && values["resource-group"]),
      values["subscription-id"] ? "resource-group" : "subscription-id",
      values,
      "where the workspace is, since `workspace-name` is given",
    ),
    ...kubeconfig.problems,
  ];
  if (!request || all.length > 0) throw invalidInput(all, host);
  return {
    ...sessionRequest(request),
    subscriptionId: request["subscription-id"],
    workspace: workspaceOf(request),
    clusterId: cluster ? namedCluster(request) : undefined,
    kubeconfig: kubeconfig.content,
  };
}

function workspaceOf(request: v.InferOutput<typeof schema>): ResourceId | undefined {
  const {
    "subscription-id": subscriptionId,
    "resource-group": resourceGroup,
    "workspace-name": name,
  } = request;
  if (!subscriptionId || !resourceGroup || !name) return undefined;
  return { subscriptionId, resourceGroup, type: resourceTypes.workspace, name };
}

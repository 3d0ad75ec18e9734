import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import type { NamedCompute, SessionRequest, VerifyRequest } from "../model/request.ts";
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
  commonTogether,
  computeEntries,
  duration,
  flag,
  fromVariables,
  invalidInput,
  namedCompute,
  type Problem,
  readInputs,
  sessionEntries,
  sessionRequest,
  together,
  type Values,
  word,
} from "./inputs.ts";
import { aboutMany, type FleetInput } from "./targets.ts";

/** What `verify-extension` is asked, as long as only the compute may know the cluster. */
export interface AskedVerification
  extends SessionRequest,
    Pick<VerifyRequest, "kubeconfig" | "compute" | "failOn" | "waitFor" | "diagnostics"> {
  readonly clusterId?: string | undefined;
}

const schema = v.object({
  ...sessionEntries,
  ...v.partial(v.object(computeEntries)).entries,
  ...clusterEntries,
  kubeconfig: v.optional(v.string()),
  "fail-on": v.optional(word(["error", "warning", "never"]), "error"),
  "wait-for": duration("5m", "0s"),
  diagnostics: flag(true),
  "report-path": v.optional(v.string()),
  "junit-path": v.optional(v.string()),
  "html-path": v.optional(v.string()),
  "github-token": v.optional(v.string()),
  "check-name": v.optional(v.string()),
} satisfies Record<Exclude<InputName<"verify-extension">, FleetInput>, v.GenericSchema>);

/** The request of `verify-extension`. @throws Failure `InvalidInput` with every problem. */
export async function verifyRequest(host: Host): Promise<AskedVerification> {
  const { values, origins } = fromVariables(host, readInputs(host, "verify-extension"));
  const { request, problems } = check(schema, values, origins);
  const kubeconfig = await kubeconfigOf(host, values);
  const all = [...problems, ...verifyTogether(values), ...kubeconfig.problems];
  if (!request || all.length > 0) throw invalidInput(all, host);
  return {
    ...sessionRequest(request),
    kubeconfig: kubeconfig.content,
    clusterId: named(values) ? namedCluster(request) : undefined,
    compute: computeOf(request),
    failOn: request["fail-on"],
    waitFor: request["wait-for"],
    diagnostics: request.diagnostics,
  };
}

function named(values: Values<string>): boolean {
  return Boolean(values["cluster-resource-id"]) || namesCluster(values);
}

/** A compute needs its workspace; without a compute there must be a cluster. */
function verifyTogether(values: Values<string>): Problem[] {
  const compute = Boolean(values["compute-name"]);
  const place = ["subscription-id", "resource-group", "workspace-name"];
  return [
    ...commonTogether(values),
    ...aboutMany(values),
    ...(named(values) ? [...clusterTogether(values), ...subscriptionTogether(values)] : []),
    ...together(
      named(values) || compute,
      "cluster-resource-id",
      values,
      "a cluster (`cluster-resource-id`, or `cluster-name` with `cluster-resource-group`), or `compute-name`",
    ),
    ...place.flatMap((name) =>
      together(
        !compute || Boolean(values[name]),
        name,
        values,
        "where the workspace is, since `compute-name` is given",
      ),
    ),
  ];
}

function computeOf(request: v.InferOutput<typeof schema>): NamedCompute | undefined {
  const { "subscription-id": subscription, "resource-group": group, "workspace-name": workspace } = request;
  const name = request["compute-name"];
  if (!name || !subscription || !group || !workspace) return undefined;
  return namedCompute({
    "subscription-id": subscription,
    "resource-group": group,
    "workspace-name": workspace,
    "compute-name": name,
  });
}

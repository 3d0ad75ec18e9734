import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import { regionName } from "../model/region.ts";
import type { SessionRequest } from "../model/request.ts";
import {
  clusterEntries,
  clusterTogether,
  namedCluster,
  namesCluster,
  subscriptionTogether,
} from "./cluster-inputs.ts";
import {
  check,
  commonTogether,
  fromVariables,
  invalidInput,
  matching,
  type Problem,
  readInputs,
  sessionEntries,
  sessionRequest,
  subscriptionId,
  together,
  type Values,
} from "./inputs.ts";

/** What `list-versions` is asked: about a region or about a cluster. */
export type VersionsRequest = RegionRequest | ClusterVersionsRequest;

/** Which versions there are in a region (V1). */
export interface RegionRequest extends SessionRequest {
  readonly subscriptionId: string;
  readonly location: string;
}

/** How a cluster stands among the versions of its region (A7). */
export interface ClusterVersionsRequest extends SessionRequest {
  readonly clusterId: string;
  readonly releaseTrain?: string | undefined;
}

const schema = v.object({
  ...sessionEntries,
  "subscription-id": v.optional(subscriptionId),
  location: v.optional(
    v.pipe(
      matching(/^[a-zA-Z][a-zA-Z0-9 ]{2,59}$/, "the name of a region, such as westeurope or West Europe"),
      v.transform(regionName),
    ),
  ),
  ...clusterEntries,
  "release-train": v.optional(
    matching(/^[a-zA-Z][-a-zA-Z0-9]*$/, "stable, preview or another release train"),
  ),
} satisfies Record<InputName<"list-versions">, v.GenericSchema>);

/** The request of `list-versions`. @throws Failure `InvalidInput` with every problem. */
export async function versionsRequest(host: Host): Promise<VersionsRequest> {
  const { values, origins } = fromVariables(host, readInputs(host, "list-versions"), ["subscription-id"]);
  const { request, problems } = check(schema, values, origins);
  const all = [...problems, ...versionsTogether(values)];
  if (!request || all.length > 0) throw invalidInput(all, host);
  const { location, "subscription-id": subscription } = request;
  return location !== undefined && subscription !== undefined && !named(values)
    ? { ...sessionRequest(request), subscriptionId: subscription, location }
    : {
        ...sessionRequest(request),
        clusterId: namedCluster(request),
        releaseTrain: request["release-train"],
      };
}

function named(values: Values<string>): boolean {
  return Boolean(values["cluster-resource-id"]) || namesCluster(values);
}

/** Either a region or a cluster, each with what it needs. */
function versionsTogether(values: Values<string>): Problem[] {
  const common = commonTogether(values);
  const region = Boolean(values["location"]);
  if (named(values)) {
    return [
      ...common,
      ...clusterTogether(values),
      ...subscriptionTogether(values),
      ...together(!region, "location", values, "nothing where a cluster is given: its own region is listed"),
    ];
  }
  return [
    ...common,
    ...together(
      region,
      "location",
      values,
      "a region, or a cluster (`cluster-resource-id`, or `cluster-name` with `cluster-resource-group`)",
    ),
    ...together(
      !region || Boolean(values["subscription-id"]),
      "subscription-id",
      values,
      "the subscription id, a UUID, since `location` is given",
    ),
    ...together(
      !values["release-train"],
      "release-train",
      values,
      "nothing without a cluster, for which the extension's versions are listed",
    ),
  ];
}

import { errorJson } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Dialect, Knobs } from "../knobs.ts";
import type { Operation } from "../operations.ts";
import type { Call } from "./call.ts";

/** Where an operation is watched. */
export interface StatusUrls {
  asyncOperation: string;
  location: string;
  /** Location on another host: no client may take its token there (testbed 7). */
  foreignLocation: string;
}

interface StatusPaths {
  status: string;
  result: string;
  /** Where a foreign Location points, if not at `result`. */
  foreign?: string;
}

interface Where {
  subscriptionId: string;
  location: string;
  resourceId: string;
}

/** Paths of the status monitors, dialect by dialect (testbed 7). */
const PATHS: Record<Dialect, (operation: Operation, where: Where) => StatusPaths> = {
  machineLearning: ({ name }, { subscriptionId, location }) => {
    const base = `/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${location}`;
    return {
      status: `${base}/computeOperationsStatus/${name}`,
      result: `${base}/computeOperationsResults/${name}`,
    };
  },
  containerService: ({ name }, { subscriptionId, location }) => {
    const base = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/locations/${location}`;
    return { status: `${base}/operations/${name}`, result: `${base}/operationresults/${name}` };
  },
  /** No subscription, `*` in the name, one URL for both headers. */
  connectedCluster: ({ name }, { location }) => {
    const path = `/providers/Microsoft.Kubernetes/locations/${location.toUpperCase()}/operationStatuses/${name}`;
    return { status: path, result: path };
  },
  /** Below the resource, with the parent's type in other case. */
  extension: ({ name }, { resourceId }) => {
    const path = resourceId
      .replace("/connectedClusters/", "/ConnectedClusters/")
      .replace("/managedClusters/", "/ManagedClusters/");
    const status = `${path}/operations/${name}`;
    return { status, result: status, foreign: path };
  },
};

/** testbed 7: the api-version that each dialect puts on its status URLs. */
const QUERIES: Record<Dialect, (operation: Operation, knobs: Knobs) => string> = {
  machineLearning: ({ apiVersion }) => `api-version=${apiVersion}&service=new`,
  containerService: () => "api-version=2016-03-30",
  connectedCluster: () => "api-version=2021-10-01",
  extension: ({ apiVersion }, knobs) => `${knobs.extensionVersionParameter}=${apiVersion}`,
};

export function statusUrls(call: Call, operation: Operation, where: Where): StatusUrls {
  const { status, result, foreign = result } = PATHS[operation.dialect](operation, where);
  operation.paths = [status, result];
  const query = QUERIES[operation.dialect](operation, call.world.knobs);
  const signed = operation.signature ? `&${new URLSearchParams({ ...operation.signature })}` : "";
  for (const secret of secretsOf(operation)) call.world.secrets.add(secret);
  return {
    asyncOperation: `${call.origin}${status}?${query}${signed}`,
    location: `${call.origin}${result}?${query}${signed}`,
    foreignLocation: `${call.foreignOrigin}${foreign}?${query}${signed}`,
  };
}

/** arm-contract 1.7: mask `c`, `s`, `h` in logs. `t` is a time, no secret. */
function secretsOf(operation: Operation): string[] {
  const { signature } = operation;
  return signature ? [signature.c, signature.s, signature.h] : [];
}

/** The headers that announce an operation, as the knob `asyncHeaders` has it. */
export function asyncHeaders(call: Call, urls: StatusUrls): Record<string, string> {
  const { asyncHeaders: kind } = call.world.knobs;
  const headers: Record<string, string> = { ...retryAfter(call) };
  if (kind === "azure-asyncoperation" || kind === "both" || kind === "foreign-location") {
    headers["azure-asyncoperation"] = urls.asyncOperation;
  }
  if (kind === "location" || kind === "both") headers["location"] = urls.location;
  if (kind === "foreign-location") headers["location"] = urls.foreignLocation;
  return headers;
}

export function retryAfter(call: Call): Record<string, string> {
  const seconds = call.world.knobs.retryAfterSeconds;
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}

/** The body of a status monitor in the operation's dialect (testbed 7). */
export function monitorBody(call: Call, operation: Operation, id: string): JsonObject {
  const { knobs, operations } = call.world;
  const ended = operations.ended(operation);
  const status = ended ? operation.outcome.status : runningStatus(operation);
  const succeeded = ended && status === "Succeeded";
  const error = succeeded
    ? knobs.errorWhenSucceeded
    : ended
      ? operation.outcome.error
      : knobs.errorWhileInProgress;
  const body = BODIES[operation.dialect](call, operation, { id, status, ended });
  return error ? { ...body, error: errorJson(error) } : body;
}

interface Progress {
  id: string;
  status: string;
  ended: boolean;
}

const BODIES: Record<Dialect, (call: Call, operation: Operation, progress: Progress) => JsonObject> = {
  machineLearning: (_call, _operation, { status }) =>
    status === "Succeeded" ? { status, percentComplete: 100.0 } : { status },
  containerService: ({ world }, operation, { status, ended }) => ({
    name: operation.name,
    status,
    startTime: world.clock.zulu(operation.startedAt),
    ...(ended ? { endTime: world.clock.zulu(operation.endsAt) } : {}),
  }),
  connectedCluster: ({ world }, operation, { id, status, ended }) => ({
    id,
    name: operation.name,
    resourceId: operation.resourceId,
    status,
    startTime: world.clock.zulu(operation.startedAt),
    ...(ended ? { endTime: world.clock.zulu(operation.endsAt) } : {}),
    properties: null,
  }),
  extension: (_call, operation, { id, status }) => ({ id, name: operation.name, status }),
};

/** testbed 7: extensions say Creating, Arc Accepted, the others InProgress. */
function runningStatus(operation: Operation): string {
  if (operation.dialect === "extension") return operation.verb === "delete" ? "Deleting" : "Creating";
  return operation.dialect === "connectedCluster" ? "Accepted" : "InProgress";
}

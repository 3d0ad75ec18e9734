import { ArmError, gatewayError, providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { sameId } from "../ids.ts";
import { type JsonObject, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { authorizationFailed, isAllowed } from "./authorization.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { regionOf, requireRegion } from "./kubernetes-versions.ts";
import { asyncHeaders, statusUrls } from "./long-running.ts";
import { clusterBody, clusterInState } from "./managed-clusters-body.ts";
import { clusterShapeProblems, isClusterName, tagsProblems } from "./managed-clusters-model.ts";
import { subnetIdsOf } from "./managed-clusters-networks.ts";
import { clusterOutcome, disallowedByPolicy, needsPublicIp } from "./managed-clusters-outcome.ts";
import { aksError } from "./managed-clusters-pools.ts";
import { clusterProblem, type WantedCluster } from "./managed-clusters-rules.ts";
import { present } from "./presentation.ts";
import { pathOf, require, TYPES } from "./reading.ts";

/** AKS clusters (arm-contract 2, real-arm, testbed 7): PUT 201 or 200 with Azure-AsyncOperation alone. */
export function putManagedCluster(call: Call): Reply {
  const { world } = call;
  const name = param(call, "cluster");
  const asked = pathOf(call);
  const existing = world.resource(asked);
  const id = existing?.id ?? asked;
  const location = checkLocation(call, existing);
  refuseShape(call, name);
  refuseInProgress(call, id);
  const subscriptionId = param(call, "subscriptionId");
  const wanted: WantedCluster = { world, name, subscriptionId, location, body: call.body, existing };
  const place = { id, name, resourceGroup: param(call, "resourceGroup") };
  refuseLinked(call);
  const problem = clusterProblem(wanted);
  if (problem) throw aksError(call, 400, problem);
  const stored = clusterBody(world, place, call.body, existing);
  refusePolicy(call, stored);
  const outcome = clusterOutcome(wanted, stored);
  const resource = world.store.put(id, TYPES.managedCluster, stored);
  const { create, update } = world.knobs.managedClusterSeconds;
  const seconds = existing ? update : create;
  const apply = () => settleCluster(world, id, outcome);
  const headers = startClusterOperation(call, { id, location, verb: "write", seconds, outcome, apply });
  // What the answer shows is the beginning, even where the operation takes no time.
  return json(existing ? 200 : 201, present(world, { ...resource, body: stored }), headers);
}

/** PATCH takes tags alone (arm-contract 2: `UpdateTags`). Guess: done at once, as no recording shows one. */
export function patchManagedCluster(call: Call): Reply {
  const cluster = require(call, pathOf(call));
  refuseInProgress(call, cluster.id);
  const found = tagsProblems(call.body);
  if (found.length > 0) throw notValid(found);
  cluster.body = { ...cluster.body, tags: call.body["tags"] ?? {} };
  return json(200, present(call.world, cluster));
}

/** No action deletes a cluster: whoever does has failed, and sees the cluster go. */
export function deleteManagedCluster(call: Call): Reply {
  const { world } = call;
  const id = pathOf(call);
  world.violations.push(`DELETE of managed cluster ${id}`);
  const cluster = world.resource(id);
  if (!cluster) return empty(204);
  cluster.body = clusterInState(cluster.body, "Deleting");
  const location = textAt(cluster.body, "location") ?? world.location;
  const outcome: Outcome = { status: "Succeeded" };
  const seconds = world.knobs.managedClusterSeconds.update;
  const apply = () => world.store.delete(id);
  const work: Work = { id, location, verb: "delete", seconds, outcome, apply };
  return empty(202, startClusterOperation(call, work));
}

/** ARM's own words for a location that is missing, changed or unknown. */
function checkLocation(call: Call, existing: StoredResource | undefined): string {
  const asked = textAt(call.body, "location");
  if (asked === undefined) {
    throw gatewayError(400, "LocationRequired", "The location property is required for this definition.");
  }
  const before = textAt(existing?.body, "location");
  if (before !== undefined && regionOf(before) !== regionOf(asked)) {
    const name = param(call, "cluster");
    throw gatewayError(
      409,
      "InvalidResourceLocation",
      `The resource '${name}' already exists in location '${before}' in resource group '${param(call, "resourceGroup")}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
    );
  }
  return requireRegion(call.world, asked, TYPES.managedCluster);
}

function refuseShape(call: Call, name: string): void {
  if (!isClusterName(name)) {
    throw aksError(call, 400, {
      code: "InvalidParameter",
      message: `The value of parameter name is invalid: '${name}'.`,
      target: "name",
    });
  }
  const found = clusterShapeProblems(call.body);
  if (found.length > 0) throw notValid(found);
}

function notValid(found: string[]): ArmError {
  return providerError(
    400,
    "InvalidRequestContent",
    `The request content is not valid: ${found.join("; ")}.`,
  );
}

/** Users' logs: AKS takes one operation at a time. */
function refuseInProgress(call: Call, id: string): void {
  if (!call.world.operations.running(id)) return;
  const state = textAt(call.world.store.get(id)?.body, "properties", "provisioningState") ?? "Updating";
  throw aksError(call, 409, {
    code: "OperationNotAllowed",
    message: `Operation is not allowed: Another operation (${state}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details.`,
  });
}

/** AKS#2673 and many more: ARM asks for the right to join each subnet that a body names. */
function refuseLinked(call: Call): void {
  const action = "Microsoft.Network/virtualNetworks/subnets/join/action";
  const subnet = subnetIdsOf(call.body).find((id) => !isAllowed(call.principal, action, id));
  if (subnet === undefined) return;
  const { body } = authorizationFailed(call.principal, action, subnet);
  const error = { ...body, code: "LinkedAuthorizationFailed" };
  throw new ArmError(403, error, { "x-ms-failure-cause": "gateway" });
}

/** C6, the early form: a policy that looks at the cluster itself. */
function refusePolicy(call: Call, stored: JsonObject): void {
  if (call.world.knobs.publicIpPolicy !== "early" || !needsPublicIp(stored)) return;
  const name = param(call, "cluster");
  const error = disallowedByPolicy(param(call, "subscriptionId"), name, TYPES.managedCluster);
  throw new ArmError(403, error, { "x-ms-failure-cause": "gateway" });
}

interface Work {
  id: string;
  location: string;
  verb: "write" | "delete";
  seconds: number;
  outcome: Outcome;
  apply: () => void;
}

function startClusterOperation(call: Call, work: Work): Record<string, string> {
  const { world, apiVersion } = call;
  const { knobs } = world;
  const { id, location, ...rest } = work;
  const operation = world.operations.start({
    ...rest,
    dialect: "containerService",
    resourceId: id,
    apiVersion,
    lagSeconds: knobs.resourceLagSeconds - knobs.resourceLeadSeconds,
    stuck: knobs.stuck,
    signed: knobs.signedStatusUrls,
  });
  const where = { subscriptionId: param(call, "subscriptionId"), location, resourceId: id };
  return asyncHeaders(call, statusUrls(call, operation, where));
}

/** A cluster whose creation failed stays, as Failed (AKS#2993). */
export function settleCluster(world: World, id: string, outcome: Outcome): void {
  const cluster = world.store.get(id);
  if (cluster && sameId(cluster.id, id)) cluster.body = clusterInState(cluster.body, outcome.status);
}

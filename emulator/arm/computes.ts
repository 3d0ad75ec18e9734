import { ArmError, type ErrorBody, parentNotFound, providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import {
  beginLegacy,
  forgetLegacy,
  isLegacy,
  type LegacyWork,
  legacyStored,
  refuseLegacy,
  stands,
} from "./aks-computes.ts";
import { attachRefusal, provisioningErrors } from "./attachment-rules.ts";
import { authorizationFailed, isAllowed } from "./authorization.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { computeBody, withoutDropped, withState } from "./compute-body.ts";
import { computeProblems, isComputeName } from "./compute-model.ts";
import { asyncHeaders, statusUrls } from "./long-running.ts";
import { present } from "./presentation.ts";
import { find, pathOf, require, TYPES } from "./reading.ts";

/** Azure ML computes (arm-contract 1, testbed 7). */

/** A missing compute. Guess: the provider's own 404; no recording shows it. */
function computeNotFound(name: string): ArmError {
  return providerError(404, "NotFound", `Compute '${name}' was not found.`);
}

function requireWorkspace(call: Call, forWriting: boolean): StoredResource {
  const id = pathOf(call).replace(/\/computes(\/.*)?$/i, "");
  if (forWriting && !find(call, id)) throw parentNotFound("workspaces/computes", id);
  return require(call, id);
}

export function getCompute(call: Call): Reply {
  requireWorkspace(call, false);
  const compute = find(call, pathOf(call));
  if (!compute) throw computeNotFound(param(call, "compute"));
  return json(200, present(call.world, compute));
}

/** PUT: 201 for create and for update alike, provisioningState Creating, only Azure-AsyncOperation (testbed 7). */
export function putCompute(call: Call): Reply {
  const { world, body } = call;
  const workspace = requireWorkspace(call, true);
  const id = canonicalId(call, workspace);
  refuseBadRequest(call);
  letTheIntruderIn(world, id);
  refuseSecondWriter(world, id);
  world.plantConnectionStrings(objectAt(body, "properties", "properties"));
  const existing = world.resource(id);
  const isNew = !stands(existing);
  refuseLegacy(call, existing);
  if (existing && world.knobs.putExisting === "refuse") {
    throw providerError(
      400,
      "UserError",
      `Compute '${param(call, "compute")}' exists already (knob putExisting).`,
    );
  }
  const wanted = computeBody(call, body, existing);
  const silent = existing !== undefined && world.knobs.putExisting === "silent";
  const kept = silent
    ? existing.body
    : withoutDropped(world, legacyStored(world, wanted, existing), existing);
  const stored = withState(kept, "Creating");
  const lag = existing ? 0 : world.knobs.replicationLagSeconds * 1000;
  world.store.put(id, TYPES.compute, stored, lag === 0 ? 0 : world.clock.now() + lag);
  const work = begin(world, workspace.id, id, stored, isNew);
  const headers = startOperation(call, id, "write", work);
  const shown = present(world, { ...require201(world, id), body: { ...wanted, tags: null } });
  return json(201, shown, headers);
}

/** DELETE: `Detach` lets the cluster live, `Delete` destroys it (peers 1.1: the SDK's default). */
export function deleteCompute(call: Call): Reply {
  const { world } = call;
  const workspace = requireWorkspace(call, false);
  const id = canonicalId(call, workspace);
  const action = call.request.url.searchParams.get("underlyingResourceAction");
  if (action !== "Detach" && action !== "Delete") {
    throw providerError(
      400,
      "BadRequest",
      `'underlyingResourceAction' must be Delete or Detach, not '${action}'.`,
    );
  }
  const compute = world.resource(id);
  if (!compute) return empty(204);
  refuseSecondWriter(world, id);
  const underlying = action === "Delete" ? textAt(compute.body, "properties", "resourceId") : undefined;
  if (world.knobs.detachAnswer === 204) {
    remove(world, id, underlying);
    return empty(204);
  }
  compute.body = withState(compute.body, "Deleting");
  const outcome: Outcome = world.knobs.detachOutcome ?? { status: "Succeeded" };
  const work = { outcome, seconds: 0, settle: () => undefined };
  const headers = startOperation(call, id, "delete", work, underlying);
  return empty(world.knobs.detachAnswer, headers);
}

/** arm-contract 1.6: there are secrets for AKS, none for Kubernetes. */
export function listKeys(call: Call): Reply {
  const { world } = call;
  requireWorkspace(call, false);
  const compute = find(call, pathOf(call).replace(/\/listKeys$/i, ""));
  if (!compute) throw computeNotFound(param(call, "compute"));
  if (textAt(compute.body, "properties", "computeType") !== "AKS") {
    throw providerError(400, "BadRequest", "Compute keys are not supported for compute type Kubernetes.");
  }
  const kubeconfig = (who: string) => {
    const secret = `emulated-kubeconfig-${who}-${compute.name}`;
    world.secrets.add(secret);
    return Buffer.from(
      `apiVersion: v1\nkind: Config\nusers:\n- name: ${who}\n  user: {token: ${secret}}\n`,
    ).toString("base64");
  };
  return json(200, {
    computeType: "AKS",
    userKubeConfig: kubeconfig("user"),
    adminKubeConfig: kubeconfig("admin"),
    imagePullSecretName: null,
  });
}

/** arm-contract 1.2: PATCH knows `scaleSettings` of AmlCompute alone. */
export function patchCompute(call: Call): Reply {
  requireWorkspace(call, false);
  if (!find(call, pathOf(call))) throw computeNotFound(param(call, "compute"));
  throw providerError(400, "BadRequest", "Only the scaleSettings of an AmlCompute can be patched.");
}

function refuseBadRequest(call: Call): void {
  const { world, body } = call;
  const name = param(call, "compute");
  if (!isComputeName(name, world.knobs.computeNamePattern)) {
    throw providerError(400, "BadArgument", `The compute name '${name}' is not valid.`);
  }
  const found = computeProblems(body);
  if (found.length > 0) {
    throw providerError(
      400,
      "InvalidRequestContent",
      `The request content is not valid: ${found.join("; ")}.`,
    );
  }
  if (textAt(body, "properties", "computeType") === "AKS" && world.knobs.legacyAks === "refuse") {
    throw providerError(
      400,
      "UserError",
      "AksCompute is no longer supported, use KubernetesCompute (knob legacyAks).",
    );
  }
  const action = world.knobs.linkedAction;
  const cluster = textAt(body, "properties", "resourceId");
  if (action && cluster && !isAllowed(call.principal, action, cluster)) {
    const { body: refused } = authorizationFailed(call.principal, action, cluster);
    throw new ArmError(
      403,
      { ...refused, code: "LinkedAuthorizationFailed" },
      { "x-ms-failure-cause": "gateway" },
    );
  }
}

/** testbed 9: a second writer meets a 409. The code is a guess. */
function refuseSecondWriter(world: World, id: string): void {
  if (!world.operations.running(id)) return;
  throw providerError(409, "AnotherOperationInProgress", `Another operation is in progress on '${id}'.`);
}

function letTheIntruderIn(world: World, id: string): void {
  const { intruder } = world.knobs;
  if (!intruder) return;
  world.knobs.intruder = undefined;
  const name = id.split("/").at(-1) ?? "";
  const workspaceId = id.replace(/\/computes\/[^/]+$/i, "");
  world.addCompute(workspaceId, { ...intruder, name });
}

function begin(world: World, workspaceId: string, id: string, body: JsonObject, isNew: boolean): LegacyWork {
  const { createOutcome } = world.knobs;
  if (createOutcome) return { outcome: createOutcome, seconds: 0, settle: () => undefined };
  if (isLegacy(body)) return beginLegacy(world, workspaceId, id, body, isNew);
  const error = attachRefusal(world, workspaceId, objectAt(body, "properties"));
  const outcome: Outcome = error ? { status: "Failed", error } : { status: "Succeeded" };
  return { outcome, seconds: 0, settle: () => undefined };
}

function startOperation(
  call: Call,
  id: string,
  verb: "write" | "delete",
  { outcome, seconds, settle }: LegacyWork,
  underlying?: string,
): Record<string, string> {
  const { world, apiVersion } = call;
  const { knobs } = world;
  const operation = world.operations.start({
    dialect: knobs.computeDialect,
    verb,
    resourceId: id,
    apiVersion,
    seconds: seconds + (verb === "write" ? knobs.computeSeconds.create : knobs.computeSeconds.detach),
    lagSeconds: knobs.resourceLagSeconds - knobs.resourceLeadSeconds,
    stuck: knobs.stuck,
    signed: knobs.signedStatusUrls,
    outcome,
    apply: () => {
      conclude(world, id, verb, outcome, underlying);
      settle();
    },
  });
  const where = { subscriptionId: param(call, "subscriptionId"), location: world.location, resourceId: id };
  return asyncHeaders(call, statusUrls(call, operation, where));
}

function conclude(
  world: World,
  id: string,
  verb: "write" | "delete",
  outcome: Outcome,
  underlying: string | undefined,
): void {
  const compute = world.store.get(id);
  if (!compute) return;
  if (verb === "delete" && outcome.status === "Succeeded") {
    remove(world, id, underlying);
    return;
  }
  const errors: ErrorBody | undefined = outcome.status === "Succeeded" ? undefined : outcome.error;
  const body = withState(compute.body, outcome.status);
  const tags = body["tags"] ?? {};
  const properties = objectAt(body, "properties");
  compute.body = {
    ...body,
    tags,
    properties: { ...properties, provisioningErrors: errors ? provisioningErrors(errors) : null },
  };
}

function remove(world: World, id: string, underlying: string | undefined): void {
  forgetLegacy(world, id);
  world.store.delete(id);
  if (underlying) world.store.delete(underlying);
}

function canonicalId(call: Call, workspace: StoredResource): string {
  const asked = `${workspace.id}/computes/${param(call, "compute")}`;
  return call.world.resource(asked)?.id ?? asked;
}

function require201(world: World, id: string): StoredResource {
  const stored = world.store.get(id);
  if (!stored) throw new Error(`the compute ${id} vanished while it was written`);
  return stored;
}

import { parentNotFound, providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { isObject, type JsonObject, merged, objectAt, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import { extensionBody } from "../seeds.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { withState } from "./compute-body.ts";
import { retryAfter, statusUrls } from "./long-running.ts";
import { present } from "./presentation.ts";
import { find, pathOf, require, TYPES } from "./reading.ts";
import { boolean, map, object, oneOf, problems, readOnly, type Shape, text } from "./shape.ts";

/** Cluster extensions (arm-contract 3, testbed 7 and 8): a write answers with a Location on a foreign host. */

/** The versions that releases come in; `version` of a PUT picks one, else the newest. */
const NEWEST = "1.1.84";

const PROPERTIES: Record<string, Shape> = {
  extensionType: text,
  autoUpgradeMinorVersion: boolean,
  releaseTrain: text,
  version: text,
  scope: object({
    cluster: object({ releaseNamespace: text }),
    namespace: object({ targetNamespace: text }),
  }),
  configurationSettings: map(text),
  configurationProtectedSettings: map(text),
  currentVersion: readOnly,
  provisioningState: readOnly,
  statuses: readOnly,
  errorInfo: readOnly,
  isSystemExtension: readOnly,
  customLocationSettings: readOnly,
  packageUri: readOnly,
  aksAssignedIdentity: object({
    type: oneOf("SystemAssigned", "UserAssigned"),
    principalId: readOnly,
    tenantId: readOnly,
  }),
};

const EXTENSION = object({
  id: readOnly,
  name: readOnly,
  type: readOnly,
  systemData: readOnly,
  identity: object({ type: oneOf("SystemAssigned"), principalId: readOnly, tenantId: readOnly }),
  plan: object({ name: text, publisher: text, product: text, promotionCode: text, version: text }),
  properties: object(PROPERTIES),
});

/** arm-contract 3: `extensionType` and `scope` cannot be patched. */
const PATCH = object({
  properties: object({
    autoUpgradeMinorVersion: boolean,
    releaseTrain: text,
    version: text,
    configurationSettings: map(text),
    configurationProtectedSettings: map(text),
  }),
});

/** testbed 7: the extension provider's own 404. */
export function getExtension(call: Call): Reply {
  require(call, clusterIdOf(call));
  return json(200, present(call.world, requireExtension(call)));
}

/** arm-contract 3: 201 when new, 200 when not. */
export function putExtension(call: Call): Reply {
  const { world, body } = call;
  const cluster = find(call, clusterIdOf(call));
  if (!cluster) throw parentNotFound("extensions", clusterIdOf(call));
  refuseContent(EXTENSION, body);
  const properties = objectAt(body, "properties");
  if (properties["version"] && properties["autoUpgradeMinorVersion"] !== false) {
    throw providerError(400, "BadRequest", "A pinned 'version' needs autoUpgradeMinorVersion to be false.");
  }
  const existing = find(call, pathOf(call));
  const id = existing?.id ?? `${cluster.id}/providers/${TYPES.extension}/${param(call, "extension")}`;
  refuseSecondWriter(world, id);
  plant(world, properties);
  const fresh = newExtension(call, cluster.id, properties);
  const stored = world.store.put(id, TYPES.extension, fresh);
  const headers = start(call, id, "write");
  return json(existing ? 200 : 201, present(world, { ...stored, body: fresh }), headers);
}

function newExtension(call: Call, clusterId: string, properties: JsonObject): JsonObject {
  const { world, body } = call;
  const base = extensionBody(clusterId, {}, world.tenantId, world.clock.stamp());
  const result: JsonObject = {
    ...base,
    properties: {
      ...objectAt(base, "properties"),
      configurationSettings: {},
      version: null,
      ...properties,
      currentVersion: null,
      provisioningState: "Creating",
    },
  };
  delete result["identity"];
  if (isObject(body["identity"]))
    result["identity"] = { ...objectAt(base, "identity"), type: "SystemAssigned" };
  return result;
}

/** arm-contract 3: 202 will update, 200 nothing to do. extension 3: protected settings are replaced whole, plain ones merge. */
export function patchExtension(call: Call): Reply {
  const { world, body } = call;
  require(call, clusterIdOf(call));
  const extension = requireExtension(call);
  refuseContent(PATCH, body);
  const wanted = objectAt(body, "properties");
  refuseSecondWriter(world, extension.id);
  const before = objectAt(extension.body, "properties");
  const after = patched(before, wanted);
  if (JSON.stringify(before) === JSON.stringify(after)) return json(200, present(world, extension));
  plant(world, wanted);
  extension.body = { ...extension.body, properties: { ...after, provisioningState: "Updating" } };
  const shown = present(world, extension);
  return json(202, shown, start(call, extension.id, "write"));
}

function patched(before: JsonObject, wanted: JsonObject): JsonObject {
  const { configurationProtectedSettings, ...rest } = wanted;
  const after = merged(before, rest);
  if (isObject(configurationProtectedSettings)) {
    after["configurationProtectedSettings"] = configurationProtectedSettings;
  }
  return after;
}

/** testbed 7: `forceDelete=true` answers 200 at once. */
export function deleteExtension(call: Call): Reply {
  const { world } = call;
  require(call, clusterIdOf(call));
  const extension = find(call, pathOf(call));
  if (!extension) return empty(204);
  if (call.request.url.searchParams.get("forceDelete") === "true") {
    world.store.delete(extension.id);
    return world.knobs.forceDeleteBody === "empty" ? empty(200) : json(200, SERIALIZED_RESPONSE);
  }
  refuseSecondWriter(world, extension.id);
  extension.body = withState(extension.body, "Deleting");
  return empty(202, start(call, extension.id, "delete"));
}

const SERIALIZED_RESPONSE: JsonObject = {
  version: "1.1",
  content: { headers: [] },
  statusCode: 200,
  reasonPhrase: "OK",
  headers: [],
  trailingHeaders: [],
  requestMessage: null,
  isSuccessStatusCode: true,
};

function start(call: Call, id: string, verb: "write" | "delete"): Record<string, string> {
  const { world } = call;
  const { knobs } = world;
  const outcome: Outcome =
    knobs.createOutcome && verb === "write" ? knobs.createOutcome : { status: "Succeeded" };
  const operation = world.operations.start({
    dialect: "extension",
    verb,
    resourceId: id,
    apiVersion: call.apiVersion,
    seconds: verb === "write" ? knobs.extensionSeconds.write : knobs.extensionSeconds.delete,
    lagSeconds: knobs.resourceLagSeconds - knobs.resourceLeadSeconds,
    stuck: knobs.stuck,
    signed: knobs.signedStatusUrls,
    outcome,
    apply: () => conclude(world, id, verb, outcome),
  });
  const where = { subscriptionId: param(call, "subscriptionId"), location: world.location, resourceId: id };
  const urls = statusUrls(call, operation, where);
  return { "azure-asyncoperation": urls.asyncOperation, location: urls.foreignLocation, ...retryAfter(call) };
}

/** testbed 7: only when done does GET show the resolved version. testbed 8: a failed one stays, as Failed. */
function conclude(world: World, id: string, verb: "write" | "delete", outcome: Outcome): void {
  const extension = world.store.get(id);
  if (!extension) return;
  if (verb === "delete") {
    world.store.delete(id);
    return;
  }
  const properties = objectAt(withState(extension.body, outcome.status), "properties");
  if (outcome.status === "Succeeded") properties["currentVersion"] = textAt(properties, "version") ?? NEWEST;
  else properties["errorInfo"] = JSON.parse(JSON.stringify(outcome.error)) as JsonObject;
  extension.body = { ...extension.body, properties };
}

function requireExtension(call: Call): StoredResource {
  const extension = find(call, pathOf(call));
  if (extension) return extension;
  const name = param(call, "extension");
  throw providerError(404, "ResourceNotFound", `Extension instance with name '${name}' not found.`);
}

function refuseContent(shape: Shape, body: JsonObject): void {
  const found = problems(shape, body);
  if (found.length === 0) return;
  throw providerError(400, "InvalidRequestContent", `The request content is not valid: ${found.join("; ")}.`);
}

function refuseSecondWriter(world: World, id: string): void {
  if (!world.operations.running(id)) return;
  throw providerError(409, "AnotherOperationInProgress", `Another operation is in progress on '${id}'.`);
}

function plant(world: World, properties: JsonObject): void {
  for (const value of Object.values(objectAt(properties, "configurationProtectedSettings"))) {
    if (typeof value === "string" && value !== "") world.secrets.add(value);
  }
}

function clusterIdOf(call: Call): string {
  return pathOf(call).replace(/\/providers\/Microsoft\.KubernetesConfiguration\/.*$/i, "");
}

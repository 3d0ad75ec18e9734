import { isDeepStrictEqual } from "node:util";
import { parentNotFound, providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { type JsonObject, objectAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { withState } from "./compute-body.ts";
import {
  isAzureMl,
  patchedProperties,
  refuseExtension,
  refusePatch,
  storedExtension,
} from "./extension-body.ts";
import { othersOfType, startDelete, startWrite } from "./extension-operation.ts";
import { present } from "./presentation.ts";
import { find, pathOf, require, TYPES } from "./reading.ts";

/** Cluster extensions (arm-contract 3, testbed 7 and 8): a write answers with a Location on a foreign host. */

/** testbed 7: the extension provider's own 404. */
export function getExtension(call: Call): Reply {
  require(call, clusterIdOf(call));
  return json(200, present(call.world, requireExtension(call)));
}

/** arm-contract 3: 201 when new, 200 when not: whatever was there is overwritten (testbed 8). */
export function putExtension(call: Call): Reply {
  const { world, body } = call;
  const cluster = find(call, clusterIdOf(call));
  if (!cluster) throw parentNotFound("extensions", clusterIdOf(call));
  refuseExtension(call);
  const existing = find(call, pathOf(call));
  const id = existing?.id ?? `${cluster.id}/providers/${TYPES.extension}/${param(call, "extension")}`;
  refuseSecondWriter(world, id);
  refuseSecondOfType(world, cluster.id, id, objectAt(body, "properties"));
  plant(world, objectAt(body, "properties"));
  const stored = world.store.put(id, TYPES.extension, storedExtension(call, cluster.id, existing));
  const shown = present(world, stored);
  return json(existing ? 200 : 201, shown, startWrite(call, cluster, id));
}

/** arm-contract 3: 202 will update, 200 nothing to do. */
export function patchExtension(call: Call): Reply {
  const { world, body } = call;
  const cluster = require(call, clusterIdOf(call));
  const extension = requireExtension(call);
  const before = objectAt(extension.body, "properties");
  refusePatch(call, before);
  const wanted = objectAt(body, "properties");
  refuseSecondWriter(world, extension.id);
  const after = patchedProperties(before, wanted, world.knobs);
  if (isDeepStrictEqual(before, after)) return json(200, present(world, extension));
  plant(world, wanted);
  extension.body = {
    ...extension.body,
    properties: { ...withoutFailure(after), provisioningState: "Updating" },
  };
  const shown = present(world, extension);
  return json(202, shown, startWrite(call, cluster, extension.id));
}

/** testbed 7: `forceDelete=true` answers 200 at once. extension 3: it takes the Azure resource alone away. */
export function deleteExtension(call: Call): Reply {
  const { world } = call;
  const cluster = require(call, clusterIdOf(call));
  const extension = find(call, pathOf(call));
  if (!extension) return empty(204);
  if (call.request.url.searchParams.get("forceDelete") === "true") {
    world.store.delete(extension.id);
    return world.knobs.forceDeleteBody === "empty" ? empty(200) : json(200, SERIALIZED_RESPONSE);
  }
  refuseSecondWriter(world, extension.id);
  extension.body = withState(extension.body, "Deleting");
  return empty(202, startDelete(call, cluster, extension.id));
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

function requireExtension(call: Call): StoredResource {
  const extension = find(call, pathOf(call));
  if (extension) return extension;
  const name = param(call, "extension");
  throw providerError(404, "ResourceNotFound", `Extension instance with name '${name}' not found.`);
}

/** A write begins anew: what the last one failed of is told no more. */
function withoutFailure(properties: JsonObject): JsonObject {
  const { errorInfo: _told, ...rest } = properties;
  return { ...rest, statuses: [] };
}

function refuseSecondWriter(world: World, id: string): void {
  if (!world.operations.running(id)) return;
  throw providerError(409, "AnotherOperationInProgress", `Another operation is in progress on '${id}'.`);
}

/** Guess, as the code and the wording: see the knob `secondOfType`. */
function refuseSecondOfType(world: World, clusterId: string, id: string, properties: JsonObject): void {
  if (world.knobs.secondOfType !== "refuse" || !isAzureMl(properties)) return;
  const [other] = othersOfType(world, clusterId, id);
  if (!other) return;
  const message = `The cluster has an extension of this type already: '${other.name}'.`;
  throw providerError(409, "ExtensionTypeAlreadyInstalled", message);
}

function plant(world: World, properties: JsonObject): void {
  for (const value of Object.values(objectAt(properties, "configurationProtectedSettings"))) {
    if (typeof value === "string" && value !== "") world.secrets.add(value);
  }
}

function clusterIdOf(call: Call): string {
  return pathOf(call).replace(/\/providers\/Microsoft\.KubernetesConfiguration\/.*$/i, "");
}

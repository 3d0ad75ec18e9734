import { ArmError, gatewayError, parentNotFound, providerError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import { sameId } from "../ids.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import { hybridConnectionBody, RELAY_TYPES, relayKeys, relayNamespaceBody } from "../relay-seed.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { withState } from "./compute-body.ts";
import { present } from "./presentation.ts";
import { find, pathOf, require } from "./reading.ts";
import { boolean, map, object, oneOf, problems, readOnly, type Shape, text } from "./shape.ts";

/**
 * Azure Relay, as far as an Arc cluster's extension needs it (extension 1d, testbed 8). Bodies and status codes are those
 * of the REST reference of Microsoft.Relay; where it says nothing, a guess is marked.
 */

const SKU = object({ name: oneOf("Standard"), tier: oneOf("Standard") });
const RIGHTS = ["Manage", "Send", "Listen"];
const NAMESPACE = object(
  {
    location: text,
    tags: map(text),
    sku: SKU,
    properties: object({
      provisioningState: readOnly,
      createdAt: readOnly,
      updatedAt: readOnly,
      serviceBusEndpoint: readOnly,
      metricId: readOnly,
    }),
  },
  ["location"],
);
const CONNECTION = object({
  properties: object({
    createdAt: readOnly,
    updatedAt: readOnly,
    listenerCount: readOnly,
    requiresClientAuthorization: boolean,
    userMetadata: text,
  }),
});
const RULE = object(
  { properties: object({ rights: { kind: "list", item: oneOf(...RIGHTS) } }, ["rights"]) },
  ["properties"],
);

/** REST reference: letters, digits and dashes, begins with a letter, ends with a letter or digit, 6 to 50 of them. */
const NAME = /^[a-z][a-z0-9-]{4,48}[a-z0-9]$/i;

export function getRelayNamespace(call: Call): Reply {
  return json(200, present(call.world, require(call, pathOf(call))));
}

/**
 * REST reference: 201 is accepted, 200 done. No header announces the operation: the resource itself is watched, which is
 * what the CLI does (testbed 8: "LRO, then GET").
 */
export function putRelayNamespace(call: Call): Reply {
  const { world, body } = call;
  refuseContent(NAMESPACE, body);
  const name = param(call, "namespaceName");
  if (!NAME.test(name)) throw providerError(400, "BadRequest", `'${name}' is not a valid namespace name.`);
  refuseTaken(world, name, pathOf(call));
  const existing = find(call, pathOf(call));
  const id = existing?.id ?? canonicalId(call);
  const fresh = namespaceBody(call, id, existing);
  const stored = world.store.put(id, RELAY_TYPES.namespace, fresh);
  if (existing) return json(200, present(world, stored));
  world.operations.start({
    // No monitor is handed out: the operation ends by itself.
    dialect: "containerService",
    verb: "write",
    resourceId: id,
    apiVersion: call.apiVersion,
    seconds: world.knobs.relaySeconds,
    lagSeconds: 0,
    stuck: world.knobs.stuck,
    signed: false,
    outcome: { status: "Succeeded" },
    apply: () => {
      const made = world.store.get(id);
      if (made) made.body = withState(made.body, "Succeeded");
    },
  });
  return json(201, present(world, stored));
}

/** What a namespace comes to. A new one begins as `Created` (recordings of Microsoft's own clients). */
function namespaceBody(call: Call, id: string, existing: StoredResource | undefined): JsonObject {
  const made = relayNamespaceBody(call.world, id, call.body);
  return existing ? keepingBirth(made, existing) : withState(made, "Created");
}

function keepingBirth(made: JsonObject, existing: StoredResource): JsonObject {
  const createdAt = textAt(existing.body, "properties", "createdAt") ?? "";
  return { ...made, properties: { ...objectAt(made, "properties"), createdAt } };
}

/** Names are global. 409 or 400 is a guess (knob `takenRelayStatus`), as are code and wording. */
function refuseTaken(world: World, name: string, id: string): void {
  const elsewhere = world.store
    .list(RELAY_TYPES.namespace, "")
    .some((one) => one.name.toLowerCase() === name.toLowerCase() && !sameId(one.id, id));
  const stranger = world.knobs.takenRelayNames.some((one) => one.toLowerCase() === name.toLowerCase());
  if (!elsewhere && !stranger) return;
  const status = world.knobs.takenRelayStatus;
  const code = status === 409 ? "Conflict" : "BadRequest";
  throw providerError(status, code, `The namespace name '${name}' is not available: it is in use already.`);
}

export function getHybridConnection(call: Call): Reply {
  return json(200, present(call.world, requireEntity(call, pathOf(call))));
}

/** testbed 8: 200 for a new one too; the CLI takes nothing else. */
export function putHybridConnection(call: Call): Reply {
  const { world, body } = call;
  const namespace = requireNamespace(call);
  refuseContent(CONNECTION, body);
  const existing = find(call, pathOf(call));
  const id = existing?.id ?? `${namespace.id}/hybridConnections/${param(call, "connection")}`;
  const made = hybridConnectionBody(world, objectAt(body, "properties"));
  const kept = existing ? keepingBirth(made, existing) : made;
  const stored = world.store.put(id, RELAY_TYPES.connection, kept);
  return json(200, present(world, stored));
}

export function getAuthorizationRule(call: Call): Reply {
  return json(200, present(call.world, requireEntity(call, pathOf(call))));
}

/** REST reference: 200. Keys are made with the rule and stay when it is written again. */
export function putAuthorizationRule(call: Call): Reply {
  const { world, body } = call;
  requireNamespace(call);
  const connection = requireEntity(call, pathOf(call).replace(/\/authorizationRules\/.*$/i, ""));
  refuseContent(RULE, body);
  const rights = objectAt(body, "properties")["rights"];
  // REST reference: who may manage may send and listen; the service refuses the one without the others.
  if (Array.isArray(rights) && rights.includes("Manage") && !RIGHTS.every((one) => rights.includes(one))) {
    throw providerError(400, "BadRequest", "Manage permission should also include Send and Listen.");
  }
  const id = `${connection.id}/authorizationRules/${param(call, "rule")}`;
  const stored = world.store.put(id, RELAY_TYPES.rule, { properties: { rights: rights ?? [] } });
  relayKeys(world, stored.id);
  return json(200, present(world, stored));
}

/** REST reference. Both keys and both strings are secrets. */
export function listRelayKeys(call: Call): Reply {
  const rule = requireEntity(call, pathOf(call).replace(/\/listKeys$/i, ""));
  const keys = relayKeys(call.world, rule.id);
  return json(200, { ...keys, keyName: rule.name });
}

/** The namespace above, which must be done. Guess: the refusal of one that is being made. */
function requireNamespace(call: Call): StoredResource {
  const id = pathOf(call).replace(/\/hybridConnections\/.*$/i, "");
  const namespace = find(call, id);
  if (!namespace) throw parentNotFound("hybridConnections", id);
  if (textAt(namespace.body, "properties", "provisioningState") === "Succeeded") return namespace;
  throw providerError(409, "Conflict", `The namespace '${namespace.name}' is still being created.`);
}

/** A child of a namespace. Guess: the provider's own 404. */
function requireEntity(call: Call, id: string): StoredResource {
  const entity = find(call, id);
  if (entity) return entity;
  const namespaceId = id.replace(/\/hybridConnections\/.*$/i, "");
  if (!find(call, namespaceId)) {
    throw gatewayError(404, "ParentResourceNotFound", `The namespace '${namespaceId}' could not be found.`);
  }
  throw new ArmError(404, { code: "NotFound", message: `The requested entity '${id}' does not exist.` });
}

function refuseContent(shape: Shape, body: JsonObject): void {
  const found = problems(shape, body);
  if (found.length === 0) return;
  throw providerError(400, "BadRequest", `The request content is not valid: ${found.join("; ")}.`);
}

function canonicalId(call: Call): string {
  const group = `/subscriptions/${param(call, "subscriptionId")}/resourceGroups/${param(call, "resourceGroup")}`;
  return `${group}/providers/${RELAY_TYPES.namespace}/${param(call, "namespaceName")}`;
}

import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import { identityIds, type World } from "../world.ts";
import type { Call } from "./call.ts";
import { pathOf } from "./reading.ts";

/** What Azure ML makes of the body of a compute's PUT. */

/** The stored form of a PUT body: what the service adds (testbed 7, arm-contract 1.4). */
export function computeBody(call: Call, body: JsonObject, existing: StoredResource | undefined): JsonObject {
  const { world } = call;
  const now = world.clock.stamp();
  const properties = objectAt(body, "properties");
  const stored: JsonObject = {
    location: body["location"] ?? world.location,
    tags: body["tags"] ?? null,
    properties: {
      disableLocalAuth: false,
      description: null,
      ...properties,
      resourceId: properties["resourceId"] ?? null,
      computeLocation: properties["computeLocation"] ?? body["location"] ?? world.location,
      provisioningState: "Creating",
      provisioningErrors: null,
      createdOn: textAt(existing?.body, "properties", "createdOn") ?? now,
      modifiedOn: now,
      isAttachedCompute: properties["resourceId"] !== undefined && properties["resourceId"] !== null,
      properties: properties["properties"] ?? {},
    },
  };
  if (isObject(body["identity"])) stored["identity"] = identityOf(world, call, body["identity"]);
  if (isObject(body["sku"])) stored["sku"] = body["sku"];
  return stored;
}

/** arm-contract 1.3: the service fills in the ids. */
function identityOf(world: World, call: Call, identity: JsonObject): JsonObject {
  const type = textAt(identity, "type") ?? "None";
  const result: JsonObject = { type };
  if (type.includes("SystemAssigned")) {
    result["principalId"] = identityIds(pathOf(call)).principalId;
    result["tenantId"] = world.tenantId;
  }
  if (type.includes("UserAssigned")) {
    const named = Object.keys(objectAt(identity, "userAssignedIdentities"));
    result["userAssignedIdentities"] = Object.fromEntries(named.map((one) => [one, { ...identityIds(one) }]));
  }
  return result;
}

/** Knob dropSettings: these keep their old value, or none. */
export function withoutDropped(
  world: World,
  wanted: JsonObject,
  existing: StoredResource | undefined,
): JsonObject {
  const stored = structuredClone(wanted);
  const properties = objectAt(stored, "properties");
  const inner = objectAt(properties, "properties");
  const before = objectAt(existing?.body, "properties");
  const replace = (target: JsonObject, key: string, old: JsonObject) => {
    if (old[key] === undefined) delete target[key];
    else target[key] = old[key];
  };
  for (const name of world.knobs.dropSettings) {
    if (name === "identity") replace(stored, name, existing?.body ?? {});
    else if (name === "resourceId" || name === "description") replace(properties, name, before);
    else replace(inner, name, objectAt(before, "properties"));
  }
  return stored;
}

/** The body with another provisioningState. */
export function withState(body: JsonObject, provisioningState: string): JsonObject {
  return { ...body, properties: { ...objectAt(body, "properties"), provisioningState } };
}

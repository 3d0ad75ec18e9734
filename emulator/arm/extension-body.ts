import { providerError } from "../errors.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import { extensionBody } from "../seeds.ts";
import type { StoredResource } from "../store.ts";
import type { Call } from "./call.ts";
import type { ExtensionKnobs } from "./extension-knobs.ts";
import { boolean, map, object, oneOf, problems, readOnly, type Shape, text } from "./shape.ts";

/** What the bodies of extensions may hold, and what the service makes of them (arm-contract 3). */

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

/** The api-version since which a pinned version and auto-upgrade exclude each other (extension 4). */
const STRICT_PINNING = "2023-05-01";

/** Refuses what is no extension, or none that the service takes. */
export function refuseExtension({ body, apiVersion }: Call): void {
  const properties = objectAt(body, "properties");
  const scope = objectAt(properties, "scope");
  const found = [...problems(EXTENSION, body), ...nullSettings(properties)];
  if (textAt(properties, "extensionType") === undefined) found.push("'properties.extensionType' is required");
  if (isObject(scope["cluster"]) && isObject(scope["namespace"])) {
    found.push("'properties.scope' is either cluster or namespace");
  }
  refuse(found);
  // extension 1 and 11 (AML-Kubernetes#283): cluster scope alone. What the service itself says is a guess.
  if (isObject(scope["namespace"]) && isAzureMl(properties)) {
    throw providerError(400, "BadRequest", "The extension type supports the cluster scope only.");
  }
  refusePinned(apiVersion, properties, properties);
}

/** The same for an update of an extension that has these properties. */
export function refusePatch({ body, apiVersion }: Call, before: JsonObject): void {
  const wanted = objectAt(body, "properties");
  refuse([...problems(PATCH, body), ...nullSettings(wanted)]);
  refusePinned(apiVersion, wanted, { ...before, ...wanted });
}

/** Settings are text (arm-contract 3). Guess: `null` is none, since nothing says that it would take one away. */
function nullSettings(properties: JsonObject): string[] {
  return ["configurationSettings", "configurationProtectedSettings"].flatMap((map) =>
    Object.entries(objectAt(properties, map))
      .filter(([, value]) => value === null)
      .map(([key]) => `'properties.${map}.${key}' must be a string`),
  );
}

function refuse(found: readonly string[]): void {
  if (found.length === 0) return;
  throw providerError(400, "InvalidRequestContent", `The request content is not valid: ${found.join("; ")}.`);
}

function refusePinned(apiVersion: string, wanted: JsonObject, after: JsonObject): void {
  const pins = typeof wanted["version"] === "string" && wanted["version"] !== "";
  if (!pins || after["autoUpgradeMinorVersion"] === false || apiVersion < STRICT_PINNING) return;
  throw providerError(400, "BadRequest", "A pinned 'version' needs autoUpgradeMinorVersion to be false.");
}

/** The type is compared without case: the CLI sends it in lower case (extension 1a). */
export function isAzureMl(properties: JsonObject): boolean {
  return textAt(properties, "extensionType")?.toLowerCase() === "microsoft.azureml.kubernetes";
}

/** The stored form of a PUT body: what was there is overwritten, but Helm's release goes on (testbed 8). */
export function storedExtension(
  { world, body }: Call,
  clusterId: string,
  existing: StoredResource | undefined,
): JsonObject {
  const base = extensionBody(clusterId, {}, world.tenantId, world.clock.stamp());
  const result: JsonObject = {
    ...base,
    properties: {
      ...objectAt(base, "properties"),
      configurationSettings: {},
      version: null,
      ...objectAt(body, "properties"),
      currentVersion: textAt(existing?.body, "properties", "currentVersion") ?? null,
      provisioningState: existing ? "Updating" : "Creating",
    },
  };
  const createdAt = textAt(existing?.body, "systemData", "createdAt");
  if (createdAt !== undefined) result["systemData"] = { ...objectAt(result, "systemData"), createdAt };
  delete result["identity"];
  if (isObject(body["identity"]))
    result["identity"] = { ...objectAt(base, "identity"), type: "SystemAssigned" };
  return result;
}

/**
 * The properties after a PATCH. extension 3: plain settings merge, protected ones are replaced whole. Guess: auto-upgrade
 * that is turned on again ends the pin, since the two exclude each other.
 */
export function patchedProperties(before: JsonObject, wanted: JsonObject, knobs: ExtensionKnobs): JsonObject {
  const after: JsonObject = { ...before };
  for (const [key, value] of Object.entries(wanted)) {
    if (value !== null && value !== undefined) after[key] = value;
  }
  after["configurationSettings"] = {
    ...objectAt(before, "configurationSettings"),
    ...objectAt(wanted, "configurationSettings"),
  };
  const hidden = "configurationProtectedSettings";
  const isEmpty = Object.keys(objectAt(wanted, hidden)).length === 0;
  if (isEmpty && knobs.emptyProtectedPatch === "keep") after[hidden] = before[hidden];
  if (wanted["autoUpgradeMinorVersion"] === true || wanted["version"] === null) {
    after["version"] = wanted["version"] ?? null;
  }
  return after;
}

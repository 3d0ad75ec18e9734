import { isObject, type JsonObject } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";

/** A resource as GET shows it. */
export function present(world: World, resource: StoredResource): JsonObject {
  const { id, name, type, body } = resource;
  const shown: JsonObject = { id, name, type, ...structuredClone(body) };
  const properties = shown["properties"];
  if (!isObject(properties)) return shown;
  if (type.endsWith("/computes")) shown["properties"] = computeProperties(world, properties);
  if (type.endsWith("/extensions")) shown["properties"] = extensionProperties(world, properties);
  return shown;
}

/** testbed 7: always present; arm-contract 1.5 and 1.6: secrets are not returned. */
function computeProperties(world: World, properties: JsonObject): JsonObject {
  const inner = isObject(properties["properties"]) ? properties["properties"] : {};
  return {
    ...properties,
    properties:
      properties["computeType"] === "AKS" ? aksProperties(inner) : kubernetesProperties(world, inner),
  };
}

function aksProperties(inner: JsonObject): JsonObject {
  const ssl = inner["sslConfiguration"];
  const shown: JsonObject = {
    systemServices: null,
    clusterPurpose: "FastProd",
    loadBalancerType: "PublicIp",
    ...inner,
  };
  if (isObject(ssl)) shown["sslConfiguration"] = { ...ssl, cert: null, key: null };
  return shown;
}

/** arm-contract 1.6 for the nulls; extension 9 for the default instance type. */
function kubernetesProperties(world: World, inner: JsonObject): JsonObject {
  const shown: JsonObject = {
    extensionPrincipalId: null,
    extensionInstanceReleaseTrain: "stable",
    vcName: null,
    namespace: "default",
    defaultInstanceType: "defaultinstancetype",
    instanceTypes: {
      defaultinstancetype: {
        nodeSelector: null,
        resources: { requests: { cpu: "100m", memory: "2Gi" }, limits: { cpu: "2", memory: "2Gi" } },
      },
    },
    ...inner,
  };
  for (const key of ["relayConnectionString", "serviceBusConnectionString"]) {
    shown[key] = world.knobs.revealConnectionStrings ? (inner[key] ?? null) : null;
  }
  return shown;
}

/** testbed 7: protected settings come back with blank values, or not at all. */
function extensionProperties(world: World, properties: JsonObject): JsonObject {
  const { protectedSettingsShown, resolvedVersion } = world.knobs;
  const hidden = protectedSettingsShown === "blank" ? properties["configurationProtectedSettings"] : {};
  const shown: JsonObject = { ...properties, configurationProtectedSettings: blanked(hidden) };
  if (resolvedVersion === "both") shown["version"] ??= shown["currentVersion"] ?? null;
  return shown;
}

function blanked(settings: unknown): JsonObject {
  return isObject(settings) ? Object.fromEntries(Object.keys(settings).map((key) => [key, ""])) : {};
}

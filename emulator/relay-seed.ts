import { createHash, randomBytes } from "node:crypto";
import { keyOf } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { StoredResource } from "./store.ts";
import type { World } from "./world.ts";

/** What `listKeys` of a Relay's authorization rule gives; all of it is secret. */
export interface RelayKeys {
  primaryConnectionString: string;
  secondaryConnectionString: string;
  primaryKey: string;
  secondaryKey: string;
}

export const RELAY_TYPES = {
  namespace: "Microsoft.Relay/namespaces",
  connection: "Microsoft.Relay/namespaces/hybridConnections",
  rule: "Microsoft.Relay/namespaces/hybridConnections/authorizationRules",
} as const;

/** The longest name that the CLI gives, and what it makes of a longer one (extension 1d). */
const LONGEST = 50;
const KEPT = 44;

/** extension 1d: `{cluster}-{subscription}-{group}-relay` in letters and digits; a long one is cut and gets a checksum. */
export function relayName(
  cluster: Pick<StoredResource, "name" | "subscriptionId" | "resourceGroup">,
): string {
  const whole = `${cluster.name}-${cluster.subscriptionId}-${cluster.resourceGroup}-relay`;
  const plain = whole.replace(/[^a-z0-9]/gi, "");
  if (plain.length <= LONGEST) return plain;
  const checksum = createHash("md5").update(whole).digest("hex");
  return `${plain.slice(0, KEPT)}${checksum.slice(0, LONGEST - KEPT)}`;
}

/** The Relay that the CLI makes beside an Arc cluster (extension 1d); the id of its hybrid connection. */
export function seedRelay(world: World, cluster: StoredResource, name = relayName(cluster)): string {
  const group = `/subscriptions/${cluster.subscriptionId}/resourceGroups/${cluster.resourceGroup}`;
  const namespaceId = `${group}/providers/${RELAY_TYPES.namespace}/${name}`;
  const connectionId = `${namespaceId}/hybridConnections/${cluster.name}`;
  const ruleId = `${connectionId}/authorizationRules/azureml_rw`;
  const tags = { created_by: "Azure Arc-enabled ML" };
  const namespace = relayNamespaceBody(world, namespaceId, { location: cluster.body["location"], tags });
  world.store.put(namespaceId, RELAY_TYPES.namespace, namespace);
  world.store.put(connectionId, RELAY_TYPES.connection, hybridConnectionBody(world, {}));
  world.store.put(ruleId, RELAY_TYPES.rule, { properties: { rights: ["Manage", "Send", "Listen"] } });
  relayKeys(world, ruleId);
  return connectionId;
}

/** The stored form of a namespace that is done. */
export function relayNamespaceBody(world: World, id: string, body: JsonObject): JsonObject {
  const now = world.clock.zulu();
  const [, , subscriptionId] = id.split("/");
  const name = id.split("/").at(-1) ?? "";
  return {
    location: body["location"] ?? world.location,
    tags: body["tags"] ?? {},
    sku: { name: "Standard", tier: "Standard" },
    properties: {
      provisioningState: "Succeeded",
      metricId: `${subscriptionId}:${name.toLowerCase()}`,
      createdAt: now,
      updatedAt: now,
      serviceBusEndpoint: `https://${name}.servicebus.emulator.test:443/`,
    },
  };
}

export function hybridConnectionBody(world: World, properties: JsonObject): JsonObject {
  const now = world.clock.zulu();
  return {
    properties: {
      createdAt: now,
      updatedAt: now,
      listenerCount: 0,
      requiresClientAuthorization: true,
      ...properties,
    },
  };
}

/** The keys of a rule, made when they are first asked for; they stay when the rule is written again. */
export function relayKeys(world: World, ruleId: string): RelayKeys {
  const known = world.relayKeys.get(keyOf(ruleId));
  if (known) return known;
  const [, namespace, connection, rule] =
    /\/namespaces\/([^/]+)\/hybridConnections\/([^/]+)\/authorizationRules\/([^/]+)$/i.exec(ruleId) ?? [];
  const connectionString = (key: string) =>
    `Endpoint=sb://${namespace}.servicebus.emulator.test/;SharedAccessKeyName=${rule};SharedAccessKey=${key};EntityPath=${connection}`;
  const primaryKey = randomBytes(32).toString("base64");
  const secondaryKey = randomBytes(32).toString("base64");
  const keys: RelayKeys = {
    primaryConnectionString: connectionString(primaryKey),
    secondaryConnectionString: connectionString(secondaryKey),
    primaryKey,
    secondaryKey,
  };
  world.relayKeys.set(keyOf(ruleId), keys);
  for (const secret of Object.values(keys)) world.secrets.add(secret);
  return keys;
}

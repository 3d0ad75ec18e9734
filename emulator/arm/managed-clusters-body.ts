import { uuidFrom } from "../ids.ts";
import { isObject, type JsonObject, merged, objectAt, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import { identityIds, type World } from "../world.ts";
import { defaultVersion, findVersion, regionOf } from "./kubernetes-versions.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";

/** Who and where a cluster is. */
export interface ClusterPlace {
  id: string;
  name: string;
  resourceGroup: string;
}

/** What AKS makes of the body of a PUT: real-arm, a create of 2024-02 in full. */
export function clusterBody(
  world: World,
  place: ClusterPlace,
  body: JsonObject,
  existing: StoredResource | undefined,
): JsonObject {
  const location = regionOf(textAt(body, "location") ?? world.location);
  const before = objectAt(existing?.body, "properties");
  const wanted = objectAt(body, "properties");
  const version = versionsOf(world, location, wanted, before);
  const state = existing ? "Updating" : "Creating";
  const stored: JsonObject = {
    location,
    tags: body["tags"] ?? existing?.body["tags"] ?? {},
    sku: merged({ name: "Base", tier: "Free" }, objectAt(body, "sku")),
    properties: {
      ...merged(before, wanted),
      provisioningState: state,
      powerState: { code: "Running" },
      ...version,
      ...names(place, location, wanted, before),
      agentPoolProfiles: poolsOf(body, existing, version.currentKubernetesVersion, state),
      nodeResourceGroup:
        textAt(before, "nodeResourceGroup") ??
        textAt(wanted, "nodeResourceGroup") ??
        `MC_${place.resourceGroup}_${place.name}_${location}`,
      enableRBAC: wanted["enableRBAC"] ?? before["enableRBAC"] ?? true,
      supportPlan: textAt(wanted, "supportPlan") ?? "KubernetesOfficial",
      networkProfile: networkOf(
        merged(objectAt(before, "networkProfile"), objectAt(wanted, "networkProfile")),
      ),
      maxAgentPools: 100,
      disableLocalAccounts: wanted["disableLocalAccounts"] ?? before["disableLocalAccounts"] ?? false,
      resourceUID: uuidFrom(`${place.id} uid`).replaceAll("-", "").slice(0, 24),
    },
  };
  const identity = identityOf(world, place, body) ?? existing?.body["identity"];
  if (identity !== undefined) stored["identity"] = identity;
  return stored;
}

interface Versions {
  kubernetesVersion: string;
  currentKubernetesVersion: string;
}

/** real-arm: an empty version is the default; `kubernetesVersion` keeps the spelling of the request. */
function versionsOf(world: World, location: string, wanted: JsonObject, before: JsonObject): Versions {
  const known = textAt(before, "currentKubernetesVersion");
  const asked = textAt(wanted, "kubernetesVersion") || textAt(before, "kubernetesVersion") || "";
  const usual = defaultVersion(world, location);
  const patch = findVersion(world, location, asked)?.patch ?? known ?? usual;
  const alias = patch.split(".").slice(0, 2).join(".");
  // An alias names the minor version alone: the cluster stays where it is while it has a patch of it.
  const stays = known?.startsWith(`${asked}.`) === true;
  return { kubernetesVersion: asked || alias, currentKubernetesVersion: stays ? (known ?? patch) : patch };
}

function names(place: ClusterPlace, location: string, wanted: JsonObject, before: JsonObject): JsonObject {
  const prefix = textAt(before, "dnsPrefix") ?? textAt(wanted, "dnsPrefix") ?? place.name;
  const host = `${prefix}-${uuidFrom(place.id).slice(0, 8)}`.toLowerCase();
  const access = merged(
    objectAt(before, "apiServerAccessProfile"),
    objectAt(wanted, "apiServerAccessProfile"),
  );
  const isPrivate = access["enablePrivateCluster"] === true;
  const isPublic = !isPrivate || access["enablePrivateClusterPublicFQDN"] !== false;
  return {
    dnsPrefix: prefix,
    ...(isPublic && { fqdn: textAt(before, "fqdn") ?? `${host}.hcp.${location}.emulator.test` }),
    ...(isPrivate && { privateFQDN: `${host}.privatelink.${location}.azmk8s.invalid` }),
    // AKS documentation, "private-clusters": a public name is the default.
    apiServerAccessProfile: isPrivate
      ? { privateDNSZone: "system", enablePrivateClusterPublicFQDN: true, ...access }
      : access,
  };
}

/** real-arm for the defaults; a pool that was there keeps what is not given anew. */
function poolsOf(
  body: JsonObject,
  existing: StoredResource | undefined,
  version: string,
  state: string,
): JsonObject[] {
  const before = existing ? agentPoolsOf(existing.body) : [];
  const wanted = agentPoolsOf(body);
  return (wanted.length > 0 ? wanted : before).map((pool) => {
    const same = before.find((one) => one["name"] === pool["name"]);
    return {
      count: 1,
      osType: "Linux",
      osSKU: "Ubuntu",
      osDiskType: "Managed",
      maxPods: 110,
      type: "VirtualMachineScaleSets",
      mode: "User",
      enableAutoScaling: false,
      ...same,
      ...pool,
      orchestratorVersion: textAt(pool, "orchestratorVersion") || version,
      currentOrchestratorVersion: textAt(pool, "orchestratorVersion") || version,
      provisioningState: state,
      powerState: { code: "Running" },
    };
  });
}

/**
 * arm-contract 2 for the defaults of addresses; real-arm: an answer names each range twice. There it has a network policy
 * `none` and an enum in another case too, which the official file does not know.
 */
function networkOf(network: JsonObject): JsonObject {
  const outboundType = textAt(network, "outboundType") ?? "loadBalancer";
  const loadBalancerSku = textAt(network, "loadBalancerSku") ?? "standard";
  const balanced = outboundType === "loadBalancer" && loadBalancerSku === "standard";
  const plugin = textAt(network, "networkPlugin") ?? "kubenet";
  const overlay = plugin !== "azure" || network["networkPluginMode"] === "overlay";
  const podCidr = overlay ? { podCidr: textAt(network, "podCidr") ?? "10.244.0.0/16" } : {};
  const serviceCidr = textAt(network, "serviceCidr") ?? "10.0.0.0/16";
  return {
    dnsServiceIP: "10.0.0.10",
    ...network,
    networkPlugin: plugin,
    loadBalancerSku,
    outboundType,
    serviceCidr,
    serviceCidrs: [serviceCidr],
    ...podCidr,
    ...(podCidr.podCidr !== undefined && { podCidrs: [podCidr.podCidr] }),
    ipFamilies: ["IPv4"],
    ...(balanced && {
      loadBalancerProfile: {
        managedOutboundIPs: { count: 1 },
        backendPoolType: "NodeIPConfiguration",
        ...objectAt(network, "loadBalancerProfile"),
      },
    }),
  };
}

function identityOf(world: World, place: ClusterPlace, body: JsonObject): JsonObject | undefined {
  const identity = body["identity"];
  if (!isObject(identity)) return undefined;
  const type = textAt(identity, "type") ?? "None";
  if (type === "SystemAssigned") {
    return { type, principalId: uuidFrom(`${place.id} principal`), tenantId: world.tenantId };
  }
  const named = Object.keys(objectAt(identity, "userAssignedIdentities"));
  if (type !== "UserAssigned") return { type };
  return { type, userAssignedIdentities: Object.fromEntries(named.map((one) => [one, identityIds(one)])) };
}

/** The body with another state, its pools' with it. */
export function clusterInState(body: JsonObject, provisioningState: string): JsonObject {
  const agentPoolProfiles = agentPoolsOf(body).map((pool) => ({ ...pool, provisioningState }));
  return { ...body, properties: { ...objectAt(body, "properties"), provisioningState, agentPoolProfiles } };
}

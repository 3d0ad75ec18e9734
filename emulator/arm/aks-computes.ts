import { providerError } from "../errors.ts";
import { sameId } from "../ids.ts";
import { isObject, type JsonObject, merged, objectAt, textAt, valueAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { CREATE_DEFAULTS, createCluster } from "./aks-computes-create.ts";
import { machinesOf } from "./aks-computes-preconditions.ts";
import { placeRouter, routerTrouble, takeRouterAway } from "./aks-computes-router.ts";
import { subnetError, systemServices } from "./aks-computes-services.ts";
import { installedTls, keepSecret, lateTlsError, releaseLabel, tlsProblem } from "./aks-computes-tls.ts";
import { attachRefusal } from "./attachment-rules.ts";
import type { Call } from "./call.ts";
import { requireRegion } from "./kubernetes-versions.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import { TYPES } from "./reading.ts";

/** Computes of type AKS (arm-contract 1.5, peers 2): attached, or made by the workspace itself. */

export function isLegacy(body: JsonObject): boolean {
  return textAt(body, "properties", "computeType") === "AKS";
}

/** What is refused at once. Codes are guesses where no source is named. */
export function refuseLegacy(call: Call, existing: StoredResource | undefined): void {
  const { world, body } = call;
  if (!isLegacy(body)) return;
  const inner = objectAt(body, "properties", "properties");
  keepSecret(world, inner);
  const creates = !textAt(body, "properties", "resourceId");
  if (creates) refuseCreate(call, existing, inner);
  const problem = tlsProblem(world, inner, stands(existing));
  if (problem) throw providerError(400, "BadArgument", problem);
}

function refuseCreate({ world, body }: Call, existing: StoredResource | undefined, inner: JsonObject): void {
  if (world.knobs.legacyCreate === "refuse") {
    // azureml-examples#1678.
    throw providerError(
      400,
      "UserError",
      "AksCompute creation is no longer supported, use KubernetesCompute.",
    );
  }
  // C7; MCW-ML-Ops#28 for the words.
  if (existing) {
    throw providerError(
      400,
      "UserError",
      "Compute with this name already exists. Compute name needs to be unique across all existing computes within an Azure region.",
    );
  }
  const location = textAt(body, "properties", "computeLocation");
  if (location !== undefined) requireRegion(world, location, TYPES.managedCluster);
  const network = objectAt(inner, "aksNetworkingConfiguration");
  const all = ["subnetId", "serviceCidr", "dnsServiceIP", "dockerBridgeCidr"];
  const given = all.filter((key) => (textAt(network, key) ?? "") !== "");
  // peers 2.3: all or none, which the SDK checks; that the service does too is a guess.
  if (given.length > 0 && given.length < all.length) {
    throw providerError(400, "BadArgument", `aksNetworkingConfiguration needs ${all.join(", ")} together.`);
  }
}

/** What is kept of a PUT: all of it for a new compute, little for one that is there (A6, B2). */
export function legacyStored(
  world: World,
  wanted: JsonObject,
  existing: StoredResource | undefined,
): JsonObject {
  if (!isLegacy(wanted)) return wanted;
  const properties = objectAt(wanted, "properties");
  const inner = objectAt(properties, "properties");
  if (existing && stands(existing)) return updated(world, wanted, existing);
  const { agentCount, agentVmSize, aksNetworkingConfiguration, ...others } = inner;
  const creates = !textAt(properties, "resourceId");
  const made = creates
    ? {
        aksNetworkingConfiguration: aksNetworkingConfiguration ?? null,
        agentCount: agentCount ?? CREATE_DEFAULTS.agentCount,
        // testbed 7: the service gives VM sizes in capitals.
        agentVmSize: (textAt(inner, "agentVmSize") ?? CREATE_DEFAULTS.agentVmSize).toUpperCase(),
      }
    : {};
  return {
    ...wanted,
    properties: { ...properties, properties: { loadBalancerSubnet: null, ...others, ...made } },
  };
}

/** Guess: what failed has nothing to keep, and is written anew (arm-contract 1.2: PUT overwrites). */
export function stands(existing: StoredResource | undefined): boolean {
  return existing !== undefined && textAt(existing.body, "properties", "provisioningState") !== "Failed";
}

/**
 * A PUT of the whole on a compute that is there. The load balancer is taken (B2). TLS that is left out is lost (peers
 * 2.2, what the Python SDK does); other TLS is reported as success and not applied (A6). The rest stays as it was.
 */
function updated(world: World, wanted: JsonObject, existing: StoredResource): JsonObject {
  const before = objectAt(existing.body, "properties");
  const old = objectAt(before, "properties");
  const inner = objectAt(wanted, "properties", "properties");
  const isMade = before["isAttachedCompute"] === false;
  return {
    ...wanted,
    properties: {
      ...objectAt(wanted, "properties"),
      resourceId: before["resourceId"] ?? null,
      computeLocation: before["computeLocation"] ?? null,
      isAttachedCompute: !isMade,
      properties: {
        ...old,
        loadBalancerType: inner["loadBalancerType"] ?? "PublicIp",
        loadBalancerSubnet: inner["loadBalancerSubnet"] ?? null,
        sslConfiguration: updatedTls(world, old["sslConfiguration"], inner["sslConfiguration"]) ?? null,
      },
    },
  };
}

function updatedTls(world: World, before: unknown, wanted: unknown): JsonObject | undefined {
  if (!isObject(wanted)) return undefined;
  const old = isObject(before) ? before : undefined;
  const bare = textAt(wanted, "status") === "Enabled" && !textAt(wanted, "cert");
  if (bare && world.knobs.tlsWithoutMaterial === "lose") return undefined;
  if (bare || world.knobs.legacyTlsUpdate === "ignore") return old;
  return wanted;
}

/** How a write of a legacy compute will end, and what it leaves behind. */
export interface LegacyWork {
  outcome: Outcome;
  /** On top of what an attach takes. */
  seconds: number;
  settle: () => void;
}

/** Begins the work: where no cluster is named, one is made. */
export function beginLegacy(
  world: World,
  workspaceId: string,
  id: string,
  stored: JsonObject,
  isNew: boolean,
): LegacyWork {
  const properties = objectAt(stored, "properties");
  const attached = textAt(properties, "resourceId");
  if (attached !== undefined) {
    const outcome = attachOutcome(world, workspaceId, properties, attached, isNew);
    return { outcome, seconds: 0, settle: () => finish(world, id, outcome, attached, isNew) };
  }
  const creation = createCluster(world, workspaceId, id.split("/").at(-1) ?? "", stored);
  const { clusterId } = creation;
  const late = clusterId === undefined ? undefined : installError(world, properties, clusterId);
  const outcome: Outcome = creation.outcome.status === "Succeeded" && late ? late : creation.outcome;
  return {
    outcome,
    seconds: world.knobs.managedClusterSeconds.create,
    settle: () => {
      creation.settle();
      if (clusterId !== undefined) finish(world, id, outcome, clusterId, isNew);
    },
  };
}

function attachOutcome(
  world: World,
  workspaceId: string,
  properties: JsonObject,
  clusterId: string,
  isNew: boolean,
): Outcome {
  const refusal = attachRefusal(world, workspaceId, properties);
  if (refusal) return { status: "Failed", error: refusal };
  const trouble = isNew ? routerTrouble(world, objectAt(properties, "properties"), clusterId) : undefined;
  if (trouble) return { status: "Failed", error: trouble };
  return installError(world, properties, clusterId) ?? { status: "Succeeded" };
}

function installError(world: World, properties: JsonObject, clusterId: string): Outcome | undefined {
  const inner = objectAt(properties, "properties");
  const cluster = world.store.get(clusterId);
  const region = textAt(cluster?.body, "location") ?? world.location;
  const error =
    lateTlsError(world, inner, clusterId, region) ?? (cluster && subnetError(world, inner, cluster));
  return error && { status: "Failed", error };
}

/** AML-Kubernetes, "attach-compute-on-aks-v1-cluster": what GET shows of a compute that works. */
function finish(world: World, id: string, outcome: Outcome, clusterId: string, isNew: boolean): void {
  const compute = world.store.get(id);
  const cluster = world.store.get(clusterId);
  if (!compute || !cluster || outcome.status !== "Succeeded") return;
  const region = textAt(cluster.body, "location") ?? world.location;
  const inner = objectAt(compute.body, "properties", "properties");
  const [pool] = agentPoolsOf(cluster.body);
  if (isNew && world.knobs.scoringIpAfterAttach === "new") world.landscape.move(clusterId);
  placeRouter(world, inner, clusterId, isNew);
  compute.body = merged(compute.body, {
    properties: {
      resourceId: clusterId,
      computeLocation: region,
      properties: {
        clusterFqdn: valueAt(cluster.body, "properties", "fqdn") ?? null,
        agentCount: machinesOf(world, cluster.body).count,
        agentVmSize: textAt(pool, "vmSize")?.toUpperCase() ?? null,
        sslConfiguration: null,
        systemServices: systemServices(world, inner, cluster),
      },
    },
  });
  objectAt(compute.body, "properties", "properties")["sslConfiguration"] = installedTls(
    world,
    inner,
    clusterId,
    region,
  );
  if (isNew) breakOthers(world, id, clusterId);
}

/** A5: each new attachment breaks the earlier ones, and nobody is told; knob secondAttachment. */
function breakOthers(world: World, id: string, clusterId: string): void {
  const { secondAttachment } = world.knobs;
  if (secondAttachment === "hidden") return;
  const others = world.store
    .list(TYPES.compute, "")
    .filter((one) => !sameId(one.id, id) && isLegacy(one.body))
    .filter((one) => sameId(textAt(one.body, "properties", "resourceId"), clusterId));
  for (const other of others) {
    const change: JsonObject =
      secondAttachment === "state"
        ? { provisioningState: "Failed" }
        : { properties: { systemServices: null } };
    other.body = merged(other.body, { properties: change });
  }
}

/** What a detach lets go of. */
export function forgetLegacy(world: World, id: string): void {
  const compute = world.store.get(id);
  if (!compute || !isLegacy(compute.body)) return;
  takeRouterAway(world, textAt(compute.body, "properties", "resourceId"));
  releaseLabel(world, compute.body, textAt(compute.body, "properties", "computeLocation") ?? world.location);
}

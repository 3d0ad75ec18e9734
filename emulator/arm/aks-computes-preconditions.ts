import type { ErrorBody } from "../errors.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { findVersion, isOfficial, versionsIn } from "./kubernetes-versions.ts";
import { covers, rangeOf } from "./managed-clusters-addresses.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import { vmSize } from "./skus.ts";

/** What a cluster must be for a compute of type AKS, and what the service says where it is not. */
export function legacyPrecondition(
  world: World,
  cluster: StoredResource,
  properties: JsonObject,
  workspaceLocation: string,
): ErrorBody | undefined {
  const state = textAt(cluster.body, "properties", "provisioningState");
  if (state !== "Succeeded") {
    return {
      code: "ClusterNotReachable",
      message: `The cluster '${cluster.name}' is in state ${String(state)}.`,
    };
  }
  return (
    versionError(world, cluster) ??
    accessError(world, cluster, workspaceLocation) ??
    capacityError(purposeOf(properties), machinesOf(world, cluster.body))
  );
}

/** A7: refused with the list of supported versions. The code is a guess. */
function versionError(world: World, cluster: StoredResource): ErrorBody | undefined {
  const location = textAt(cluster.body, "location") ?? world.location;
  const current = textAt(cluster.body, "properties", "currentKubernetesVersion") ?? "";
  const minor = current.split(".").slice(0, 2).join(".");
  const found = findVersion(world, location, minor);
  const longTerm = textAt(cluster.body, "properties", "supportPlan") === "AKSLongTermSupport";
  if (found && (isOfficial(found.entry) || longTerm)) return undefined;
  const supported = versionsIn(world, location).filter(isOfficial);
  return {
    code: "UnsupportedKubernetesVersion",
    message: `The cluster '${cluster.name}' runs Kubernetes ${current}, which is not supported. Supported versions: ${supported.map(({ version }) => version).join(", ")}.`,
  };
}

/** A8 and A9. */
function accessError(
  world: World,
  cluster: StoredResource,
  workspaceLocation: string,
): ErrorBody | undefined {
  const properties = objectAt(cluster.body, "properties");
  const access = objectAt(properties, "apiServerAccessProfile");
  const unreachable = (why: string): ErrorBody => ({
    code: "ClusterNotReachable",
    message: `The API server of cluster '${cluster.name}' can not be reached${why}.`,
  });
  if (access["enablePrivateCluster"] === true && access["enablePrivateClusterPublicFQDN"] === true) {
    return unreachable(": a private cluster with a public FQDN is not supported");
  }
  const given = access["authorizedIPRanges"];
  const ranges = Array.isArray(given) ? given.map((one) => rangeOf(String(one))) : [];
  if (ranges.length === 0 || world.knobs.authorizedRanges === "open") return undefined;
  const basic = textAt(properties, "networkProfile", "loadBalancerSku")?.toLowerCase() === "basic";
  const needed = world.landscape.controlPlaneRanges(workspaceLocation).map(rangeOf);
  const open = needed.every((one) => one && ranges.some((range) => range && covers(range, one)));
  return open && !basic ? undefined : unreachable("");
}

export interface Machines {
  count: number;
  cores: number;
}

/** Linux pools that run; knob capacityCounts. */
export function machinesOf(world: World, clusterBody: JsonObject): Machines {
  const running = agentPoolsOf(clusterBody).filter(
    (pool) => pool["osType"] !== "Windows" && (textAt(pool, "powerState", "code") ?? "Running") === "Running",
  );
  const counted = world.knobs.capacityCounts === "all" ? running : running.slice(0, 1);
  const machines = counted.map((pool) => {
    const count = Number(pool["count"] ?? 0);
    return { count, cores: count * (vmSize(textAt(pool, "vmSize") ?? "")?.vcpus ?? 0) };
  });
  return machines.reduce((sum, one) => ({ count: sum.count + one.count, cores: sum.cores + one.cores }), {
    count: 0,
    cores: 0,
  });
}

/** C3: unspecified means production. */
export function purposeOf(properties: JsonObject): string {
  return textAt(properties, "properties", "clusterPurpose") ?? "FastProd";
}

/** C4, worded as users saw it (azure-docs#55597). Codes are guesses. */
export function capacityError(purpose: string, machines: Machines): ErrorBody | undefined {
  const least = purpose === "DevTest" ? { count: 1, cores: 0 } : { count: 3, cores: 12 };
  if (machines.cores < least.cores) {
    return {
      code: "BadArgument",
      message: `Agent coresCluster should have at least ${least.cores} cores to operate.`,
    };
  }
  if (machines.count >= least.count) return undefined;
  return {
    code: "BadArgument",
    message: `At least ${least.count} machine(s) are required for cluster with purpose '${purpose}'. Available machine(s) : ${machines.count}`,
  };
}

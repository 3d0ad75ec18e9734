import type { ErrorBody } from "../errors.ts";
import { sameId } from "../ids.ts";
import { type JsonObject, objectAt, textAt, valueAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { findVersion, isOfficial, later, regionOf } from "./kubernetes-versions.ts";
import { networkProblem } from "./managed-clusters-networks.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import { isRestricted, usableSizes, vmSize } from "./skus.ts";

/**
 * What AKS refuses at once. Wordings are those of users' logs where a source is named; a code or wording without one is
 * a guess from AKS's habits.
 */
export interface WantedCluster {
  world: World;
  name: string;
  subscriptionId: string;
  location: string;
  body: JsonObject;
  existing: StoredResource | undefined;
  /** C5: the workspace asks for it, and may get what nobody else gets any more. */
  basicAllowed?: boolean;
}

/** The first reason, as AKS tells one at a time. */
export function clusterProblem(wanted: WantedCluster): ErrorBody | undefined {
  return (
    (wanted.existing ? changeProblem(wanted) : identityProblem(wanted)) ??
    poolProblem(wanted) ??
    versionProblem(wanted) ??
    accessProblem(wanted) ??
    networkProblem(wanted) ??
    quotaProblem(wanted)
  );
}

function missing(parameter: string): ErrorBody {
  return {
    code: "InvalidParameter",
    message: `Required parameter ${parameter} is missing (null).`,
    target: parameter,
  };
}

const invalid = (target: string, message: string): ErrorBody => ({
  code: "InvalidParameter",
  message,
  target,
});

function identityProblem({ body }: WantedCluster): ErrorBody | undefined {
  const type = textAt(body, "identity", "type") ?? "None";
  const principal = textAt(body, "properties", "servicePrincipalProfile", "clientId");
  if (type === "None" && principal === undefined) return missing("servicePrincipalProfile");
  const named = Object.keys(objectAt(body, "identity", "userAssignedIdentities"));
  if (type === "UserAssigned" && named.length !== 1) {
    return invalid(
      "identity.userAssignedIdentities",
      "A managed cluster takes one user assigned identity exactly.",
    );
  }
  const prefix = textAt(body, "properties", "dnsPrefix");
  if (prefix === undefined && textAt(body, "properties", "fqdnSubdomain") === undefined)
    return missing("dnsPrefix");
  // AKS documentation, "naming": 1 to 54 characters, letters, digits and dashes, the ends no dashes.
  if (prefix !== undefined && !/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/.test(prefix)) {
    return invalid("dnsPrefix", `The value of parameter dnsPrefix is invalid: '${prefix}'.`);
  }
  return undefined;
}

function poolProblem(wanted: WantedCluster): ErrorBody | undefined {
  const pools = agentPoolsOf(wanted.body);
  if (pools.length === 0) return wanted.existing ? undefined : missing("agentPoolProfiles");
  const names = pools.map((pool) => textAt(pool, "name"));
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined)
    return invalid("agentPoolProfile.name", `Agent pool name '${double}' is not unique.`);
  const found = pools.map((pool) => onePoolProblem(wanted, pool)).find((problem) => problem !== undefined);
  if (found) return found;
  return pools.some(({ mode }) => mode === "System")
    ? undefined
    : invalid("agentPoolProfile.mode", "Must define at least one system pool.");
}

function onePoolProblem({ world, subscriptionId, location }: WantedCluster, pool: JsonObject) {
  const name = textAt(pool, "name") ?? "";
  // arm-contract 2.
  if (!/^[a-z][a-z0-9]{0,11}$/.test(name)) {
    return invalid(
      "agentPoolProfile.name",
      `The value of parameter agentPoolProfile.name is invalid: '${name}'.`,
    );
  }
  const count = pool["count"] ?? 1;
  const lowest = pool["mode"] === "System" ? 1 : 0;
  if (typeof count !== "number" || count < lowest || count > 1000) {
    return invalid(
      "agentPoolProfile.count",
      `The value of parameter agentPoolProfile.count is invalid: ${String(count)}.`,
    );
  }
  const asked = textAt(pool, "vmSize");
  if (asked === undefined) return missing("agentPoolProfile.vmSize");
  const size = vmSize(asked);
  if (!size || isRestricted(world, asked)) return sizeRefusal(world, asked, subscriptionId, location);
  // AKS documentation, "use-system-pools": two vCPUs and 4 GB at least.
  if (pool["mode"] === "System" && (size.vcpus < 2 || size.memoryGb < 4)) {
    return {
      code: "SystemPoolSkuTooLow",
      message: `The VM SKU '${asked}' chosen for the system pool '${name}' has fewer than 2 vCPUs or 4 GB of memory.`,
    };
  }
  return undefined;
}

/** azure-cli#30887 and dotnet/core#8000: the two wordings. */
export function sizeRefusal(
  world: World,
  asked: string,
  subscriptionId: string,
  location: string,
): ErrorBody {
  const sizes = usableSizes(world).join(",");
  if (world.knobs.vmSizeRefusal === "BadRequest") {
    return {
      code: "BadRequest",
      message: `The VM size of ${asked} is not allowed in your subscription in location '${location}'. The available VM sizes are '${sizes}'. For more details, please visit https://aka.ms/aks/quotas-skus-regions`,
    };
  }
  return {
    code: "VMSizeNotSupported",
    message: `Virtual Machine size: '${asked}' is not supported for subscription ${subscriptionId} in location '${location}'. The available VM sizes are '${sizes}'`,
  };
}

/** pulumi-azure-native#3550 for the wording. An upgrade skips no minor version and never goes back. */
function versionProblem({ world, name, location, body, existing }: WantedCluster): ErrorBody | undefined {
  const asked = textAt(body, "properties", "kubernetesVersion");
  const current = textAt(existing?.body, "properties", "currentKubernetesVersion");
  if (!asked || asked === current || current?.startsWith(`${asked}.`)) return undefined;
  const found = findVersion(world, location, asked);
  const plan = textAt(body, "properties", "supportPlan");
  if (!found) {
    return {
      code: "K8sVersionNotSupported",
      message: `Managed cluster ${name} is on version ${asked} which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list`,
    };
  }
  if (
    !isOfficial(found.entry) &&
    (plan !== "AKSLongTermSupport" || textAt(body, "sku", "tier") !== "Premium")
  ) {
    return {
      code: "K8sVersionNotSupported",
      message: `Managed cluster ${name} is on version ${found.patch}, which is only available for Long-Term Support (LTS). If you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan.`,
    };
  }
  if (current === undefined || later(found.patch, current)) return undefined;
  return {
    code: "OperationNotAllowed",
    message: `Downgrading cluster from version ${current} to ${found.patch} is not allowed.`,
  };
}

function accessProblem({ body }: WantedCluster): ErrorBody | undefined {
  const access = objectAt(body, "properties", "apiServerAccessProfile");
  const given = access["authorizedIPRanges"];
  const ranges = Array.isArray(given) ? given.map(String) : [];
  const basic = textAt(body, "properties", "networkProfile", "loadBalancerSku") === "basic";
  // azure-docs#43114.
  if (ranges.length > 0 && basic) {
    return {
      code: "BadRequest",
      message: `Setting apiServerAuthorizedIPRanges [${ranges.join(" ")}] is not allowed with basic load balancer. Please recreate cluster with standard load balancer. Refer to https://aka.ms/aks/whitelist for more details`,
    };
  }
  const isPrivate = access["enablePrivateCluster"] === true;
  // AKS documentation, "private-clusters", limitations.
  if (ranges.length > 0 && isPrivate) {
    return invalid(
      "apiServerAccessProfile.authorizedIPRanges",
      "Authorized IP ranges are not supported for private clusters.",
    );
  }
  if (isPrivate && basic) {
    return invalid("networkProfile.loadBalancerSku", "A private cluster requires a standard load balancer.");
  }
  if (!isPrivate && access["enablePrivateClusterPublicFQDN"] === true) {
    return invalid(
      "apiServerAccessProfile.enablePrivateClusterPublicFQDN",
      "enablePrivateClusterPublicFQDN is for private clusters only.",
    );
  }
  return undefined;
}

/** Users' logs: "left regional vcpu quota 0, requested quota 2". */
function quotaProblem(wanted: WantedCluster): ErrorBody | undefined {
  const { world, location } = wanted;
  const { left, requested } = quota(wanted);
  if (world.knobs.quotaRefusal !== "ErrCode_InsufficientVCPUQuota" || requested <= left) return undefined;
  return {
    code: "ErrCode_InsufficientVCPUQuota",
    message: `Insufficient regional vcpu quota left for location ${location}. left regional vcpu quota ${left}, requested quota ${requested}. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas.`,
  };
}

export interface Quota {
  limit: number;
  used: number;
  left: number;
  requested: number;
}

/** What the subscription's clusters use in the region, and what this one wants more than it has. */
export function quota({ world, subscriptionId, location, body, existing }: WantedCluster): Quota {
  const limit = world.knobs.vcpuQuota ?? Number.POSITIVE_INFINITY;
  const clusters = world.store
    .list("Microsoft.ContainerService/managedClusters", `/subscriptions/${subscriptionId}`)
    .filter((one) => regionOf(textAt(one.body, "location") ?? "") === location);
  const others = clusters.filter(({ id }) => !sameId(id, existing?.id));
  const vcpus = (of: JsonObject) => coresOf(of).reduce((sum, cores) => sum + cores, 0);
  const before = existing ? vcpus(existing.body) : 0;
  const used = others.reduce((sum, one) => sum + vcpus(one.body), before);
  const wanted = agentPoolsOf(body).length > 0 ? vcpus(body) : before;
  return { limit, used, left: Math.max(0, limit - used), requested: wanted - before };
}

/** The vCPUs of each pool. */
export function coresOf(body: JsonObject): number[] {
  return agentPoolsOf(body).map(
    (pool) => Number(pool["count"] ?? 1) * (vmSize(textAt(pool, "vmSize") ?? "")?.vcpus ?? 0),
  );
}

const FIXED: readonly (readonly string[])[] = [
  ["dnsPrefix"],
  ["nodeResourceGroup"],
  ["networkProfile", "networkPlugin"],
  ["networkProfile", "serviceCidr"],
  ["networkProfile", "dnsServiceIP"],
  ["networkProfile", "loadBalancerSku"],
  ["apiServerAccessProfile", "enablePrivateCluster"],
];

/** C9: the count can change, the size never (AKS documentation, PropertyChangeNotAllowed). */
function changeProblem({ body, existing }: WantedCluster): ErrorBody | undefined {
  if (!existing) return undefined;
  const of = (from: JsonObject, path: readonly string[]) => valueAt(from, "properties", ...path);
  const changed = FIXED.find((path) => {
    const wanted = of(body, path);
    const before = of(existing.body, path) ?? (path.includes("enablePrivateCluster") ? false : undefined);
    return wanted !== undefined && wanted !== null && before !== undefined && before !== wanted;
  });
  if (changed) return fixed(changed.join("."));
  const before = agentPoolsOf(existing.body);
  const grown = agentPoolsOf(body).find((pool) => {
    const same = before.find((one) => one["name"] === pool["name"]);
    const asked = textAt(pool, "vmSize")?.toLowerCase();
    return same && asked !== undefined && asked !== textAt(same, "vmSize")?.toLowerCase();
  });
  return grown ? fixed("agentPoolProfile.vmSize") : undefined;
}

function fixed(property: string): ErrorBody {
  return {
    code: "PropertyChangeNotAllowed",
    message: `Changing property 'properties.${property}' is not allowed.`,
    target: `properties.${property}`,
  };
}

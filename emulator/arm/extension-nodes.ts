import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { ClusterTypeName } from "./extension-releases.ts";
import type { ExtensionSettings } from "./extension-settings.ts";

/** A group of equal nodes of a cluster. */
export interface NodePool {
  count: number;
  windows: boolean;
  /** Undefined: nobody told Azure, as on Arc. */
  labels: Record<string, string> | undefined;
  /** `key=value:Effect` */
  taints: string[];
}

/** What an installation meets: the cluster as Azure knows it. */
export interface ClusterTraits {
  type: ClusterTypeName;
  distribution: string;
  kubernetesVersion: string;
  pools: NodePool[];
  /** Stopped or offline clusters have no agent that Azure could reach (extension 3). */
  reachable: boolean;
}

export function clusterTraits(cluster: StoredResource): ClusterTraits {
  const properties = objectAt(cluster.body, "properties");
  const onAks = /managedClusters/i.test(cluster.type);
  const kubernetesVersion =
    textAt(properties, "currentKubernetesVersion") ?? textAt(properties, "kubernetesVersion") ?? "";
  if (onAks) {
    const reachable = (textAt(properties, "powerState", "code") ?? "Running") === "Running";
    const pools = aksPools(properties);
    return { type: "managedCluster", distribution: "AKS", kubernetesVersion, pools, reachable };
  }
  return {
    type: "connectedCluster",
    distribution: textAt(properties, "distribution") ?? "generic",
    kubernetesVersion,
    pools: [
      { count: Number(properties["totalNodeCount"] ?? 0), windows: false, labels: undefined, taints: [] },
    ],
    reachable: (textAt(properties, "connectivityStatus") ?? "Connected") === "Connected",
  };
}

/** arm-contract 2. A stopped pool has no nodes. */
function aksPools(properties: JsonObject): NodePool[] {
  const profiles = properties["agentPoolProfiles"];
  const pools = Array.isArray(profiles) ? profiles.filter(isObject) : [];
  return pools
    .filter((pool) => textAt(pool, "powerState", "code") !== "Stopped")
    .map((pool) => ({
      count: Number(pool["count"] ?? 0),
      windows: textAt(pool, "osType") === "Windows",
      labels: aksLabels(pool),
      taints: Array.isArray(pool["nodeTaints"]) ? pool["nodeTaints"].map(String) : [],
    }));
}

/** The labels that every node has, those of AKS, and those of the pool. */
function aksLabels(pool: JsonObject): Record<string, string> {
  const name = textAt(pool, "name") ?? "";
  const own = Object.entries(objectAt(pool, "nodeLabels")).map(([key, value]) => [key, String(value)]);
  return {
    "kubernetes.io/os": textAt(pool, "osType") === "Windows" ? "windows" : "linux",
    "kubernetes.io/arch": "amd64",
    agentpool: name,
    "kubernetes.azure.com/agentpool": name,
    "kubernetes.azure.com/mode": (textAt(pool, "mode") ?? "User").toLowerCase(),
    "node.kubernetes.io/instance-type": textAt(pool, "vmSize") ?? "",
    ...Object.fromEntries(own),
  };
}

/** Keys of taints that the extension's pods tolerate (extension 9). */
const TOLERATED = /^ml\.azure\.com\/(amlarc(-system|-workload)?|resource-group|workspace|compute)$/;

export function isTolerated(pool: NodePool): boolean {
  return pool.taints
    .filter((taint) => !taint.endsWith(":PreferNoSchedule"))
    .every((taint) => TOLERATED.test(taint.split(/[=:]/)[0] ?? ""));
}

/** Labels that Azure doesn't know are taken to be there: only the cluster could say (a breakage does). */
export function isSelected(pool: NodePool, settings: ExtensionSettings): boolean {
  const labels = pool.labels;
  return settings.nodeSelector().every(([label, value]) => labels === undefined || labels[label] === value);
}

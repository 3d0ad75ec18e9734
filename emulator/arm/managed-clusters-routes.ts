import { getUpgradeProfile, listKubernetesVersions } from "./kubernetes-versions.ts";
import { deleteManagedCluster, patchManagedCluster, putManagedCluster } from "./managed-clusters.ts";
import { getAgentPool, listAgentPools } from "./managed-clusters-pools.ts";
import type { Route } from "./routes.ts";
import { listSkus } from "./skus.ts";

/** What the legacy AKS path needs beside the computes: clusters, their pools and versions, VM sizes (arm-contract 2). */

const S = "/subscriptions/{subscriptionId}";
const AKS = "Microsoft.ContainerService/managedClusters";
const M = `${S}/resourceGroups/{resourceGroup}/providers/${AKS}/{cluster}`;

const get = (path: string, action: string, handler: Route["handler"]): Route => ({
  method: "GET",
  path,
  versions: "containerService",
  action,
  query: [],
  handler,
});
const write = (method: "PUT" | "PATCH", handler: Route["handler"]): Route => ({
  method,
  path: M,
  versions: "containerService",
  action: `${AKS}/write`,
  query: [],
  body: "required",
  handler,
});

export const LEGACY_ROUTES: readonly Route[] = [
  write("PUT", putManagedCluster),
  write("PATCH", patchManagedCluster),
  {
    method: "DELETE",
    path: M,
    versions: "containerService",
    action: `${AKS}/delete`,
    query: ["ignore-pod-disruption-budget"],
    handler: deleteManagedCluster,
  },
  get(`${M}/agentPools`, `${AKS}/agentPools/read`, listAgentPools),
  get(`${M}/agentPools/{agentPool}`, `${AKS}/agentPools/read`, getAgentPool),
  get(`${M}/upgradeProfiles/default`, `${AKS}/upgradeProfiles/read`, getUpgradeProfile),
  get(
    `${S}/providers/Microsoft.ContainerService/locations/{location}/kubernetesVersions`,
    "Microsoft.ContainerService/locations/kubernetesVersions/read",
    listKubernetesVersions,
  ),
  {
    method: "GET",
    path: `${S}/providers/Microsoft.Compute/skus`,
    versions: "skus",
    action: "Microsoft.Compute/skus/read",
    query: ["$filter", "includeExtendedLocations", "$skiptoken"],
    handler: listSkus,
  },
];

import { glance } from "../azure/arm.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import {
  type ArcConfig,
  byAgents,
  byNode,
  byServer,
  type ClusterIdentity,
} from "../model/cluster-identity.ts";
import type { ObservedCluster } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { parseResourceId, type ResourceId } from "../model/resource-id.ts";
import type { ClusterApi } from "./cluster-api.ts";
import { readKubeconfig } from "./kubeconfig.ts";

interface Nodes {
  readonly items?: readonly { readonly spec?: { readonly providerID?: string } }[] | null;
}

interface ConfigMap {
  readonly data?: ArcConfig | null;
}

/**
 * Whether the kubeconfig that was given leads to the cluster that is meant: what is written into another one is lost
 * there, and what is deleted there is somebody else's. Without a kubeconfig Azure itself tells the way.
 */
export async function identify(
  kubeconfig: string | undefined,
  clusterId: string,
  { kind, seen }: ObservedCluster,
  api: ClusterApi,
  signal: AbortSignal,
): Promise<ClusterIdentity> {
  const place = parseResourceId(clusterId);
  if (!kubeconfig || !place) return { is: "same" };
  if (kind === "arc") return ofArc(place, api, signal);
  const cluster = kind === "aks" ? present(seen) : undefined;
  if (!cluster) return { is: "unknown", why: "the cluster can't be read in Azure" };
  return ofAks(kubeconfig, cluster, place, api, signal);
}

async function ofAks(
  kubeconfig: string,
  cluster: ManagedCluster,
  place: ResourceId,
  api: ClusterApi,
  signal: AbortSignal,
): Promise<ClusterIdentity> {
  const { server, tls } = readKubeconfig(kubeconfig);
  const names = [new URL(server).hostname, tls.servername].filter((name) => name !== undefined);
  const told = byServer(names, cluster);
  if (told) return told;
  const nodes = await glance(() => api.get<Nodes>("/api/v1/nodes?limit=1"), signal);
  return byNode(present(nodes)?.items?.[0]?.spec?.providerID, cluster, place);
}

/** Every cluster with Arc's agents has it, and they live by it. */
async function ofArc(place: ResourceId, api: ClusterApi, signal: AbortSignal): Promise<ClusterIdentity> {
  const path = "/api/v1/namespaces/azure-arc/configmaps/azure-clusterconfig";
  const config = await glance(() => api.get<ConfigMap>(path), signal);
  if (config.is === "absent") return { is: "other", why: "it has no Arc agents" };
  if (config.is === "denied") {
    return { is: "unknown", why: `what its Arc agents belong to can't be read: ${config.why.message}` };
  }
  return byAgents(config.value.data ?? {}, place);
}

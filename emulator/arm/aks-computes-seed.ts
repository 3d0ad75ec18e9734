import { type JsonObject, merged, objectAt, textAt, valueAt } from "../json.ts";
import type { World } from "../world.ts";
import { machinesOf } from "./aks-computes-preconditions.ts";
import { placeRouter } from "./aks-computes-router.ts";
import { systemServices } from "./aks-computes-services.ts";
import { installedTls, keepSecret } from "./aks-computes-tls.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";

/** A legacy attachment that is there already, as GET shows one that works. */
export interface AksComputeSeed {
  name: string;
  /** The cluster that it stands for. */
  resourceId: string;
  /** False: the workspace made the cluster. */
  isAttachedCompute?: boolean;
  clusterPurpose?: "FastProd" | "DenseProd" | "DevTest";
  loadBalancerType?: "PublicIp" | "InternalLoadBalancer";
  loadBalancerSubnet?: string;
  /** As it was once sent: own (`status: Enabled`, with `cert`, `key`, `cname`) or Microsoft's (`Auto`, `leafDomainLabel`). */
  sslConfiguration?: JsonObject;
  tags?: JsonObject;
  /** Merged into `properties`, over everything else. */
  properties?: JsonObject;
}

/** Adds a compute of type AKS; its label and its key become those of the world. */
export function addAksCompute(world: World, workspaceId: string, seed: AksComputeSeed): string {
  const cluster = world.store.get(seed.resourceId);
  if (!cluster) throw new Error(`there is no cluster ${seed.resourceId}`);
  const location = textAt(cluster.body, "location") ?? world.location;
  const inner: JsonObject = {
    clusterPurpose: seed.clusterPurpose ?? "FastProd",
    loadBalancerType: seed.loadBalancerType ?? "PublicIp",
    loadBalancerSubnet: seed.loadBalancerSubnet ?? null,
    sslConfiguration: seed.sslConfiguration ?? null,
  };
  keepSecret(world, inner);
  placeRouter(world, inner, cluster.id, true);
  const [pool] = agentPoolsOf(cluster.body);
  const made: JsonObject = {
    clusterFqdn: valueAt(cluster.body, "properties", "fqdn") ?? null,
    agentCount: machinesOf(world, cluster.body).count,
    agentVmSize: textAt(pool, "vmSize")?.toUpperCase() ?? null,
    systemServices: systemServices(world, inner, cluster),
    sslConfiguration: installedTls(world, inner, cluster.id, location),
  };
  const properties: JsonObject = {
    computeType: "AKS",
    description: null,
    resourceId: cluster.id,
    computeLocation: location,
    isAttachedCompute: seed.isAttachedCompute ?? true,
    properties: { ...inner, ...made },
  };
  const workspace = world.store.get(workspaceId);
  return world.addCompute(workspaceId, {
    name: seed.name,
    location: textAt(workspace?.body, "location") ?? world.location,
    properties: merged(properties, objectAt(seed.properties)),
    ...(seed.tags && { tags: seed.tags }),
  });
}

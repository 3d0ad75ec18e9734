import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { World } from "../world.ts";
import type { ApiCall } from "./api.ts";
import type { KubernetesCluster } from "./cluster.ts";
import { withMetadata } from "./objects.ts";
import { typeOfKind } from "./resource-types.ts";

/**
 * A service of type LoadBalancer is not gone with its DELETE: a finalizer holds it until the cloud's load balancer is
 * cleaned up (Kubernetes documentation, "Create an External Load Balancer", garbage collecting).
 */

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

/** Whether a load balancer hangs on an object. */
export function hasBalancer(object: JsonObject): boolean {
  return object["kind"] === "Service" && textAt(object, "spec", "type") === "LoadBalancer";
}

/** What a DELETE makes of such a service; a second one changes nothing. */
export function startCleanup({ world, cluster, type }: ApiCall, service: JsonObject): JsonObject {
  if (goingSince(service) !== undefined) return service;
  const deletionTimestamp = new Date(world.clock.now()).toISOString();
  return cluster.objects.write(type, withMetadata(service, { deletionTimestamp, finalizers: [FINALIZER] }));
}

/** Takes away the services whose load balancers are gone by now. */
export function finishCleanups(world: World, cluster: KubernetesCluster): void {
  const over = world.clock.now() - world.knobs.balancerCleanupSeconds * 1000;
  for (const service of cluster.all("Service")) {
    const since = goingSince(service);
    if (since === undefined || since > over) continue;
    const { namespace, name } = objectAt(service, "metadata");
    cluster.objects.delete(typeOfKind("Service"), String(namespace), String(name));
  }
}

function goingSince(object: JsonObject): number | undefined {
  const at = textAt(object, "metadata", "deletionTimestamp");
  return at === undefined ? undefined : Date.parse(at);
}

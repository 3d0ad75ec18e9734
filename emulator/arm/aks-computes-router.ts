import type { ErrorBody } from "../errors.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import {
  installRouter,
  oldCertificate,
  type RouterMaterial,
  removeRouter,
} from "../kubernetes/legacy-router.ts";
import type { World } from "../world.ts";

/** What a compute of type AKS is in its cluster: a router, which a detach leaves behind (extension 8). */

/** Knob attachOverOldCertificate: what an attach with an own certificate meets. The words are a guess. */
export function routerTrouble(world: World, inner: JsonObject, clusterId: string): ErrorBody | undefined {
  const tls = materialOf(inner);
  const old = oldCertificate(world, clusterId);
  const differs = tls !== undefined && old !== undefined && old !== tls.cert;
  if (!differs || world.knobs.attachOverOldCertificate !== "fail") return undefined;
  const message =
    "The cluster has objects of an earlier attachment in namespace default: secret azuremlfessl. Remove them and attach again.";
  return { code: "BadArgument", message };
}

/** An attach that succeeds, or a change of one, brings the router up. */
export function placeRouter(world: World, inner: JsonObject, clusterId: string, isNew: boolean): void {
  const tls = materialOf(inner);
  const isOld = oldCertificate(world, clusterId) !== undefined;
  const staysOld = isNew && isOld && world.knobs.attachOverOldCertificate !== "replace";
  // AML-Kubernetes, "attach-compute-on-aks-v1-cluster": three replicas in production.
  const replicas = textAt(inner, "clusterPurpose") === "DevTest" ? 1 : 3;
  installRouter(world, clusterId, replicas, staysOld ? undefined : tls);
}

/** Knob routerAfterDetach. */
export function takeRouterAway(world: World, clusterId: string | undefined): void {
  if (clusterId === undefined || world.knobs.routerAfterDetach === "kept") return;
  removeRouter(world.clusters.of(clusterId));
}

function materialOf(inner: JsonObject): RouterMaterial | undefined {
  const ssl = objectAt(inner, "sslConfiguration");
  const [cert, key] = [textAt(ssl, "cert"), textAt(ssl, "key")];
  return textAt(ssl, "status") === "Enabled" && cert && key ? { cert, key } : undefined;
}

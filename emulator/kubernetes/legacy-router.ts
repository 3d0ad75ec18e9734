import { type JsonObject, textAt } from "../json.ts";
import type { World } from "../world.ts";
import type { KubernetesCluster } from "./cluster.ts";

/** The router of a compute of type AKS: the eight objects that its attach makes in namespace `default` (extension 8). */

const NAMESPACE = "default";
const NAME = "azureml-fe";
const SECRET = "azuremlfessl";

/** Kind, name and whether it has a namespace. The API knows no order among them. */
const OBJECTS: readonly (readonly [kind: string, name: string, namespaced: boolean])[] = [
  ["ServiceAccount", NAME, true],
  ["Deployment", NAME, true],
  ["Service", NAME, true],
  ["Service", "azureml-fe-int-http", true],
  ["ClusterRole", "azureml-fe-role", false],
  ["ClusterRoleBinding", "azureml-fe-binding", false],
  ["Secret", SECRET, true],
  ["ConfigMap", "azuremlfeconfig", true],
];

/** Certificate and key that an attach brings. */
export interface RouterMaterial {
  cert: string;
  key: string;
}

/**
 * What an attach leaves in the cluster. The secret is there with an own certificate alone: that Microsoft's is not kept
 * in it is simplified, and so is that the deployment has no pods of its own to be seen.
 */
export function installRouter(world: World, clusterId: string, replicas: number, tls?: RouterMaterial): void {
  const cluster = world.clusters.of(clusterId);
  for (const [kind, name, namespaced] of OBJECTS) {
    if (kind === "Secret" && !tls) continue;
    const data = kind === "Secret" && tls ? { type: "Opaque", data: secretData(tls) } : {};
    const found = cluster.get(kind, namespaced ? NAMESPACE : "", name);
    // A deployment that stands is changed, the rest stays as it is (guess); the secret is judged by its caller.
    if (found && kind !== "Deployment" && kind !== "Secret") continue;
    const metadata = { name, ...(namespaced && { namespace: NAMESPACE }), labels: { app: NAME } };
    const rest = kind === "Deployment" ? deployment(replicas) : kind === "Service" ? service(name) : data;
    cluster.put({ apiVersion: apiVersionOf(kind), kind, metadata, ...rest });
  }
}

/** The certificate that an earlier attachment left in the cluster. */
export function oldCertificate(world: World, clusterId: string): string | undefined {
  const data = textAt(world.clusters.of(clusterId).get("Secret", NAMESPACE, SECRET), "data", "cert.pem");
  return data === undefined ? undefined : Buffer.from(data, "base64").toString("utf8");
}

/** Knob routerAfterDetach. */
export function removeRouter(cluster: KubernetesCluster): void {
  for (const [kind, name, namespaced] of OBJECTS) cluster.remove(kind, namespaced ? NAMESPACE : "", name);
}

/** The router itself is reached through a load balancer, `azureml-fe-int-http` from within the cluster alone (guess). */
function service(name: string): JsonObject {
  return { spec: { type: name === NAME ? "LoadBalancer" : "ClusterIP", selector: { app: NAME } } };
}

function deployment(replicas: number): JsonObject {
  return {
    spec: { replicas, selector: { matchLabels: { app: NAME } } },
    status: { observedGeneration: 1, replicas, readyReplicas: replicas, availableReplicas: replicas },
  };
}

function secretData({ cert, key }: RouterMaterial): JsonObject {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return { "cert.pem": base64(cert), "key.pem": base64(key) };
}

function apiVersionOf(kind: string): string {
  if (kind.startsWith("ClusterRole")) return "rbac.authorization.k8s.io/v1";
  return kind === "Deployment" ? "apps/v1" : "v1";
}

import { type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import type { Denial, KubernetesCluster, User } from "./cluster.ts";
import { RESOURCE_TYPES, type ResourceType } from "./resource-types.ts";
import { forbidden } from "./status.ts";

/** One thing that somebody wants to do. */
export interface Deed {
  verb: string;
  type: ResourceType;
  subresource?: string | undefined;
  /** Undefined: in the whole cluster. */
  namespace: string | undefined;
  /** Empty for a collection. */
  name: string;
}

/** Refuses what the cluster's denials refuse; everything else is allowed, as to a cluster's administrator. */
export function authorize(cluster: KubernetesCluster, user: User, deed: Deed): void {
  if (isAllowed(cluster, resourceOf(deed), deed.verb, deed.namespace)) return;
  throw forbidden({ ...deed, user: user.name });
}

function resourceOf({ type, subresource }: Deed): string {
  return subresource ? `${type.plural}/${subresource}` : type.plural;
}

function isAllowed(
  cluster: KubernetesCluster,
  resource: string,
  verb: string,
  namespace: string | undefined,
): boolean {
  return !cluster.denials.some(
    (denial) =>
      (denial.namespace === undefined || denial.namespace === namespace) && speaksOf(denial, resource, verb),
  );
}

/** Whoever asks for every verb or resource is refused when one of them is. */
function speaksOf(denial: Denial, resource: string, verb: string): boolean {
  const same = (one: string, other: string) => one === "*" || other === "*" || one === other;
  return same(denial.verb, verb) && same(denial.resource, resource);
}

/** `POST selfsubjectaccessreviews`: may I? */
export function accessReview(cluster: KubernetesCluster, body: JsonObject): JsonObject {
  const asked = objectAt(body, "spec", "resourceAttributes");
  const resource = [textAt(asked, "resource") ?? "", textAt(asked, "subresource")].filter(Boolean).join("/");
  const namespace = textAt(asked, "namespace");
  const allowed = isAllowed(cluster, resource, textAt(asked, "verb") ?? "", namespace || undefined);
  return {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    metadata: { creationTimestamp: null },
    spec: body["spec"] ?? {},
    status: allowed
      ? { allowed, reason: 'RBAC: allowed by ClusterRoleBinding "aks-cluster-admin-binding"' }
      : { allowed },
  };
}

/** `POST selfsubjectrulesreviews`: what may I do in this namespace? */
export function rulesReview(cluster: KubernetesCluster, body: JsonObject): JsonObject {
  const namespace = textAt(body, "spec", "namespace") ?? "default";
  return {
    kind: "SelfSubjectRulesReview",
    apiVersion: "authorization.k8s.io/v1",
    metadata: { creationTimestamp: null },
    spec: {},
    status: {
      resourceRules: resourceRules(cluster, namespace),
      nonResourceRules: [
        { verbs: ["get"], nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/version"] },
      ],
      incomplete: false,
    },
  };
}

function resourceRules(cluster: KubernetesCluster, namespace: string): Json[] {
  if (cluster.denials.length === 0) return [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }];
  const ruled = RESOURCE_TYPES.flatMap(({ group, plural, verbs }) =>
    [plural, ...(plural === "pods" ? ["pods/log"] : [])].map((resource) => ({
      verbs: verbs.filter((verb) => isAllowed(cluster, resource, verb, namespace)),
      apiGroups: [group],
      resources: [resource],
    })),
  );
  return ruled.filter(({ verbs }) => verbs.length > 0);
}

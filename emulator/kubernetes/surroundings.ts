import type { JsonObject } from "../json.ts";
import { choicesOf, EXTENSION_NAMESPACE, isToday, privilegedAccounts } from "./components.ts";
import { type ClusterFacts, type InstalledExtension, isBroken } from "./facts.ts";
import { type Workload, workload, zulu } from "./plan.ts";
import { helmAnnotations } from "./workloads.ts";

/** What is in every cluster, and what the extension brings besides workloads. */

const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** The namespaces of a cluster without the extension: its own, Arc's, and those of attached computes. */
export function ownNamespaces(facts: ClusterFacts): string[] {
  const arc = facts.onAks ? [] : ["azure-arc"];
  const computes = isBroken(facts, "compute-namespace-missing") ? [] : facts.computeNamespaces;
  return [...new Set([...SYSTEM_NAMESPACES, ...arc, ...computes])].filter(
    (one) => one !== EXTENSION_NAMESPACE,
  );
}

export function namespaceObject(
  facts: ClusterFacts,
  name: string,
  phase: string,
  held: string[],
): JsonObject {
  const condition = (message: string) => ({
    type: message.startsWith("Some content") ? "NamespaceFinalizersRemaining" : "NamespaceContentRemaining",
    status: "True",
    reason: message.startsWith("Some content") ? "SomeFinalizersRemain" : "SomeResourcesRemain",
    message,
    lastTransitionTime: zulu(facts.since),
  });
  const going = phase === "Terminating" ? { deletionTimestamp: zulu(facts.since) } : {};
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: { "kubernetes.io/metadata.name": name },
      creationTimestamp: zulu(facts.since),
      ...going,
    },
    spec: { finalizers: ["kubernetes"] },
    status: { phase, ...(held.length > 0 && { conditions: held.map(condition) }) },
  };
}

/** What Arc's agents go by (source of the Azure CLI's connectedk8s, which compares it before it deletes a cluster). */
export function arcConfig(facts: ClusterFacts): JsonObject[] {
  if (facts.onAks) return [];
  const [, , subscription = "", , group = ""] = facts.id.split("/");
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "azure-clusterconfig",
        namespace: "azure-arc",
        creationTimestamp: zulu(facts.since),
      },
      data: {
        AZURE_SUBSCRIPTION_ID: subscription,
        AZURE_RESOURCE_GROUP: group,
        AZURE_RESOURCE_NAME: facts.name,
        AZURE_REGION: facts.location,
      },
    },
  ];
}

/** The pods that a cluster needs for itself; on AKS the extension's agents run among them (extension 15). */
export function systemWorkloads(facts: ClusterFacts): Workload[] {
  const system = (name: string, cpu: number, memory: number, more: Partial<Workload> = {}) =>
    workload({
      kind: "Deployment",
      namespace: facts.onAks || !more.labels?.["arc"] ? "kube-system" : "azure-arc",
      name,
      cpu,
      memory,
      createdAt: facts.since,
      tolerates: ["*"],
      ...more,
      labels: { "k8s-app": name, ...more.labels },
    });
  return [
    system("kube-proxy", 100, 0, { kind: "DaemonSet" }),
    system("azure-cns", 40, 250, { kind: "DaemonSet" }),
    system("coredns", 100, 70, { replicas: 2 }),
    system("metrics-server", 50, 100, { replicas: 2 }),
    system("extension-agent", 50, 100, { labels: { arc: "agent" } }),
    system("extension-operator", 50, 100, { labels: { arc: "agent" } }),
  ];
}

/** Service accounts of a namespace; the extension brings the ones that OpenShift's grants name (extension 9). */
export function serviceAccount(facts: ClusterFacts, namespace: string, name: string): JsonObject {
  const metadata = { name, namespace, creationTimestamp: zulu(facts.since) };
  return { apiVersion: "v1", kind: "ServiceAccount", metadata };
}

/** What the extension brings to the whole cluster: definitions, roles, the webhook of its ingress. */
export function clusterObjects(facts: ClusterFacts, extension: InstalledExtension): JsonObject[] {
  const choices = choicesOf(facts, extension);
  const ingress = isToday(extension.version) && choices.inference && choices.ingress;
  return [
    definition(facts, "amlarc.azureml.com", "instancetypes", "InstanceType"),
    definition(facts, "amlarc.azureml.com", "amljobs", "AmlJob"),
    ...(choices.promOp ? [definition(facts, "monitoring.coreos.com", "prometheuses", "Prometheus")] : []),
    ...(choices.training && choices.volcano ? [definition(facts, "batch.volcano.sh", "jobs", "Job")] : []),
    ...ownedRoles(extension, ["amlarc-operator-role", ...(ingress ? ["azureml-ingress-nginx"] : [])]),
    ...(facts.knobs.ownsRouterRole && choices.inference ? ownedRoles(extension, ["azureml-fe-role"]) : []),
    ...(ingress ? [ingressWebhook(extension)] : []),
  ];
}

export function definition(facts: ClusterFacts, group: string, plural: string, kind: string): JsonObject {
  const version = group === "amlarc.azureml.com" ? "v1alpha1" : "v1";
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, creationTimestamp: zulu(facts.since) },
    spec: {
      group,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: kind === "Job" || kind === "AmlJob" ? "Namespaced" : "Cluster",
      versions: [{ name: version, served: true, storage: true }],
    },
    status: { conditions: [{ type: "Established", status: "True" }], storedVersions: [version] },
  };
}

function ownedRoles({ name, createdAt }: InstalledExtension, roles: string[]): JsonObject[] {
  return roles.map((role) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: {
      name: role,
      labels: { "app.kubernetes.io/managed-by": "Helm" },
      annotations: helmAnnotations(name, EXTENSION_NAMESPACE),
      creationTimestamp: zulu(createdAt),
    },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
  }));
}

export function ingressWebhook({ name, createdAt }: InstalledExtension): JsonObject {
  const service = {
    namespace: EXTENSION_NAMESPACE,
    name: "azureml-ingress-nginx-controller-admission",
    path: "/networking/v1/ingresses",
  };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: {
      name: "azureml-ingress-nginx-admission",
      annotations: helmAnnotations(name, EXTENSION_NAMESPACE),
      creationTimestamp: zulu(createdAt),
    },
    webhooks: [
      { name: "validate.nginx.ingress.kubernetes.io", clientConfig: { service }, failurePolicy: "Fail" },
    ],
  };
}

/** How Helm keeps its releases (Helm documentation: secrets `sh.helm.release.v1.<release>.v<n>`). */
export function helmRelease(extension: InstalledExtension, revision: number, status: string): JsonObject {
  const { name, version, createdAt } = extension;
  const release = Buffer.from(JSON.stringify({ name, version, chart: "amlarc-extension" })).toString(
    "base64",
  );
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "helm.sh/release.v1",
    metadata: {
      name: `sh.helm.release.v1.${name}.v${revision}`,
      namespace: EXTENSION_NAMESPACE,
      labels: { owner: "helm", name, status, version: String(revision) },
      creationTimestamp: zulu(createdAt),
    },
    data: { release: Buffer.from(release).toString("base64") },
  };
}

/** The privileged security context of OpenShift, granted to whom the extension needs (extension 9, X8). */
export function securityContext(facts: ClusterFacts): JsonObject[] {
  if (facts.distribution !== "openshift") return [];
  const granted = isBroken(facts, "openshift-without-scc") ? [] : privileged(facts);
  const inConstraint = facts.knobs.grantedBy === "constraint" ? granted : [];
  const users = inConstraint.map(([namespace, name]) => `system:serviceaccount:${namespace}:${name}`);
  return [
    definition(facts, "security.openshift.io", "securitycontextconstraints", "SecurityContextConstraints"),
    {
      apiVersion: "security.openshift.io/v1",
      kind: "SecurityContextConstraints",
      metadata: { name: "privileged", creationTimestamp: zulu(facts.since) },
      allowPrivilegedContainer: true,
      priority: null,
      users: ["system:admin", "system:serviceaccount:openshift-infra:build-controller", ...users],
      groups: ["system:cluster-admins", "system:nodes", "system:masters"],
    },
    ...(facts.knobs.grantedBy === "rolebinding" ? grantBindings(facts, granted) : []),
  ];
}

type Account = readonly [namespace: string, name: string];

function privileged(facts: ClusterFacts): Account[] {
  return [
    ["azure-arc", "azure-arc-kube-aad-proxy-sa"],
    ...privilegedAccounts(facts.extension?.name ?? "azureml").map(
      (one): Account => [EXTENSION_NAMESPACE, one],
    ),
    ...facts.computeNamespaces.map((one): Account => [one, "default"]),
  ];
}

/** OpenShift documentation, "Managing security context constraints": one role binding in each namespace. */
function grantBindings(facts: ClusterFacts, granted: readonly Account[]): JsonObject[] {
  const name = "system:openshift:scc:privileged";
  return [...new Set(granted.map(([namespace]) => namespace))].map((namespace) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace, creationTimestamp: zulu(facts.since) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: granted
      .filter(([where]) => where === namespace)
      .map(([, account]) => ({ kind: "ServiceAccount", name: account, namespace })),
  }));
}

import type { Extension } from "../../../src/model/azure-resources.ts";
import type { ClusterContents } from "../../../src/model/cluster-contents.ts";
import type { Compute } from "../../../src/model/compute.ts";
import type { VerifyFacts } from "../../../src/model/facts.ts";
import type { Finding } from "../../../src/model/finding.ts";
import type { ClusterEvent, Container, Node, Pod, Service, Workload } from "../../../src/model/kubernetes.ts";
import { gateRules } from "../../../src/rules/gate/index.ts";
import { gateFindings, gateVerdict, judgeGate } from "../../../src/rules/gate/judge.ts";
import { absent, aks, aksId, arc, arcId, subscriptionId, there } from "../facts.ts";

/** The time at which the clusters are looked at. */
export const now = Date.parse("2030-06-01T00:00:00Z");
export const minute = 60_000;
export const old = now - 240 * minute;
const mebi = 2 ** 20;

/** Which healthy cluster. */
export interface Kind {
  readonly cluster: "aks" | "arc";
  readonly generation: "today" | "2021";
}

/** The healthy clusters: both generations, AKS and Arc. */
export const kinds: readonly Kind[] = [
  { cluster: "aks", generation: "today" },
  { cluster: "aks", generation: "2021" },
  { cluster: "arc", generation: "today" },
  { cluster: "arc", generation: "2021" },
];

const versions = { today: "1.1.84", "2021": "1.0.51" };

const common = [
  "gateway",
  "metrics-controller-manager",
  "azureml-kube-state-metrics",
  "azureml-prometheus-operator",
];
const training = {
  today: ["aml-operator", "volcano-admission", "volcano-controllers", "volcano-scheduler"],
  "2021": ["aml-operator", "nfd-master", "csi-blob-controller"],
};
const inference = [
  "inference-operator-controller-manager",
  "amlarc-identity-controller",
  "amlarc-identity-proxy",
];

/** Names of the deployments of a healthy extension for training and inference (extension.md 5). */
export function deployments({ cluster, generation }: Kind): readonly string[] {
  const own =
    generation === "2021"
      ? ["relayserver", "cluster-status-reporter", "azureml-fe"]
      : ["azureml-fe-v2", ...(cluster === "aks" ? ["azureml-ingress-nginx-controller"] : ["relayserver"])];
  return [...common, ...training[generation], ...inference, ...own];
}

export const node = (name: string, more: Partial<Node> = {}): Node => ({
  name,
  ready: true,
  unschedulable: false,
  os: "linux",
  architecture: "amd64",
  labels: { "kubernetes.io/os": "linux" },
  taints: [],
  allocatable: { cpu: 3_900, memory: 12_000 * mebi },
  ...more,
});

export const workload = (name: string, more: Partial<Workload> = {}): Workload => ({
  kind: "Deployment",
  namespace: "azureml",
  name,
  labels: {},
  wanted: 1,
  ready: 1,
  created: old,
  images: [`mcr.microsoft.com/azureml/${name}:1`],
  ...more,
});

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  init: false,
  ready: true,
  restarts: 0,
  image: `mcr.microsoft.com/azureml/${name}:1`,
  waiting: undefined,
  terminated: undefined,
  last: undefined,
  ...more,
});

/** A healthy pod of a deployment. */
export const pod = (of: string, more: Partial<Pod> = {}, suffix = "x7k2p"): Pod => ({
  namespace: "azureml",
  name: `${of}-7d9f8c6b5d-${suffix}`,
  labels: {},
  phase: "Running",
  reason: undefined,
  node: "node-1",
  owner: `${of}-7d9f8c6b5d`,
  created: old,
  deleting: false,
  ready: true,
  unschedulable: undefined,
  requests: { cpu: 100, memory: 128 * mebi },
  containers: [container(of)],
  ...more,
});

/** A pod with a container that is in trouble. */
export const ill = (of: string, trouble: Partial<Container>, more: Partial<Pod> = {}): Pod =>
  pod(of, { ready: false, containers: [container(of, { ready: false, ...trouble })], ...more });

/** A pod that no node takes, with the scheduler's message. */
export const pending = (of: string, unschedulable: string, more: Partial<Pod> = {}): Pod =>
  pod(of, { phase: "Pending", node: undefined, ready: false, containers: [], unschedulable, ...more });

export const event = (
  kind: string,
  name: string,
  reason: string,
  message: string,
  more: Partial<ClusterEvent> = {},
): ClusterEvent => ({
  type: "Warning",
  reason,
  message,
  kind,
  name,
  count: 3,
  seen: now - minute,
  ...more,
});

const service = (name: string, more: Partial<Service> = {}): Service => ({
  namespace: "azureml",
  name,
  type: "ClusterIP",
  annotations: {},
  clusterIp: "10.0.0.10",
  addresses: [],
  ports: [{ name: "http", port: 80 }],
  ...more,
});

/** The router's service. */
export const router = (more: Partial<Service> = {}): Service =>
  service("azureml-fe", { type: "LoadBalancer", addresses: ["10.224.0.99"], ...more });

/** What is in a healthy cluster of that kind. */
export function contents(kind: Kind, more: Partial<ClusterContents> = {}): ClusterContents {
  const names = deployments(kind);
  const replicas = (name: string) => (name.startsWith("azureml-fe") ? 3 : 1);
  const sets =
    kind.generation === "2021"
      ? [
          workload("fluent-bit", { kind: "DaemonSet", wanted: 3, ready: 3 }),
          workload("k8s-host-device-plugin-daemonset", { kind: "DaemonSet", wanted: 3, ready: 3 }),
          workload("nfd-worker", { kind: "DaemonSet", wanted: 3, ready: 3 }),
          workload("csi-blob-node", { kind: "DaemonSet", wanted: 3, ready: 3 }),
          workload("frameworkcontroller", { kind: "StatefulSet" }),
        ]
      : [];
  return {
    way: "a test",
    nodes: there([node("node-1"), node("node-2"), node("node-3")]),
    namespace: there({ name: "azureml", phase: "Active", held: [] }),
    workloads: there([
      ...names.map((name) => workload(name, { wanted: replicas(name), ready: replicas(name) })),
      workload("prometheus-prom-prometheus", { kind: "StatefulSet" }),
      ...sets,
    ]),
    pods: there(
      names.flatMap((name) =>
        Array.from({ length: replicas(name) }, (_, index) => pod(name, {}, `x7k2${"bcdfg"[index]}`)),
      ),
    ),
    events: there([]),
    services: there([router(), service("azureml-ingress-nginx-controller")]),
    healthReport: there({
      "reports-test": "Report:\n\nStatus: Passed Name: service\nStatus: Passed Name: info\n",
    }),
    others: there([]),
    legacyRouter: there([]),
    ...more,
  };
}

/** The workloads of a healthy cluster. */
export function workloadsOf(kind: Kind): readonly Workload[] {
  const { workloads } = contents(kind);
  if (workloads.is !== "present") throw new Error("a healthy cluster has them");
  return workloads.value;
}

/** The pods of a healthy cluster. */
export function podsOf(kind: Kind): readonly Pod[] {
  const { pods } = contents(kind);
  if (pods.is !== "present") throw new Error("a healthy cluster has them");
  return pods.value;
}

/** Settings of a healthy extension of that kind, as Azure gives them back. */
export function settings({ cluster, generation }: Kind): Record<string, string> {
  const id = cluster === "aks" ? aksId : arcId;
  return {
    enableTraining: "True",
    enableInference: "True",
    cluster_name: id,
    clusterId: id,
    cluster_name_friendly: "one",
    location: "eastus",
    domain: "eastus.cloudapp.azure.com",
    "relayserver.enabled": cluster === "arc" ? "true" : "false",
    "nginxIngress.enabled": cluster === "aks" ? "true" : "false",
    allowInsecureConnections: "True",
    ...(generation === "2021"
      ? { privateEndpointILB: "True" }
      : { inferenceRouterServiceType: "LoadBalancer", internalLoadBalancerProvider: "azure" }),
  };
}

/** A healthy extension of that kind. */
export function extension(
  kind: Kind,
  more: Partial<Extension["properties"]> = {},
  set: Record<string, string> = {},
): Extension {
  return {
    name: "azureml",
    properties: {
      extensionType: "microsoft.azureml.kubernetes",
      provisioningState: "Succeeded",
      version: versions[kind.generation],
      currentVersion: versions[kind.generation],
      autoUpgradeMinorVersion: true,
      releaseTrain: "stable",
      configurationSettings: { ...settings(kind), ...set },
      statuses: [],
      errorInfo: null,
      ...more,
    },
  };
}

/** A healthy compute of the cluster. */
export function compute(kind: Kind, more: Partial<Compute["properties"]> = {}): Compute {
  return {
    identity: { type: "SystemAssigned", principalId: "p" },
    properties: {
      computeType: "Kubernetes",
      resourceId: kind.cluster === "aks" ? aksId : arcId,
      provisioningState: "Succeeded",
      provisioningErrors: null,
      properties: { namespace: "default" },
      ...more,
    },
  };
}

const workspace = {
  subscriptionId,
  resourceGroup: "rg1",
  type: "Microsoft.MachineLearningServices/workspaces",
  name: "ws1",
};

/** What the gate sees of a healthy cluster of that kind, but for what is given. */
export function facts(
  kind: Kind,
  more: Partial<Omit<VerifyFacts, "request">> & {
    readonly inCluster?: Partial<ClusterContents>;
    readonly extension?: Partial<Extension["properties"]>;
    readonly set?: Record<string, string>;
    readonly noCompute?: boolean;
  } = {},
): VerifyFacts {
  const { inCluster, extension: properties, set, noCompute, ...seen } = more;
  const isAks = kind.cluster === "aks";
  return {
    request: {
      azureEnvironment: "AzureCloud",
      timeout: 1,
      clusterId: isAks ? aksId : arcId,
      compute: noCompute ? undefined : { workspace, computeName: "gpu" },
      failOn: "error",
      waitFor: 0,
      diagnostics: false,
    },
    now,
    cluster: isAks ? aks({ currentKubernetesVersion: "1.29.4" }) : arc({ kubernetesVersion: "1.29.4" }),
    extensions: there([extension(kind, properties, set)]),
    versions: there([{ properties: { version: versions[kind.generation] } }]),
    inside: there(
      contents(kind, {
        computeNamespace: there({ name: "default", phase: "Active", held: [] }),
        ...inCluster,
      }),
    ),
    compute: noCompute ? absent : there(compute(kind)),
    ...(isAks ? {} : { relay: there({ id: "/relay", properties: {} }) }),
    ...seen,
  };
}

/** The healthy kind that a test takes where any will do. */
export const anyKind: Kind = { cluster: "aks", generation: "today" };

/** Healthy workloads and pods with some replaced: those of `broken` have none ready, and these pods. */
export function broken(
  name: string,
  pods: readonly Pod[],
  more: Partial<Workload> = {},
  kind: Kind = anyKind,
): Partial<ClusterContents> {
  const workloads = workloadsOf(kind);
  const known = workloads.some((one) => one.name === name);
  return {
    workloads: there([
      ...workloads.map((one) => (one.name === name ? { ...one, ready: 0, ...more } : one)),
      ...(known ? [] : [workload(name, { ready: 0, ...more })]),
    ]),
    pods: there([...podsOf(kind).filter(({ owner }) => owner !== `${name}-7d9f8c6b5d`), ...pods]),
  };
}

/** A failed extension with what Azure reports of it. */
export const failedWith = (message: string): Partial<Extension["properties"]> => ({
  provisioningState: "Failed",
  currentVersion: null,
  errorInfo: { code: "InstallationFailed", message },
  statuses: [{ code: "InstallationFailed", level: "Error", message }],
});

/** A health report with one failed check. */
export const reportOf = (key: string, code: string, message: string, date = "2030-05-31 23:50:00") =>
  there({
    [key]: `\nReport:\nDuration: 149.97ms\nDate: ${date}.896838241 +0000 UTC m=+0.29\nK8sDistribution:\n\nStatus: Passed Name: service\nStatus: Failed Name: check ErrorCode: ${code} ErrorMessage: ${message}\nStatus: Passed Name: info\n`,
  });

/** What the gate comes to. */
export function judged(given: VerifyFacts) {
  const checks = judgeGate(gateRules, given);
  return { checks, verdict: gateVerdict(checks), findings: gateFindings(checks) };
}

/** Findings in few words: `error pods-running`. */
export const brief = (findings: readonly Finding[]): string[] =>
  findings.map(({ severity, id, pending: waits }) => `${severity} ${id}${waits ? " (pending)" : ""}`);

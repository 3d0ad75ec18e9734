import type { Breakage, BreakageKind } from "../breakages.ts";
import type { JsonObject } from "../json.ts";
import { EXTENSION_NAMESPACE } from "./components.ts";
import { foreignDaemonSet, foreignDeployments, hog, legacyRouter, legacyRouterRole } from "./foreign.ts";
import { type Plan, type PodState, type Workload, zulu } from "./plan.ts";
import { helmRelease, ingressWebhook } from "./surroundings.ts";

/** Changes the plan of a cluster as the breakages would show for real. `legacy`: what a legacy router's secret holds. */
export function breakPlan(plan: Plan, legacy: JsonObject): void {
  for (const breakage of plan.facts.broken) BREAKING[breakage.kind]?.(plan, breakage, legacy);
}

type Breaking = (plan: Plan, breakage: Breakage, legacy: JsonObject) => void;

const REFUSED = "dial tcp 52.186.106.1:443: i/o timeout";

/** A workload's pods get into a state; `workload` of the breakage says whose. */
function pods(usual: string, state: PodState): (plan: Plan, breakage: Breakage) => void {
  return (plan, { workload = usual }) => {
    const hit = plan.workloads.filter(
      ({ name, namespace }) =>
        namespace === EXTENSION_NAMESPACE && (name === workload || name.endsWith(`-${workload}`)),
    );
    for (const one of hit) one.state = state;
  };
}

function pullFailure(why: string): PodState {
  const message = `Failed to pull image "{image}": rpc error: code = Unknown desc = failed to pull and unpack image "{image}": ${why}`;
  return { is: "waiting", reason: "ImagePullBackOff", message, event: "Failed" };
}

function crash(says: string[]): PodState {
  return { is: "crashing", reason: "Error", exitCode: 1, restarts: 14, says };
}

/** Kinds that are not here show in the extension's resource and in the health report only. */
const BREAKING: Partial<Record<BreakageKind, Breaking>> = {
  E40002: (plan) => taint(plan.nodes.slice(2), "dedicated", "other"),
  E45001: pods("metrics-controller-manager", crash(["panic: runtime error: invalid memory address"])),
  E45002: (plan) => foreignDeployments(plan, "monitoring", ["prometheus-operator"]),
  E45003: (plan) => {
    for (const name of ["gateway", "aml-operator", "inference-operator-controller-manager"]) {
      pods(name, pullFailure(REFUSED))(plan, { kind: "E45003" });
    }
  },
  E45004: legacyRouterRole,
  E45005: (plan, _breakage, legacy) => legacyRouter(plan, legacy),

  "image-pull": pods("aml-operator", pullFailure("unexpected status from HEAD request: 403 Forbidden")),
  "crash-loop": pods(
    "inference-operator-controller-manager",
    crash([
      'E1121 02:57:33 main.go:112] unable to start manager: Get "https://10.0.0.1:443/api": context deadline exceeded',
    ]),
  ),
  "out-of-memory": pods("azureml-ingress-nginx-controller", {
    is: "crashing",
    reason: "OOMKilled",
    exitCode: 137,
    restarts: 9,
    says: [],
  }),
  // Room for the small components; the router's 900m and 800Mi (extension 5a) find none.
  "insufficient-cpu": (plan) => hog(plan, ({ cpu }) => ({ cpu: cpu - 1_000, memory: 64 })),
  "insufficient-memory": (plan) => hog(plan, ({ memory }) => ({ cpu: 10, memory: memory - 1_300 })),
  "untolerated-taint": (plan) => taint(plan.nodes, "dedicated", "gpu"),
  "windows-node-picked": windowsNode,
  // A node that has room for the system's own daemon sets (140m) and for nothing else.
  "daemonset-unschedulable": (plan) => {
    const [first] = plan.nodes;
    if (!first) return;
    const name = `${first.name}-small`;
    plan.nodes.push({
      ...first,
      name,
      cpu: 145,
      labels: { ...first.labels, "kubernetes.io/hostname": name },
    });
  },
  "webhook-without-endpoints": (plan) => {
    if (plan.facts.extension) plan.objects.push(ingressWebhook(plan.facts.extension));
  },
  "ownership-conflict": (plan) => {
    const name = "azureml-ingress-nginx";
    drop(plan, "ClusterRole", name);
    plan.objects.push({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name, creationTimestamp: zulu(plan.facts.since) },
      rules: [],
    });
  },
  "helm-pending": (plan) => {
    if (plan.facts.extension) plan.objects.push(helmRelease(plan.facts.extension, 2, "pending-upgrade"));
  },
  "load-balancer-pending": pendingLoadBalancer,
  "workload-missing": (plan, { workload = "gateway" }) => {
    plan.workloads = plan.workloads.filter(
      ({ name, namespace }) => namespace !== EXTENSION_NAMESPACE || name !== workload,
    );
  },
  "router-service-missing": (plan) => drop(plan, "Service", "azureml-fe"),
  "ingress-without-pods": (plan, breakage) => {
    const quota = "exceeded quota: compute-quota, requested: cpu=100m, used: cpu=4, limited: cpu=4";
    pods("azureml-ingress-nginx-controller", {
      is: "missing",
      why: `pods "{prefix}" is forbidden: ${quota}`,
    })(plan, breakage);
    plan.objects.push(computeQuota(plan));
  },

  "tls-secret-missing": (plan, breakage) => {
    const secret = plan.facts.extension?.settings.text("sslSecret") ?? "";
    drop(plan, "Secret", secret);
    const message = `MountVolume.SetUp failed for volume "ssl" : secret "${secret}" not found`;
    const state: PodState = { is: "waiting", reason: "ContainerCreating", message, event: "FailedMount" };
    pods("azureml-fe-v2", state)(plan, breakage);
  },

  "nodes-not-ready": (plan) => {
    for (const node of plan.nodes.slice(1)) {
      node.ready = false;
      node.taints.push({ key: "node.kubernetes.io/unreachable", value: "", effect: "NoExecute" });
    }
  },
  "namespace-terminating": (plan) => {
    plan.namespaces.set(EXTENSION_NAMESPACE, {
      phase: "Terminating",
      held: [
        "Some resources are remaining: amljobs.amlarc.azureml.com has 1 resource instances",
        "Some content in the namespace has finalizers remaining: amlarc.azureml.com/finalizer in 1 resource instances",
      ],
    });
  },
  "nvidia-plugin-of-others": (plan) =>
    foreignDaemonSet(plan, "kube-system", "nvidia-device-plugin-daemonset"),
  "volcano-of-others": (plan) =>
    foreignDeployments(plan, "volcano-system", [
      "volcano-admission",
      "volcano-controllers",
      "volcano-scheduler",
    ]),
  "prometheus-operator-of-others": (plan) => foreignDeployments(plan, "monitoring", ["prometheus-operator"]),
  "legacy-router": (plan, _breakage, legacy) => legacyRouter(plan, legacy),
  "openshift-without-scc": (plan) => {
    const why =
      'pods "{prefix}" is forbidden: unable to validate against any security context constraint: [provider "restricted-v2": Forbidden: not usable by user or serviceaccount]';
    for (const one of ofExtension(plan)) one.state = { is: "missing", why };
  },
  "relay-pod-down": pods(
    "relayserver",
    crash(["relay: connection refused: 401 Unauthorized: token is not valid"]),
  ),
};

function ofExtension(plan: Plan): Workload[] {
  return plan.workloads.filter(({ namespace }) => namespace === EXTENSION_NAMESPACE);
}

function taint(nodes: Plan["nodes"], key: string, value: string): void {
  for (const node of nodes) node.taints.push({ key, value, effect: "NoSchedule" });
}

function drop(plan: Plan, kind: string, name: string): void {
  plan.objects = plan.objects.filter(
    (one) => one["kind"] !== kind || (one["metadata"] as JsonObject)["name"] !== name,
  );
}

/** extension 11 (AML-Kubernetes#137): nothing keeps a pod from a Windows node, whose image doesn't exist. */
function windowsNode(plan: Plan, breakage: Breakage): void {
  if (!plan.nodes.some(({ windows }) => windows)) {
    const [first] = plan.nodes;
    if (!first) return;
    const name = plan.facts.onAks ? "akswin000000" : "windows-0";
    const labels = {
      "kubernetes.io/os": "windows",
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/hostname": name,
    };
    plan.nodes.push({ ...first, name, labels, windows: true, taints: [] });
  }
  const why = "no match for platform in manifest: not found";
  const { workload = "gateway" } = breakage;
  pods(workload, pullFailure(why))(plan, breakage);
  const system = plan.workloads.filter(({ namespace }) => namespace !== EXTENSION_NAMESPACE);
  for (const one of system) one.nodeSelector = { "kubernetes.io/os": "linux" };
  for (const one of ofExtension(plan)) {
    one.nodeSelector = {
      ...one.nodeSelector,
      "kubernetes.io/os": one.name === workload ? "windows" : "linux",
    };
  }
}

function pendingLoadBalancer(plan: Plan): void {
  for (const one of plan.objects) {
    if (one["kind"] === "Service" && (one["metadata"] as JsonObject)["name"] === "azureml-fe") {
      one["status"] = { loadBalancer: {} };
    }
  }
  plan.events.push({
    namespace: EXTENSION_NAMESPACE,
    kind: "Service",
    name: "azureml-fe",
    type: "Warning",
    reason: "SyncLoadBalancerFailed",
    message:
      "Error syncing load balancer: failed to ensure load balancer: Retriable: false, RetryAfter: 0s, HTTPStatusCode: 400, RawError: PublicIPCountLimitReached: Cannot create more than 10 public IP addresses for this subscription in this region.",
    count: 12,
    component: "service-controller",
  });
}

function computeQuota(plan: Plan): JsonObject {
  const hard = { cpu: "4" };
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: {
      name: "compute-quota",
      namespace: EXTENSION_NAMESPACE,
      creationTimestamp: zulu(plan.facts.since),
    },
    spec: { hard },
    status: { hard, used: hard },
  };
}

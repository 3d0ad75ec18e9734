/**
 * What can be wrong inside a cluster: knobs of its Kubernetes API and of what the extension's installation comes to.
 * Sources: extension 6 (error codes), 8 (leftovers), 9 (limits), 11 and 12 (issues of users).
 */
export type BreakageKind =
  // Error codes of the health report (extension 6).
  | "E40000"
  | "E40001"
  | "E40002"
  | "E40003"
  | "E40004"
  | "E40005"
  | "E40006"
  | "E40007"
  | "E45001"
  | "E45002"
  | "E45003"
  | "E45004"
  | "E45005"
  | "E45006"
  | "E49999"
  // What shows in pods, events and services only (extension 11).
  | "image-pull"
  | "crash-loop"
  | "out-of-memory"
  | "insufficient-cpu"
  | "insufficient-memory"
  | "node-selector-unmatched"
  | "untolerated-taint"
  | "windows-node-picked"
  | "daemonset-unschedulable"
  | "webhook-without-endpoints"
  | "ownership-conflict"
  | "helm-pending"
  | "missing-derived-keys"
  | "load-balancer-pending"
  | "workload-missing"
  | "router-service-missing"
  | "ingress-without-pods"
  // TLS (extension 8).
  | "tls-secret-missing"
  | "tls-secret-expired"
  | "tls-secret-wrong-name"
  | "tls-secret-key-mismatch"
  | "tls-served-other"
  // Around the extension.
  | "nodes-not-ready"
  | "namespace-terminating"
  | "nvidia-plugin-of-others"
  | "volcano-of-others"
  | "prometheus-operator-of-others"
  | "legacy-router"
  | "openshift-without-scc"
  | "relay-pod-down"
  | "compute-namespace-missing";

/** One thing that is wrong in a cluster. */
export interface Breakage {
  readonly kind: BreakageKind;
  /** Which workload is hit, where one is; each kind has a default that real reports name. */
  readonly workload?: string;
}

import type {
  ClusterEvent,
  InstanceType,
  Namespace,
  Node,
  ObjectName,
  Pod,
  Resources,
  Service,
  Workload,
} from "./kubernetes.ts";
import type { Observed } from "./observed.ts";

/** The namespace that the Azure ML extension lives in (extension.md 1). */
export const extensionNamespace = "azureml";

/** What was read through a cluster's API; each part by itself, since each may be refused. */
export interface ClusterContents {
  /** How it was read, for the report: `the kubeconfig given`, `run-command` ... */
  readonly way: string;
  readonly nodes: Observed<readonly Node[]>;
  /** Namespace `azureml`. */
  readonly namespace: Observed<Namespace>;
  /** Deployments, daemon sets and stateful sets of namespace `azureml`. */
  readonly workloads: Observed<readonly Workload[]>;
  /** Pods of namespace `azureml`. */
  readonly pods: Observed<readonly Pod[]>;
  /** Events of namespace `azureml`, of the last hours: what the API server still has. */
  readonly events: Observed<readonly ClusterEvent[]>;
  /** Services of namespace `azureml`. */
  readonly services: Observed<readonly Service[]>;
  /** The texts of ConfigMap `arcml-healthcheck` by key, such as `reports-test` (extension.md 6). */
  readonly healthReport: Observed<Readonly<Record<string, string>>>;
  /** Workloads of others that the extension may clash with: those whose names speak of NVIDIA, Volcano, Prometheus. */
  readonly others: Observed<readonly Workload[]>;
  /** The objects of the legacy router that are there, of the eight (extension.md 8). */
  readonly legacyRouter: Observed<readonly ObjectName[]>;
  /** What the pods of each node ask for; read before an installation only. */
  readonly used?: Observed<ReadonlyMap<string, Resources>>;
  /** The certificate in the secret that `sslSecret` names; read where a setting names one. Never its key. */
  readonly tlsSecret?: Observed<TlsSecret>;
  /** The namespace of the compute; read where a compute is known. */
  readonly computeNamespace?: Observed<Namespace>;
  /** Instance types of the cluster, which a compute takes over when it is attached; read before a re-attach only. */
  readonly instanceTypes?: Observed<readonly InstanceType[]>;
  /** Service accounts that may use the privileged security context; read on OpenShift only (X8). */
  readonly privileged?: Observed<readonly string[]>;
}

/** The secret that `sslSecret` names (extension.md 2a, 8). */
export interface TlsSecret {
  /** PEM; empty where the secret has no `cert.pem`. */
  readonly certificate: string;
  /** Whether it has a `key.pem`, and whether that is the key of the certificate. */
  readonly key: "matches" | "differs" | "missing";
}

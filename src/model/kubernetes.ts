/** Objects of a cluster, as far as they are read here; times in milliseconds since 1970, sizes in bytes. */

/** A node. `cpu` in thousandths of a core. */
export interface Node {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly os: string;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly allocatable: Resources;
}

/** A taint of a node. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** Processor time in thousandths of a core, memory in bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

/** A namespace. */
export interface Namespace {
  readonly name: string;
  /** `Active` or `Terminating`. */
  readonly phase: string;
  /** What keeps it from going, in the API server's words; empty while it is active. */
  readonly held: readonly string[];
}

/** A deployment, daemon set or stateful set. */
export interface Workload {
  readonly kind: "Deployment" | "DaemonSet" | "StatefulSet";
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Pods that should run; for a daemon set, on as many nodes as it fits. */
  readonly wanted: number;
  readonly ready: number;
  readonly created: number;
  /** Images of its containers. */
  readonly images: readonly string[];
}

/** A pod. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  /** `Evicted`, `NodeLost` and the like. */
  readonly reason: string | undefined;
  readonly node: string | undefined;
  /** Name of the replica set, daemon set, stateful set or job that made it. */
  readonly owner: string | undefined;
  readonly created: number;
  readonly deleting: boolean;
  readonly ready: boolean;
  /** Message of the condition `PodScheduled` where it is false. */
  readonly unschedulable: string | undefined;
  readonly requests: Resources;
  readonly containers: readonly Container[];
}

/** A container of a pod and how it stands. */
export interface Container {
  readonly name: string;
  readonly init: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly image: string;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly terminated: Termination | undefined;
  /** How it ended the last time, before it was started again. */
  readonly last: Termination | undefined;
}

/** How a container ended. */
export interface Termination {
  readonly reason: string;
  readonly exitCode: number;
  readonly message: string;
  readonly at: number | undefined;
}

/** An event. */
export interface ClusterEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly seen: number;
}

/** A service. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly clusterIp: string;
  /** IPs or host names that the load balancer gave. */
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly nodePort?: number }[];
}

/** An `InstanceType` of Azure ML: what jobs and deployments name to say where they run and what they get. */
export interface InstanceType {
  readonly name: string;
  readonly created: number;
  /** Node selector, resources and what else it says. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Which object there is, by kind, namespace (empty for one of the cluster) and name. */
export interface ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

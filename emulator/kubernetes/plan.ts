import type { JsonObject } from "../json.ts";
import type { ClusterFacts } from "./facts.ts";

/** How the pods of a workload stand, once they have a node. */
export type PodState =
  | { is: "running" }
  /** It has ended for good: a pod that is not started again. */
  | { is: "completed"; exitCode: number }
  /** The workload has no pods at all; `why` becomes an event of it. */
  | { is: "missing"; why?: string }
  /** A container that has not started. */
  | { is: "waiting"; reason: string; message?: string; event?: string }
  /** A container that starts and ends, again and again. */
  | { is: "crashing"; reason: "Error" | "OOMKilled"; exitCode: number; restarts: number; says: string[] }
  /** It runs, and its readiness probe fails. */
  | { is: "unready"; message: string };

/** A workload and what its pods ask for. */
export interface Workload {
  kind: "Deployment" | "DaemonSet" | "StatefulSet" | "Job" | "Pod";
  namespace: string;
  name: string;
  replicas: number;
  /** Thousandths of a core. */
  cpu: number;
  /** MiB */
  memory: number;
  labels: Record<string, string>;
  containers: string[];
  nodeSelector: Record<string, string>;
  /** Keys of taints. */
  tolerates: string[];
  /** Each pod on a node of its own. */
  spread: boolean;
  serviceAccount: string;
  /** Name of the Helm release that owns it. */
  release: string | undefined;
  createdAt: number;
  state: PodState;
}

export interface Taint {
  key: string;
  value: string;
  effect: string;
}

export interface PlannedNode {
  name: string;
  windows: boolean;
  ready: boolean;
  labels: Record<string, string>;
  taints: Taint[];
  vmSize: string;
  /** What is left for pods, in thousandths of a core and MiB. */
  cpu: number;
  memory: number;
  gpus: number;
}

export interface PlannedEvent {
  namespace: string;
  kind: string;
  name: string;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  count: number;
  component: string;
}

/** One line of the health report. */
export interface ReportLine {
  check: string;
  failure?: { code: string; message: string };
}

/** What is to be in a cluster, before it is written down as objects. Breakages change it. */
export interface Plan {
  facts: ClusterFacts;
  namespaces: Map<string, { phase: "Active" | "Terminating"; held: string[] }>;
  nodes: PlannedNode[];
  workloads: Workload[];
  objects: JsonObject[];
  events: PlannedEvent[];
  /** Health reports by key, as `reports-test`. */
  reports: Map<string, ReportLine[]>;
}

/** A healthy workload; what is not said is plain. */
export function workload(given: Pick<Workload, "kind" | "namespace" | "name"> & Partial<Workload>): Workload {
  return {
    replicas: 1,
    cpu: 50,
    memory: 64,
    labels: {},
    containers: [given.name],
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerates: [],
    spread: false,
    serviceAccount: "default",
    release: undefined,
    createdAt: 0,
    state: { is: "running" },
    ...given,
  };
}

/** `2026-11-21T02:57:33Z`: as the API server writes times. */
export function zulu(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

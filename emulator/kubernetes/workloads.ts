import type { JsonObject } from "../json.ts";
import { type Plan, type PlannedEvent, type Workload, zulu } from "./plan.ts";
import {
  imageOf,
  isReady,
  owner,
  type PlacedPod,
  podName,
  podObject,
  podSpec,
  templateHash,
  uidOf,
} from "./pods.ts";
import type { Scheduler } from "./scheduler.ts";

/** A workload as objects: itself, its replica set, its pods, and what the events tell of them. */
export interface RenderedWorkload {
  objects: JsonObject[];
  events: PlannedEvent[];
  /** What its pods say, by `namespace/name`. */
  logs: Map<string, string[]>;
  pods: JsonObject[];
}

export function renderWorkload(plan: Plan, scheduler: Scheduler, workload: Workload): RenderedWorkload {
  const placed = placedPods(scheduler, workload);
  const pods = placed.map((one) => podObject(plan, one));
  const onReadyNode = placed.filter(({ placement }) => "node" in placement && placement.node.ready);
  const ready = isReady(workload.state) ? onReadyNode.length : 0;
  const wanted = workload.kind === "DaemonSet" ? scheduler.wanted(workload).length : workload.replicas;
  const { state } = workload;
  const says = state.is === "crashing" ? state.says : [];
  return {
    objects: [...controllers(plan, workload, { wanted, ready, made: pods.length }), ...pods],
    events: [...missingEvents(plan, workload), ...placed.flatMap((one) => podEvents(plan, one))],
    logs: new Map(placed.map((one) => [`${workload.namespace}/${podName(plan, one)}`, says])),
    pods,
  };
}

function placedPods(scheduler: Scheduler, workload: Workload): PlacedPod[] {
  if (workload.state.is === "missing") return [];
  if (workload.kind === "DaemonSet") {
    return scheduler
      .wanted(workload)
      .map((node, index) => ({ workload, index, placement: scheduler.place(workload, node) }));
  }
  return Array.from({ length: workload.replicas }, (_, index) => ({
    workload,
    index,
    placement: scheduler.place(workload),
  }));
}

interface Counts {
  wanted: number;
  ready: number;
  made: number;
}

function controllers(plan: Plan, workload: Workload, counts: Counts): JsonObject[] {
  if (workload.kind === "Pod") return [];
  const { kind, name } = workload;
  const spec = specOf(workload);
  if (kind === "Job") return [controller(plan, workload, "batch/v1", kind, name, spec, jobStatus(workload))];
  const own = controller(plan, workload, "apps/v1", kind, name, spec, statusOf(workload, counts));
  if (kind !== "Deployment") return [own];
  const set = `${name}-${templateHash(plan, workload)}`;
  const { wanted, ready, made } = counts;
  const status = { replicas: made, readyReplicas: ready, availableReplicas: ready, observedGeneration: 1 };
  const replicaSet = controller(
    plan,
    workload,
    "apps/v1",
    "ReplicaSet",
    set,
    { ...spec, replicas: wanted },
    status,
  );
  const ownerReferences = [owner(plan, "Deployment", workload.namespace, name)];
  return [own, { ...replicaSet, metadata: { ...(replicaSet["metadata"] as JsonObject), ownerReferences } }];
}

function controller(
  plan: Plan,
  workload: Workload,
  apiVersion: string,
  kind: string,
  name: string,
  spec: JsonObject,
  status: JsonObject,
): JsonObject {
  const { namespace, labels, createdAt, release } = workload;
  const helm = release === undefined ? {} : { "app.kubernetes.io/managed-by": "Helm" };
  const metadata = {
    name,
    namespace,
    uid: uidOf(plan, kind, namespace, name),
    generation: 1,
    labels: { ...labels, ...helm },
    annotations: release === undefined ? {} : helmAnnotations(release, namespace),
    creationTimestamp: zulu(createdAt),
  };
  return { apiVersion, kind, metadata, spec, status };
}

/** What Helm marks its objects with: how one sees to whom an object belongs. */
export function helmAnnotations(release: string, namespace: string): Record<string, string> {
  return { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace };
}

function specOf(workload: Workload): JsonObject {
  const template = { metadata: { labels: workload.labels }, spec: podSpec(workload) };
  const app = workload.labels["app"] ?? workload.name;
  const spec: JsonObject = { selector: { matchLabels: { app } }, template };
  return workload.kind === "DaemonSet" ? spec : { replicas: workload.replicas, ...spec };
}

function jobStatus({ createdAt, state }: Workload): JsonObject {
  if (state.is !== "completed") return { active: 1, startTime: zulu(createdAt) };
  const conditions = [{ type: "Complete", status: "True", lastTransitionTime: zulu(createdAt) }];
  return { succeeded: 1, startTime: zulu(createdAt), completionTime: zulu(createdAt), conditions };
}

/** The API leaves zeros out, so `readyReplicas` is absent where nothing is ready. */
function statusOf({ kind, createdAt }: Workload, { wanted, ready, made }: Counts): JsonObject {
  if (kind === "DaemonSet") {
    return {
      desiredNumberScheduled: wanted,
      currentNumberScheduled: made,
      numberReady: ready,
      numberMisscheduled: 0,
      updatedNumberScheduled: made,
      ...(ready > 0 && { numberAvailable: ready }),
      ...(wanted > ready && { numberUnavailable: wanted - ready }),
      observedGeneration: 1,
    };
  }
  const full = ready >= wanted;
  const available = {
    type: "Available",
    status: full ? "True" : "False",
    reason: full ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: full ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
    lastTransitionTime: zulu(createdAt),
    lastUpdateTime: zulu(createdAt),
  };
  return {
    observedGeneration: 1,
    ...(made > 0 && { replicas: made, updatedReplicas: made }),
    ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    ...(wanted > ready && kind === "Deployment" && { unavailableReplicas: wanted - ready }),
    ...(kind === "Deployment" && { conditions: [available] }),
  };
}

/** What a controller says when it makes no pods. */
function missingEvents(plan: Plan, workload: Workload): PlannedEvent[] {
  const { state, kind, namespace, name } = workload;
  if (state.is !== "missing" || state.why === undefined) return [];
  const maker = kind === "Deployment" ? `${name}-${templateHash(plan, workload)}` : name;
  return [
    {
      namespace,
      kind: kind === "Deployment" ? "ReplicaSet" : kind,
      name: maker,
      type: "Warning",
      reason: "FailedCreate",
      message: `Error creating: ${state.why.replaceAll("{prefix}", `${maker}-`)}`,
      count: 17,
      component: kind === "DaemonSet" ? "daemonset-controller" : "replicaset-controller",
    },
  ];
}

/** What the scheduler and the kubelet tell of a pod. */
function podEvents(plan: Plan, pod: PlacedPod): PlannedEvent[] {
  const { workload, placement } = pod;
  const { namespace, state } = workload;
  const name = podName(plan, pod);
  const event = (reason: string, message: string, component: string, count = 12): PlannedEvent => ({
    namespace,
    kind: "Pod",
    name,
    type: "Warning",
    reason,
    message,
    count,
    component,
  });
  if (!("node" in placement)) return [event("FailedScheduling", placement.message, "default-scheduler")];
  const [container = ""] = workload.containers;
  if (state.is === "waiting" && state.event !== undefined) {
    const message = (state.message ?? "").replaceAll("{image}", imageOf(workload, 0));
    return [event(state.event, message, "kubelet")];
  }
  if (state.is === "unready") return [event("Unhealthy", state.message, "kubelet", 40)];
  if (state.is !== "crashing") return [];
  const where = `${name}_${namespace}(${uidOf(plan, "Pod", namespace, name)})`;
  return [
    event("BackOff", `Back-off restarting failed container ${container} in pod ${where}`, "kubelet", 90),
  ];
}

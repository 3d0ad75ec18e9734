import { createHash } from "node:crypto";
import { uuidFrom } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";
import { type Plan, type PlannedNode, type PodState, type Workload, zulu } from "./plan.ts";
import type { Placement } from "./scheduler.ts";

/** One pod of a workload. */
export interface PlacedPod {
  workload: Workload;
  index: number;
  placement: Placement;
}

/** The letters that Kubernetes makes names of. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

function letters(text: string, length: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, length)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** `7d9f8c6b5`: what a deployment's replica set is called after. */
export function templateHash(plan: Plan, { namespace, name }: Workload): string {
  return letters(`${plan.facts.id} ${namespace} ${name}`, 9);
}

export function podName(plan: Plan, { workload, index }: PlacedPod): string {
  const { kind, name, namespace } = workload;
  if (kind === "Pod") return name;
  if (kind === "StatefulSet") return `${name}-${index}`;
  const suffix = letters(`${plan.facts.id} ${namespace} ${name} ${index}`, 5);
  return kind === "Deployment" ? `${name}-${templateHash(plan, workload)}-${suffix}` : `${name}-${suffix}`;
}

/** The same uid for the same object, so that owners can be named before they are stored. */
export function uidOf(plan: Plan, kind: string, namespace: string, name: string): string {
  return uuidFrom(`${plan.facts.id} ${kind} ${namespace} ${name}`);
}

export function owner(plan: Plan, kind: string, namespace: string, name: string): JsonObject {
  const apiVersion = kind === "Job" ? "batch/v1" : "apps/v1";
  const uid = uidOf(plan, kind, namespace, name);
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function ownerOf(plan: Plan, workload: Workload): JsonObject[] {
  const { kind, namespace, name } = workload;
  if (kind === "Pod") return [];
  if (kind === "Deployment") {
    return [owner(plan, "ReplicaSet", namespace, `${name}-${templateHash(plan, workload)}`)];
  }
  return [owner(plan, kind, namespace, name)];
}

/** A pod as the API shows it. */
export function podObject(plan: Plan, pod: PlacedPod): JsonObject {
  const { workload, placement } = pod;
  const { namespace, labels, createdAt } = workload;
  const name = podName(plan, pod);
  const node = "node" in placement ? placement.node : undefined;
  const hash = workload.kind === "Deployment" ? { "pod-template-hash": templateHash(plan, workload) } : {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      uid: uidOf(plan, "Pod", namespace, name),
      labels: { ...labels, ...hash },
      creationTimestamp: zulu(createdAt),
      ownerReferences: ownerOf(plan, workload),
    },
    spec: podSpec(workload, node),
    status:
      "node" in placement ? startedStatus(plan, pod, placement.node) : pendingStatus(pod, placement.message),
  };
}

/** What all pods of a workload are made from. */
export function podSpec(workload: Workload, node?: PlannedNode): JsonObject {
  const requests = { cpu: `${workload.cpu}m`, memory: `${workload.memory}Mi` };
  return {
    ...(node && { nodeName: node.name }),
    nodeSelector: workload.nodeSelector,
    serviceAccountName: workload.serviceAccount,
    restartPolicy: workload.kind === "Job" || workload.kind === "Pod" ? "Never" : "Always",
    // Only the first container asks for something: the table of requests counts pods (extension 5a).
    containers: workload.containers.map((name, index) => ({
      name,
      image: imageOf(workload, index),
      resources: index === 0 ? { requests } : {},
    })),
    tolerations: workload.tolerates.map((key) =>
      key === "*" ? { operator: "Exists" } : { key, operator: "Exists" },
    ),
  };
}

/** The extension's images come from Microsoft's registry; their tags are a guess. */
export function imageOf({ name, containers, release }: Workload, index: number): string {
  const image = index === 0 ? name : (containers[index] ?? name);
  if (release === undefined) return `registry.example.com/${image}:v1`;
  return `mcr.microsoft.com/azureml/amlarc/docker/${image.replace(`${release}-`, "")}:1.1.84`;
}

function pendingStatus({ workload }: PlacedPod, message: string): JsonObject {
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    lastTransitionTime: zulu(workload.createdAt),
  };
  return { phase: "Pending", conditions: [condition], qosClass: "Burstable" };
}

function startedStatus(plan: Plan, pod: PlacedPod, node: PlannedNode): JsonObject {
  const { workload } = pod;
  const { state, createdAt, containers } = workload;
  const ready = isReady(state) && node.ready;
  const at = zulu(createdAt);
  const condition = (type: string, status: boolean, more: JsonObject = {}) => ({
    type,
    status: status ? "True" : "False",
    lastTransitionTime: at,
    ...more,
  });
  const reason = state.is === "completed" ? { reason: "PodCompleted" } : { reason: "ContainersNotReady" };
  const why = ready ? {} : { ...reason, ...(state.is !== "completed" && unreadyMessage(containers)) };
  const number = Number.parseInt(uuidFrom(podName(plan, pod)).slice(0, 4), 16);
  return {
    phase: phaseOf(state),
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("Ready", ready, why),
      condition("ContainersReady", ready, why),
    ],
    hostIP: "10.224.0.4",
    podIP: `10.244.${number % 250}.${(number >> 8) % 250}`,
    startTime: at,
    containerStatuses: containers.map((_name, index) => containerStatus(plan, pod, node, index)),
    qosClass: "Burstable",
    ...(!node.ready && {
      reason: "NodeLost",
      message: `Node ${node.name} which was running the pod is unresponsive`,
    }),
  };
}

function unreadyMessage(containers: string[]): JsonObject {
  return { message: `containers with unready status: [${containers.join(" ")}]` };
}

function phaseOf(state: PodState): string {
  if (state.is === "completed") return state.exitCode === 0 ? "Succeeded" : "Failed";
  return state.is === "waiting" ? "Pending" : "Running";
}

export function isReady({ is }: PodState): boolean {
  return is === "running";
}

/** Only the first container of a pod is ever the one that fails. */
function containerStatus(plan: Plan, pod: PlacedPod, node: PlannedNode, index: number): JsonObject {
  const { state, createdAt, containers } = pod.workload;
  const name = containers[index] ?? "";
  const image = imageOf(pod.workload, index);
  const first = index === 0;
  const runs = isReady(state) || (!first && state.is !== "waiting" && state.is !== "completed");
  const status = {
    name,
    image,
    imageID: `${image}@sha256:${createHash("sha256").update(image).digest("hex")}`,
    restartCount: 0,
    lastState: {},
    ready: runs && node.ready,
    started: true,
    state: { running: { startedAt: zulu(createdAt) } } as Json,
  };
  if (state.is === "completed") {
    const { exitCode } = state;
    const reason = exitCode === 0 ? "Completed" : "Error";
    return { ...status, started: false, state: terminated(reason, exitCode, createdAt) };
  }
  if (state.is === "waiting") return { ...status, started: false, state: waiting(state, image) };
  if (state.is === "crashing" && first) return { ...status, ...crashing(plan, pod, name, state) };
  return status;
}

function waiting(state: Extract<PodState, { is: "waiting" }>, image: string): JsonObject {
  const message = state.message?.replaceAll("{image}", image);
  return { waiting: { reason: state.reason, ...(message && { message }) } };
}

function crashing(
  plan: Plan,
  pod: PlacedPod,
  container: string,
  state: Extract<PodState, { is: "crashing" }>,
): JsonObject {
  const { namespace } = pod.workload;
  const name = podName(plan, pod);
  const uid = uidOf(plan, "Pod", namespace, name);
  const message = `back-off 5m0s restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
  return {
    restartCount: state.restarts,
    started: false,
    ready: false,
    state: { waiting: { reason: "CrashLoopBackOff", message } },
    lastState: terminated(state.reason, state.exitCode, plan.facts.eventsAt),
  };
}

function terminated(reason: string, exitCode: number, at: number): JsonObject {
  return {
    terminated: {
      reason,
      exitCode,
      startedAt: zulu(at - 60_000),
      finishedAt: zulu(at),
      containerID: "containerd://0",
    },
  };
}

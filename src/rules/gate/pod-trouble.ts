import type { ClusterContents } from "../../model/cluster-contents.ts";
import type { EffectiveSettings } from "../../model/effective-settings.ts";
import type { ClusterEvent, Node, Pod, Workload } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";

/** Why a workload has not the pods that it should, the causes before what follows from them. */
export const troubleKinds = [
  "create-refused",
  "unschedulable",
  "windows-node",
  "volume",
  "image",
  "configuration",
  "out-of-memory",
  "crash",
  "evicted",
  "failed",
  "node-lost",
  "not-started",
  "not-ready",
] as const;

/** One word of the list above. */
export type TroubleKind = (typeof troubleKinds)[number];

/** What is wrong with one pod. */
export interface Ailment {
  readonly kind: TroubleKind;
  /** Goes after the pod's name and a colon. */
  readonly what: string;
  readonly remedy: string;
  readonly link?: string;
  /** Pods of one workload with the same key are told together. */
  readonly key: string;
  /** Workloads whose troubles have the same are told together: one cause hits them all. */
  readonly shared?: string;
  /** `true` where waiting is of no use, however young the pod is. */
  readonly lasting?: boolean;
}

/** What is wrong with all pods of a workload that have the same ailment. */
export interface PodTrouble extends Ailment {
  readonly workload: string;
  /** The first of them, as `Pod azureml/gateway-…`. */
  readonly object: string;
  readonly pods: readonly string[];
  readonly created: number;
  /** `false` where the workload has all its pods nonetheless, so that these are leftovers. */
  readonly harms: boolean;
}

/** What is needed to understand the pods of a namespace, looked up once. */
export interface PodContext {
  readonly now: number;
  readonly settings: EffectiveSettings | undefined;
  readonly nodes: readonly Node[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  readonly events: ReadonlyMap<string, readonly ClusterEvent[]>;
}

/** Gathers what is known of a namespace; what could not be read is empty. */
export function podContext(
  contents: ClusterContents,
  settings: EffectiveSettings | undefined,
  now: number,
): PodContext {
  const events = new Map<string, ClusterEvent[]>();
  const all = [...(present(contents.events) ?? [])].sort((one, other) => other.seen - one.seen);
  for (const event of all) {
    const key = `${event.kind}/${event.name}`;
    const known = events.get(key);
    if (known) known.push(event);
    else events.set(key, [event]);
  }
  return {
    now,
    settings,
    nodes: present(contents.nodes) ?? [],
    workloads: present(contents.workloads) ?? [],
    pods: present(contents.pods) ?? [],
    events,
  };
}

/** The latest event about an object for one of these reasons. */
export function latestEvent(
  { events }: PodContext,
  kind: string,
  name: string,
  ...wanted: readonly string[]
): ClusterEvent | undefined {
  return events.get(`${kind}/${name}`)?.find(({ reason }) => wanted.includes(reason));
}

/** The pod of the extension's own health check (extension.md 6); its report is judged by itself. */
export function isHealthCheck(pod: Pod): boolean {
  return /^healthcheck\b/.test(pod.name);
}

/** The workload that a pod belongs to; a pod of none goes by its owner's name, or by its own. */
export function workloadName(pod: Pick<Pod, "name" | "owner">, workloads: readonly Workload[]): string {
  const owner = pod.owner ?? pod.name;
  return workloadOf(owner, workloads)?.name ?? owner.replace(/-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/, "");
}

/** The workload that a replica set, daemon set or stateful set of that name is, or is of. */
export function workloadOf(owner: string, workloads: readonly Workload[]): Workload | undefined {
  return (
    workloads.find(({ name }) => name === owner) ??
    workloads.find(({ name }) => owner.startsWith(`${name}-`) && !owner.slice(name.length + 1).includes("-"))
  );
}

/** The workload has all the pods that it wants. */
export function isWhole(workload: Workload | undefined): boolean {
  return workload !== undefined && workload.ready >= workload.wanted;
}

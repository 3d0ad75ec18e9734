import type {
  ClusterEvent,
  Container,
  InstanceType,
  Namespace,
  Node,
  Pod,
  Resources,
  Service,
  Termination,
  Workload,
} from "../model/kubernetes.ts";
import { parseBytes, parseCpu } from "../model/quantity.ts";

/** Objects as an API server sends them, as far as they are read here; each made small by the function of its name. */

interface Meta {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
  readonly ownerReferences?: readonly { readonly name?: string }[] | null;
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly message?: string;
}

export interface RawNode {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?:
      | readonly { readonly key?: string; readonly value?: string; readonly effect?: string }[]
      | null;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[] | null;
    readonly allocatable?: Readonly<Record<string, string>> | null;
    readonly nodeInfo?: { readonly operatingSystem?: string; readonly architecture?: string };
  };
}

/** A node. */
export function node({ metadata = {}, spec = {}, status = {} }: RawNode): Node {
  return {
    name: metadata.name ?? "",
    ready: holds(status.conditions, "Ready"),
    unschedulable: spec.unschedulable ?? false,
    os: status.nodeInfo?.operatingSystem ?? "linux",
    architecture: status.nodeInfo?.architecture ?? "amd64",
    labels: metadata.labels ?? {},
    taints: (spec.taints ?? []).map(({ key = "", value = "", effect = "" }) => ({ key, value, effect })),
    allocatable: resources(status.allocatable),
  };
}

export interface RawNamespace {
  readonly metadata?: Meta;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] | null };
}

/** A namespace; the conditions that are true while it goes say what holds it. */
export function namespace({ metadata = {}, status = {} }: RawNamespace): Namespace {
  const held = (status.conditions ?? []).filter(({ status: holding }) => holding === "True");
  return {
    name: metadata.name ?? "",
    phase: status.phase ?? "Active",
    held: held.map(({ message = "" }) => message),
  };
}

export interface RawInstanceType {
  readonly metadata?: Meta;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** An instance type. */
export function instanceType({ metadata = {}, spec = {} }: RawInstanceType): InstanceType {
  return { name: metadata.name ?? "", created: time(metadata.creationTimestamp) ?? 0, spec };
}

export interface RawWorkload {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
  };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/** A deployment, daemon set or stateful set: a list does not say of which kind its items are. */
export const workload =
  (kind: Workload["kind"]) =>
  ({ metadata = {}, spec = {}, status = {} }: RawWorkload): Workload => ({
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    labels: metadata.labels ?? {},
    wanted: kind === "DaemonSet" ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1),
    ready: (kind === "DaemonSet" ? status.numberReady : status.readyReplicas) ?? 0,
    created: time(metadata.creationTimestamp) ?? 0,
    images: (spec.template?.spec?.containers ?? []).map(({ image = "" }) => image),
  });

interface RawContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly image?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string } | null;
    readonly terminated?: RawTermination | null;
  };
  readonly lastState?: { readonly terminated?: RawTermination | null };
}

interface RawTermination {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly message?: string;
  readonly finishedAt?: string | null;
}

export interface RawPod {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> | null };
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly Condition[] | null;
    readonly containerStatuses?: readonly RawContainerStatus[] | null;
    readonly initContainerStatuses?: readonly RawContainerStatus[] | null;
  };
}

/** A pod. */
export function pod({ metadata = {}, spec = {}, status = {} }: RawPod): Pod {
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    labels: metadata.labels ?? {},
    phase: status.phase ?? "Unknown",
    reason: status.reason,
    node: spec.nodeName,
    owner: metadata.ownerReferences?.[0]?.name,
    created: time(metadata.creationTimestamp) ?? 0,
    deleting: Boolean(metadata.deletionTimestamp),
    ready: holds(status.conditions, "Ready"),
    unschedulable: scheduled?.status === "False" ? (scheduled.message ?? "") : undefined,
    requests: sum((spec.containers ?? []).map((each) => resources(each.resources?.requests))),
    containers: [
      ...(status.initContainerStatuses ?? []).map((each) => container(each, true)),
      ...(status.containerStatuses ?? []).map((each) => container(each, false)),
    ],
  };
}

function container(status: RawContainerStatus, init: boolean): Container {
  const { waiting, terminated } = status.state ?? {};
  return {
    name: status.name ?? "",
    init,
    ready: status.ready ?? false,
    restarts: status.restartCount ?? 0,
    image: status.image ?? "",
    waiting: waiting ? { reason: waiting.reason ?? "", message: waiting.message ?? "" } : undefined,
    terminated: termination(terminated),
    last: termination(status.lastState?.terminated),
  };
}

function termination(raw: RawTermination | null | undefined): Termination | undefined {
  if (!raw) return undefined;
  const { reason = "", exitCode = 0, message = "", finishedAt } = raw;
  return { reason, exitCode, message, at: time(finishedAt) };
}

export interface RawEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata?: Meta;
}

/** An event. */
export function event(raw: RawEvent): ClusterEvent {
  const seen = time(raw.lastTimestamp) ?? time(raw.eventTime) ?? time(raw.metadata?.creationTimestamp);
  return {
    type: raw.type ?? "Normal",
    reason: raw.reason ?? "",
    message: raw.message ?? "",
    kind: raw.involvedObject?.kind ?? "",
    name: raw.involvedObject?.name ?? "",
    count: raw.count ?? 1,
    seen: seen ?? 0,
  };
}

export interface RawService {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly ports?:
      | readonly { readonly name?: string; readonly port?: number; readonly nodePort?: number }[]
      | null;
  };
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] | null;
    };
  };
}

/** A service. */
export function service({ metadata = {}, spec = {}, status = {} }: RawService): Service {
  const ingress = status.loadBalancer?.ingress ?? [];
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    type: spec.type ?? "ClusterIP",
    annotations: metadata.annotations ?? {},
    clusterIp: spec.clusterIP ?? "",
    addresses: ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
    ports: (spec.ports ?? []).map(({ name = "", port = 0, nodePort }) => ({
      name,
      port,
      ...(nodePort !== undefined && { nodePort }),
    })),
  };
}

/** The sum of what is asked for. */
export function sum(all: readonly Resources[]): Resources {
  return all.reduce((one, other) => ({ cpu: one.cpu + other.cpu, memory: one.memory + other.memory }), {
    cpu: 0,
    memory: 0,
  });
}

function resources(given: Readonly<Record<string, string>> | null | undefined): Resources {
  return { cpu: parseCpu(given?.["cpu"] ?? "0") ?? 0, memory: parseBytes(given?.["memory"] ?? "0") ?? 0 };
}

function holds(conditions: readonly Condition[] | null | undefined, type: string): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
}

function time(stamp: string | null | undefined): number | undefined {
  const milliseconds = Date.parse(stamp ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

import type { DeployFacts } from "../../model/facts.ts";
import type { Node, Resources } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import { formatBytes, formatCpu } from "../../model/quantity.ts";
import { type ExpectedWorkload, expectedWorkloads, routerWorkloads } from "../../model/workloads.ts";
import { matching, usable } from "../nodes.ts";
import type { Rule, Verdict } from "../rule.ts";
import { count, list } from "../wording.ts";
import { growsByItself, type Planned, planned } from "./planned.ts";

const page =
  "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#azure-machine-learning-extension-components";

/** A node with what is left of it. */
interface Room {
  readonly name: string;
  cpu: number;
  memory: number;
  /** Workloads that must not have two pods on it. */
  readonly alone: Set<string>;
}

/** The nodes have room for what is to be installed, by the component table (extension.md 5a). */
export const capacityRules: readonly Rule<DeployFacts>[] = [
  {
    id: "capacity",
    source: "extension.md 5a",
    check: (facts) => {
      const plan = planned(facts);
      const rooms = roomsOf(facts, plan);
      if (!rooms || rooms.length === 0 || !plan.isNew) return undefined;
      const wanted = podsOf(facts, plan, rooms.length);
      const short = tooBig(wanted, rooms) ?? tooMuch(wanted, rooms) ?? tooScattered(wanted, rooms);
      if (!short) return undefined;
      return growsByItself(facts.cluster) ? { ...short, severity: "info" } : short;
    },
  },
];

/** `undefined` where nodes or what runs on them is not known. */
function roomsOf({ inside }: DeployFacts, { settings }: Planned): Room[] | undefined {
  const contents = present(inside);
  const nodes = contents && present(contents.nodes);
  const used = contents?.used && present(contents.used);
  if (!nodes || !used) return undefined;
  return matching(usable(nodes), settings.nodeSelector).map((node) => left(node, used));
}

function left({ name, allocatable }: Node, used: ReadonlyMap<string, Resources>): Room {
  const taken = used.get(name) ?? { cpu: 0, memory: 0 };
  const rest = { cpu: allocatable.cpu - taken.cpu, memory: allocatable.memory - taken.memory };
  return { name, cpu: Math.max(0, rest.cpu), memory: Math.max(0, rest.memory), alone: new Set() };
}

/** One entry for each pod, the largest first. A version yet to come is taken to ask for what today's does. */
function podsOf({ cluster }: DeployFacts, { plain, name }: Planned, nodes: number): ExpectedWorkload[] {
  const workloads = expectedWorkloads(undefined, plain, cluster.kind, name);
  return workloads
    .flatMap((workload) =>
      Array.from({ length: workload.kind === "DaemonSet" ? nodes : workload.replicas }, () => workload),
    )
    .sort(
      (one, other) => other.requests.cpu - one.requests.cpu || other.requests.memory - one.requests.memory,
    );
}

function fits({ requests }: ExpectedWorkload, room: Room): boolean {
  return requests.cpu <= room.cpu && requests.memory <= room.memory;
}

function tooBig(pods: readonly ExpectedWorkload[], rooms: readonly Room[]): Verdict | undefined {
  const pod = pods.find((one) => !rooms.some((room) => fits(one, room)));
  if (!pod) return undefined;
  const best = [...rooms].sort((one, other) => other.cpu - one.cpu)[0];
  return {
    severity: "error",
    seen: `No node has room for ${pod.name}, which asks for ${amount(pod.requests)}; the freest, ${best?.name}, has ${amount(best ?? pod.requests)} left.`,
    remedy: "Add a larger node, or move other workloads away.",
    link: page,
    object: `Node ${best?.name}`,
  };
}

function tooMuch(pods: readonly ExpectedWorkload[], rooms: readonly Room[]): Verdict | undefined {
  const [asked, free] = [total(pods.map(({ requests }) => requests)), total(rooms)];
  if (asked.cpu <= free.cpu && asked.memory <= free.memory) return undefined;
  return {
    severity: "error",
    seen: `The extension asks for ${amount(asked)}; the ${count(rooms.length, "node")} that it may use ${rooms.length === 1 ? "has" : "have"} ${amount(free)} left.`,
    remedy: lessRouters(pods)
      ? "Add nodes, or give `config: inferenceRouterHA=false` for one router instead of three."
      : "Add nodes, or move other workloads away.",
    link: page,
  };
}

/** It would fit in sum. Another order of placing might do, so that it is no error. */
function tooScattered(pods: readonly ExpectedWorkload[], rooms: readonly Room[]): Verdict | undefined {
  const homeless = pods.filter((pod) => !place(pod, rooms)).map(({ name }) => name);
  if (homeless.length === 0) return undefined;
  return {
    severity: "warning",
    seen: `What is left on the nodes is scattered: there may be no room for ${list([...new Set(homeless)])}.`,
    remedy: lessRouters(pods)
      ? "Add a node, or give `config: inferenceRouterHA=false` for one router instead of three."
      : "Add a node, or move other workloads away.",
    link: page,
  };
}

/** Puts a pod where most is left; routers each on a node of its own, if there are three (extension.md 2a). */
function place(pod: ExpectedWorkload, rooms: readonly Room[]): boolean {
  const isAlone = pod.kind === "DaemonSet" || (routerWorkloads.includes(pod.name) && rooms.length >= 3);
  const room = rooms
    .filter((one) => fits(pod, one) && !(isAlone && one.alone.has(pod.name)))
    .sort((one, other) => other.cpu - one.cpu)[0];
  if (!room) return false;
  room.cpu -= pod.requests.cpu;
  room.memory -= pod.requests.memory;
  if (isAlone) room.alone.add(pod.name);
  return true;
}

function lessRouters(pods: readonly ExpectedWorkload[]): boolean {
  return pods.filter(({ name }) => routerWorkloads.includes(name)).length > 1;
}

function total(all: readonly Resources[]): Resources {
  return {
    cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: all.reduce((sum, { memory }) => sum + memory, 0),
  };
}

function amount({ cpu, memory }: Resources): string {
  return `${formatCpu(cpu)} CPU and ${formatBytes(memory)} memory`;
}

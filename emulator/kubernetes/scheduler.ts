import type { PlannedNode, Taint, Workload } from "./plan.ts";

/** Where a pod goes, or why it goes nowhere, in the scheduler's own words. */
export type Placement = { node: PlannedNode } | { message: string };

interface Load {
  cpu: number;
  memory: number;
  /** Workloads that have a pod here already. */
  holds: Set<Workload>;
}

/** A scheduler of the kind that Kubernetes has, as far as requests, selectors and taints go. */
export class Scheduler {
  readonly #nodes: readonly PlannedNode[];
  readonly #loads: Map<PlannedNode, Load>;
  #next = 0;

  constructor(nodes: readonly PlannedNode[]) {
    this.#nodes = nodes;
    this.#loads = new Map(nodes.map((node) => [node, { cpu: 0, memory: 0, holds: new Set() }]));
  }

  /** Nodes that a daemon set wants a pod on. */
  wanted(workload: Workload): PlannedNode[] {
    return this.#nodes.filter((node) => selects(workload, node) && untolerated(workload, node) === undefined);
  }

  /** Places one pod; pods go round, so that nodes fill evenly. */
  place(workload: Workload, only?: PlannedNode): Placement {
    const count = this.#nodes.length;
    const order = Array.from({ length: count }, (_, index) => this.#nodes[(this.#next + index) % count]);
    const fitting = order.find(
      (node) => node && (only ?? node) === node && this.#reasons(workload, node).length === 0,
    );
    if (fitting) {
      this.#next += 1;
      this.#take(fitting, workload);
      return { node: fitting };
    }
    return { message: this.#message(workload, only) };
  }

  #take(node: PlannedNode, workload: Workload): void {
    const load = this.#loads.get(node);
    if (!load) return;
    load.cpu += workload.cpu;
    load.memory += workload.memory;
    load.holds.add(workload);
  }

  #reasons(workload: Workload, node: PlannedNode): string[] {
    const load = this.#loads.get(node);
    const taint = untolerated(workload, node);
    if (taint) return [`node(s) had untolerated taint {${taint.key}: ${taint.value}}`];
    if (!selects(workload, node)) return ["node(s) didn't match Pod's node affinity/selector"];
    if (workload.spread && load?.holds.has(workload)) {
      return ["node(s) didn't match pod anti-affinity rules"];
    }
    const short = [
      ...(node.cpu - (load?.cpu ?? 0) < workload.cpu ? ["Insufficient cpu"] : []),
      ...(node.memory - (load?.memory ?? 0) < workload.memory ? ["Insufficient memory"] : []),
    ];
    return short;
  }

  /** The wording of kube-scheduler 1.26 and later (FitError, preemption). */
  #message(workload: Workload, only: PlannedNode | undefined): string {
    const count = this.#nodes.length;
    const counts = new Map<string, number>();
    for (const node of this.#nodes) {
      const reasons =
        only && node !== only
          ? ["node(s) didn't satisfy plugin(s) [NodeAffinity]"]
          : this.#reasons(workload, node);
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const listed = [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
    const room = [...counts.keys()].some((one) => one.startsWith("Insufficient"));
    const preemption = room
      ? `${count} No preemption victims found for incoming pod`
      : `${count} Preemption is not helpful for scheduling`;
    return `0/${count} nodes are available: ${listed.join(", ")}. preemption: 0/${count} nodes are available: ${preemption}.`;
  }
}

function selects({ nodeSelector }: Workload, { labels }: PlannedNode): boolean {
  return Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);
}

function untolerated({ tolerates }: Workload, { taints }: PlannedNode): Taint | undefined {
  if (tolerates.includes("*")) return undefined;
  return taints.find(({ key, effect }) => effect !== "PreferNoSchedule" && !tolerates.includes(key));
}

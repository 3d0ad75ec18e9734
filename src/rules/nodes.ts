import { oneLine } from "../model/arm-error.ts";
import type { Node, Taint } from "../model/kubernetes.ts";

/** Keys of the taints that the extension's pods tolerate (extension.md 9). */
export const toleratedTaints: readonly string[] = [
  "ml.azure.com/amlarc",
  "ml.azure.com/amlarc-system",
  "ml.azure.com/amlarc-workload",
  "ml.azure.com/resource-group",
  "ml.azure.com/workspace",
  "ml.azure.com/compute",
];

/** Nodes that have all the labels of a selector. */
export function matching(
  nodes: readonly Node[],
  selector: Readonly<Record<string, string>>,
): readonly Node[] {
  const wanted = Object.entries(selector);
  return nodes.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
}

/** A selector as `kubectl` writes it: `pool=gpu, zone=1`. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => oneLine(`${key}=${value}`))
    .join(", ");
}

/** Taints that keep the extension's pods away from a node. */
export function repelling(node: Node): readonly Taint[] {
  return node.taints.filter(
    ({ key, effect }) => effect !== "PreferNoSchedule" && !toleratedTaints.includes(key),
  );
}

/** Nodes that could take a pod of the extension: ready, not cordoned, Linux, without a taint in the way. */
export function usable(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter(
    (node) => node.ready && !node.unschedulable && node.os !== "windows" && repelling(node).length === 0,
  );
}

import type { DeployFacts } from "../../model/facts.ts";
import type { Node } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import { healthCode } from "../health-codes.ts";
import { matching, repelling, selectorText, toleratedTaints, usable } from "../nodes.ts";
import type { Rule } from "../rule.ts";
import { count, list } from "../wording.ts";
import { growsByItself, planned } from "./planned.ts";

const page = "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes";

/** The nodes that the extension's pods are to run on. */
export const nodeRules: readonly Rule<DeployFacts>[] = [
  {
    id: "nodes-usable",
    source: "extension.md 6, 9",
    check: (facts) => {
      const nodes = nodesOf(facts);
      if (!nodes || usable(nodes).length > 0) return undefined;
      return {
        severity: "error",
        seen:
          nodes.length === 0
            ? "The cluster has no nodes."
            : `None of the ${count(nodes.length, "node")} can take a pod of the extension: each is not ready, cordoned, Windows, or has a taint that it does not tolerate.`,
        remedy: `Add a Linux node, or take the taints off: \`kubectl taint nodes <node> <key>-\`. Tolerated are ${toleratedTaints.join(", ")}.`,
        link: page,
      };
    },
  },
  {
    id: "nodes-ready",
    source: "extension.md 6",
    check: (facts) => {
      const down = (nodesOf(facts) ?? []).filter(({ ready }) => !ready).map(({ name }) => name);
      if (down.length === 0) return undefined;
      return {
        severity: "warning",
        seen: `${count(down.length, "node")} ${down.length === 1 ? "is" : "are"} not ready: ${list(down)}.`,
        remedy: `Look at the node: \`kubectl describe node ${down[0]}\`.`,
        object: `Node ${down[0]}`,
      };
    },
  },
  {
    id: "nodes-linux-amd64",
    source: "extension.md 9",
    check: (facts) => {
      const nodes = nodesOf(facts) ?? [];
      const fits = ({ os, architecture }: Node) => os === "linux" && architecture === "amd64";
      if (nodes.length === 0 || nodes.some(fits)) return undefined;
      return {
        severity: "error",
        seen: `No node is linux/amd64; there are ${list([...new Set(nodes.map(({ os, architecture }) => `${os}/${architecture}`))])}.`,
        remedy: "Add a linux/amd64 node.",
        link: page,
      };
    },
  },
  {
    id: "nodes-selected",
    source: "extension.md 2a, 11 (AML-Kubernetes#158)",
    check: (facts) => {
      const nodes = nodesOf(facts) ?? [];
      const { nodeSelector } = planned(facts).settings;
      if (nodes.length === 0 || matching(nodes, nodeSelector).length > 0) return undefined;
      return {
        severity: "error",
        seen: `No node has the labels of \`nodeSelector\` (${selectorText(nodeSelector)}).`,
        remedy: `Label nodes, \`kubectl label node <node> ${selectorText(nodeSelector).replaceAll(", ", " ")}\`, or give other \`nodeSelector.…\` lines in \`config\`.`,
        link: page,
      };
    },
  },
  {
    id: "nodes-for-router",
    source: "extension.md 2a, 6 (E40002)",
    check: (facts) => {
      const { settings, isNew } = planned(facts);
      const nodes = nodesOf(facts);
      if (!nodes || !settings.inference || !settings.highlyAvailable || !isNew) return undefined;
      const fitting = matching(usable(nodes), settings.nodeSelector).length;
      // That there are none at all is told by itself.
      if (fitting >= 3 || fitting === 0) return undefined;
      return {
        severity: growsByItself(facts.cluster) ? "warning" : "error",
        seen: `A highly available router needs three nodes that match its selector; there ${fitting === 1 ? "is" : "are"} ${fitting}.`,
        remedy: healthCode("E40002").remedy,
        link: healthCode("E40002").link,
      };
    },
  },
  {
    id: "nodes-windows",
    source: "extension.md 11 (AML-Kubernetes#137)",
    check: (facts) => {
      const { nodeSelector } = planned(facts).settings;
      const open = matching(nodesOf(facts) ?? [], nodeSelector).filter(
        (node) => node.os === "windows" && repelling(node).length === 0,
      );
      const [first] = open;
      if (!first) return undefined;
      return {
        severity: "warning",
        seen: `${count(open.length, "Windows node")} can be given pods of the extension, which can't run there: ${list(open.map(({ name }) => name))}.`,
        remedy:
          "Taint them, `kubectl taint nodes -l kubernetes.io/os=windows os=windows:NoSchedule`, or give a `nodeSelector.…` line in `config` that only Linux nodes match.",
        object: `Node ${first.name}`,
      };
    },
  },
];

function nodesOf({ inside }: DeployFacts): readonly Node[] | undefined {
  const contents = present(inside);
  return contents && present(contents.nodes);
}

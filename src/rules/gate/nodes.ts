import { present } from "../../model/observed.ts";
import { matching, selectorText } from "../nodes.ts";
import { count, list } from "../wording.ts";
import type { InsideRule } from "./inside.ts";
import { installed } from "./installed.ts";
import { podTroubles } from "./pods.ts";

/** The nodes are there and ready: without them nothing else can be. */
export const nodeRules: readonly InsideRule[] = [
  {
    id: "nodes-ready",
    subject: "nodes",
    source: "extension.md 6",
    looksAt: ({ nodes }) => [nodes],
    check: (facts) => {
      const contents = present(facts.inside);
      const nodes = contents && present(contents.nodes);
      if (!nodes) return undefined;
      if (nodes.length === 0) {
        return {
          severity: "error",
          seen: "The cluster has no nodes.",
          remedy: "Scale a node pool up: `az aks nodepool scale`.",
        };
      }
      const down = nodes.filter(({ ready }) => !ready).map(({ name }) => name);
      if (down.length === 0) return undefined;
      const harms = down.length === nodes.length || podTroubles(facts).some(({ harms }) => harms);
      return {
        severity: harms ? "error" : "warning",
        seen: `${count(down.length, "node")} of ${nodes.length} ${down.length === 1 ? "is" : "are"} not ready: ${list(down)}.`,
        remedy: `Look at the node: \`kubectl describe node ${down[0]}\`; restart or replace it.`,
        object: `Node ${down[0]}`,
      };
    },
  },
  {
    id: "nodes-selected",
    subject: "nodes",
    source: "extension.md 2a, 11 (AML-Kubernetes#158)",
    looksAt: ({ nodes }) => [nodes],
    check: (facts) => {
      const contents = present(facts.inside);
      const nodes = (contents && present(contents.nodes)) ?? [];
      const selector = installed(facts)?.settings.nodeSelector ?? {};
      if (nodes.length === 0 || matching(nodes, selector).length > 0) return undefined;
      return {
        severity: "error",
        seen: `No node has the labels of \`nodeSelector\` (${selectorText(selector)}).`,
        remedy: `Label nodes, \`kubectl label node <node> ${selectorText(selector).replaceAll(", ", " ")}\`, or give other \`nodeSelector.…\` lines in \`config\`; to drop one, delete the extension and deploy it anew.`,
      };
    },
  },
];

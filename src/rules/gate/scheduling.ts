import type { EffectiveSettings } from "../../model/effective-settings.ts";
import type { Node, Pod } from "../../model/kubernetes.ts";
import { formatBytes, formatCpu } from "../../model/quantity.ts";
import { matching, selectorText, toleratedTaints } from "../nodes.ts";
import { count, list, sentence, short } from "../wording.ts";

/** What a pod that no node takes is told. */
export interface Unscheduled {
  readonly seen: string;
  readonly remedy: string;
  /** `true` where waiting is of no use: no node has the labels, whatever comes free. */
  readonly lasting: boolean;
}

/** What is known around a pod that no node takes. */
export interface Surroundings {
  readonly settings: EffectiveSettings | undefined;
  readonly nodes: readonly Node[];
  readonly isRouter: boolean;
}

interface Reason {
  readonly pattern: RegExp;
  /** What is wrong, for a person. */
  readonly means: (pod: Pod, around: Surroundings, found: string) => string;
  readonly remedy: (pod: Pod, around: Surroundings) => string;
}

/** Parts of the scheduler's message, the most telling first: `0/3 nodes are available: 1 Insufficient cpu, …`. */
const reasons: readonly Reason[] = [
  {
    pattern: /didn't match (?:Pod's )?node (?:affinity\/selector|selector|affinity)/i,
    means: (_pod, { settings }) =>
      Object.keys(settings?.nodeSelector ?? {}).length > 0
        ? `no free node has the labels of \`nodeSelector\` (${selectorText(settings?.nodeSelector ?? {})})`
        : "no free node has the labels that the pod selects",
    remedy: (_pod, { settings, nodes }) => selectorRemedy(settings?.nodeSelector ?? {}, nodes),
  },
  {
    pattern: /pod anti-affinity|anti-affinity rules|topology spread constraints/i,
    means: () => "its replicas must be on different nodes, and there are not enough of them",
    remedy: (_pod, { isRouter }) =>
      isRouter
        ? "A highly available router needs three nodes that match its selector: add nodes, or give `config: inferenceRouterHA=false`."
        : "Add a node.",
  },
  {
    // Kubernetes itself taints nodes that are in trouble.
    pattern: /taint\S* \{(node\.kubernetes\.io\/(?!unschedulable)[\w-]+)/i,
    means: (_pod, _around, found) => `nodes are in trouble themselves (${found})`,
    remedy: () => "Look at the nodes (`kubectl describe nodes`); restart or replace those that are not well.",
  },
  {
    pattern: /taint\S*(?: \{(?!node\.kubernetes\.io\/)([^{},]*)\})/i,
    means: (_pod, _around, found) =>
      `nodes have a taint that the pod does not tolerate (${found.replace(/[:\s]+$/, "")})`,
    remedy: () =>
      `Remove the taint (\`kubectl taint nodes <node> <key>-\`), add a node without one, or use a taint that the extension tolerates: ${toleratedTaints.join(", ")}.`,
  },
  {
    pattern: /Insufficient (cpu|memory|ephemeral-storage|nvidia\.com\/gpu|[\w./-]+)/i,
    means: (pod, _around, found) =>
      `nodes have too little ${found} left; the pod asks for ${formatCpu(pod.requests.cpu)} CPU and ${formatBytes(pod.requests.memory)} memory`,
    remedy: (_pod, { isRouter, settings }) =>
      isRouter && settings?.highlyAvailable
        ? "Add a node or use larger ones, or give `config: inferenceRouterHA=false` for one replica instead of three."
        : "Add a node, use larger ones, or move other workloads away.",
  },
  {
    pattern: /Too many pods/i,
    means: () => "nodes run as many pods as they may",
    remedy: () => "Add a node, or a node pool with a larger `--max-pods`.",
  },
  {
    pattern: /were unschedulable|node\.kubernetes\.io\/unschedulable/i,
    means: () => "nodes are cordoned",
    remedy: () => "Run `kubectl uncordon <node>`.",
  },
  {
    pattern: /unbound immediate PersistentVolumeClaims|volume node affinity conflict|persistentvolumeclaim/i,
    means: () => "its volume is not there or is in another zone",
    remedy: () =>
      "Look at the volume claims: `kubectl get pvc -n azureml`, and at the default storage class.",
  },
];

/** What the scheduler's message means for a pod, in the words of the settings. */
export function unscheduled(message: string, pod: Pod, around: Surroundings): Unscheduled {
  // What follows speaks of evicting others, not of the reasons.
  const text = short(message.split(/\bpreemption:/)[0] ?? "", 400);
  const found = reasons.flatMap((reason) => {
    const match = reason.pattern.exec(text);
    return match ? [{ reason, detail: (match[1] ?? "").trim() }] : [];
  });
  const selects = found.some(({ reason }) => reason === reasons[0]);
  if (found.length === 0) {
    return {
      seen: `no node takes it: ${sentence(text || "the scheduler gave no reason")}`,
      remedy: "Look at the nodes: `kubectl describe nodes`.",
      lasting: false,
    };
  }
  return {
    seen: sentence(
      `no node takes it: ${list(
        found.map(({ reason, detail }) => reason.means(pod, around, detail)),
        3,
      )}`,
    ),
    remedy: [...new Set(found.slice(0, 2).map(({ reason }) => reason.remedy(pod, around)))].join(" "),
    lasting: selects && around.nodes.length > 0 && noneMatches(around),
  };
}

function noneMatches({ settings, nodes }: Surroundings): boolean {
  const selector = settings?.nodeSelector ?? {};
  return Object.keys(selector).length > 0 && matching(nodes, selector).length === 0;
}

function selectorRemedy(selector: Readonly<Record<string, string>>, nodes: readonly Node[]): string {
  const labels = selectorText(selector);
  if (labels === "")
    return "Compare the pod's selector (`kubectl describe pod`) with `kubectl get nodes --show-labels`.";
  const command = `\`kubectl label node <node> ${labels.replaceAll(", ", " ")}\``;
  const fitting = matching(nodes, selector).length;
  const now = nodes.length > 0 ? ` ${count(fitting, "node")} of ${nodes.length} match now.` : "";
  return `Label nodes (${command}), or give other \`nodeSelector.…\` lines in \`config\`; to drop one, delete the extension and deploy it anew.${now}`;
}

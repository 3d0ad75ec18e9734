import type { Pod } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import type { Verdict } from "../rule.ts";
import { count, list } from "../wording.ts";
import { ailment } from "./ailments.ts";
import { refusedCreations } from "./creation.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { installed, whileYoung } from "./installed.ts";
import {
  type Ailment,
  isHealthCheck,
  isWhole,
  type PodContext,
  type PodTrouble,
  podContext,
  troubleKinds,
  workloadName,
  workloadOf,
} from "./pod-trouble.ts";

/** More groups than this are told as a number: a report of thousands is no report. */
const mostGroups = 20;

/** How long ago a restart may be and still matter, and how many of them do. */
const recent = 60 * 60_000;
const manyRestarts = 3;

/** K2: every pod of namespace `azureml` runs or has done its work. */
export const podRules: readonly InsideRule[] = [
  {
    id: "pods-running",
    subject: "pods",
    source: "K2",
    looksAt: ({ pods }) => [pods],
    check: (facts) => {
      const causes = byCause(podTroubles(facts));
      const verdicts = causes.slice(0, mostGroups).map((hit) => told(hit, facts));
      const rest = causes.slice(mostGroups).flat();
      return rest.length > 0 ? [...verdicts, andMore(rest, facts)] : verdicts;
    },
  },
  {
    id: "pod-restarts",
    subject: "pods",
    source: "K2",
    looksAt: ({ pods }) => [pods],
    check: (facts) => {
      const contents = present(facts.inside);
      const workloads = (contents && present(contents.workloads)) ?? [];
      const restless = ((contents && present(contents.pods)) ?? []).filter((pod) =>
        isRestless(pod, facts.now),
      );
      const groups = new Map<string, Pod[]>();
      for (const pod of restless) {
        const workload = workloadName(pod, workloads);
        groups.set(workload, [...(groups.get(workload) ?? []), pod]);
      }
      return [...groups].slice(0, mostGroups).map(([workload, pods]) => restarted(workload, pods));
    },
  },
];

/** All that is wrong with the pods, one entry for each workload and cause, causes first. */
export function podTroubles(facts: InsideFacts): readonly PodTrouble[] {
  const contents = present(facts.inside);
  if (!contents) return [];
  const context = podContext(contents, installed(facts)?.settings, facts.now);
  const groups = new Map<string, PodTrouble & { readonly pods: string[] }>();
  const done = finishedOwners(context.pods);
  for (const pod of context.pods) {
    if (isHealthCheck(pod) || (pod.phase === "Failed" && done.has(pod.owner))) continue;
    const found = ailment(pod, context);
    if (found) add(groups, found, pod, context);
  }
  const order = (one: PodTrouble) => troubleKinds.indexOf(one.kind);
  const own = new Set(context.workloads.map(({ name }) => name));
  const isWorkload = ({ workload }: PodTrouble) => own.has(workload.replace(/^.*\//, ""));
  return [...refusedCreations(context), ...groups.values()].sort(
    (one, other) =>
      Number(other.harms) - Number(one.harms) ||
      // What the extension runs comes before jobs that somebody runs beside it.
      Number(isWorkload(other)) - Number(isWorkload(one)) ||
      order(one) - order(other) ||
      one.workload.localeCompare(other.workload),
  );
}

/** A young pod may still come up (K1); of a failed extension nothing does. */
export function mayPass({ created, lasting }: PodTrouble, facts: InsideFacts): boolean {
  return (
    !lasting && installed(facts)?.standing !== "failed" && whileYoung(created, facts.now).pending === true
  );
}

/** A job that failed and was done at the next try is done. */
function finishedOwners(pods: readonly Pod[]): ReadonlySet<string | undefined> {
  return new Set(
    pods.flatMap(({ phase, owner }) => (phase === "Succeeded" && owner !== undefined ? [owner] : [])),
  );
}

function add(
  groups: Map<string, PodTrouble & { readonly pods: string[] }>,
  found: Ailment,
  pod: Pod,
  context: PodContext,
): void {
  const workload = workloadName(pod, context.workloads);
  const key = `${workload}|${found.kind}|${found.key}`;
  const known = groups.get(key);
  if (known) {
    known.pods.push(pod.name);
    // The oldest of them decides whether there is still hope.
    if (pod.created < known.created) groups.set(key, { ...known, created: pod.created });
    return;
  }
  const whole = pod.phase === "Failed" && isWhole(workloadOf(pod.owner ?? "", context.workloads));
  groups.set(key, {
    ...found,
    workload,
    object: `Pod ${pod.namespace}/${pod.name}`,
    pods: [pod.name],
    created: pod.created,
    harms: !whole,
  });
}

/** Troubles of several workloads with one cause are one group, in the place of the first. */
function byCause(troubles: readonly PodTrouble[]): readonly (readonly PodTrouble[])[] {
  const causes = new Map<string, PodTrouble[]>();
  for (const [index, trouble] of troubles.entries()) {
    const key = `${trouble.kind} ${trouble.harms} ${trouble.shared ?? index}`;
    const known = causes.get(key);
    if (known) known.push(trouble);
    else causes.set(key, [trouble]);
  }
  return [...causes.values()];
}

function told(hit: readonly PodTrouble[], facts: InsideFacts): Verdict {
  const [first, ...others] = hit;
  if (!first) throw new Error("A cause has a trouble.");
  const { object, what, remedy, link, harms } = first;
  const more = [...new Set(others.map(({ workload }) => workload))].filter((name) => name !== first.workload);
  return {
    severity: harms ? "error" : "warning",
    seen: `${who(first)}${more.length > 0 ? ` (and likewise ${list(more)})` : ""}: ${what}${harms ? "" : " The workload has all its pods by now."}`,
    remedy,
    ...(link !== undefined && { link }),
    object,
    ...(harms && hit.every((trouble) => mayPass(trouble, facts)) && { pending: true }),
  };
}

function who({ pods, workload, object }: PodTrouble): string {
  return pods.length > 1 ? `${pods.length} pods of ${workload}, such as ${pods[0]}` : object;
}

function andMore(rest: readonly PodTrouble[], facts: InsideFacts): Verdict {
  const pods = rest.reduce((sum, { pods }) => sum + pods.length, 0);
  const pending = rest.every((trouble) => mayPass(trouble, facts));
  return {
    severity: rest.some(({ harms }) => harms) ? "error" : "warning",
    seen: `${count(rest.length, "more group")} of ${count(pods, "pod")} have troubles too: ${list([...new Set(rest.map(({ workload }) => workload))])}.`,
    remedy: "Mend the first ones, then look again: `kubectl get pods -n azureml`.",
    ...(pending && { pending: true }),
  };
}

/** Runs now, but fell lately, and more than once. */
function isRestless(pod: Pod, now: number): boolean {
  return (
    pod.ready &&
    pod.containers.some(
      ({ restarts, last }) => restarts >= manyRestarts && last?.at !== undefined && now - last.at < recent,
    )
  );
}

function restarted(workload: string, pods: readonly Pod[]): Verdict {
  const [pod] = pods;
  const container = pod?.containers.reduce((most, one) => (one.restarts > most.restarts ? one : most));
  const last = container?.last;
  const who = pods.length > 1 ? `${pods.length} pods of ${workload}` : `Pod azureml/${pod?.name}`;
  return {
    severity: "warning",
    seen: `${who}: ready, but restarted ${container?.restarts} times, in the last hour too (${last?.reason || "Error"}, exit code ${last?.exitCode}).`,
    remedy: `Read its log: \`kubectl logs -n azureml ${pod?.name} -c ${container?.name} --previous\`.`,
    object: `Pod azureml/${pod?.name}`,
  };
}

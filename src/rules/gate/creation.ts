import type { ClusterEvent } from "../../model/kubernetes.ts";
import { sentence, short } from "../wording.ts";
import { isWhole, type PodContext, type PodTrouble, workloadName, workloadOf } from "./pod-trouble.ts";

/** How long an event tells of the present where no workload is there to ask. */
const fresh = 60 * 60_000;

interface Refusal {
  readonly pattern: RegExp;
  readonly means: (message: string, match: RegExpExecArray) => string;
  readonly remedy: (match: RegExpExecArray) => string;
}

/** Who refuses a pod before it is made, by the message of event `FailedCreate`. */
const refusals: readonly Refusal[] = [
  {
    pattern: /exceeded quota:?\s*([\w.-]+)?/i,
    means: (message, match) => `the quota ${match[1] ?? "of the namespace"} is used up. ${message}`,
    remedy: () => "Raise or remove the ResourceQuota: `kubectl describe quota -n azureml`.",
  },
  {
    pattern: /security context constraint|\bscc\b/i,
    means: (message) => `OpenShift's security context constraints refuse it (X8). ${message}`,
    remedy: () =>
      "Grant the service accounts of the extension the SCC: `oc adm policy add-scc-to-user privileged system:serviceaccount:azureml:<account>`.",
  },
  {
    pattern: /violates PodSecurity "?([\w:.-]+)?/i,
    means: (message, match) =>
      `the pod security level ${match[1] ?? ""} of the namespace refuses it. ${message}`,
    remedy: () =>
      "Relabel the namespace: `kubectl label ns azureml pod-security.kubernetes.io/enforce=privileged --overwrite`.",
  },
  {
    pattern: /failed calling webhook "?([\w.-]+)?/i,
    means: (message, match) => `the admission webhook ${match[1] ?? ""} does not answer. ${message}`,
    remedy: (match) =>
      `Mend the service behind the webhook, or delete its configuration: \`kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations\`${match[1] ? ` (${match[1]})` : ""}.`,
  },
  {
    pattern: /admission webhook "?([\w.-]+)?"? denied/i,
    means: (message, match) => `the admission webhook ${match[1] ?? ""} denies it. ${message}`,
    remedy: () => "Exempt namespace azureml from the policy that the message names.",
  },
];

/** Workloads whose pods are not even made, from the events of their replica sets. */
export function refusedCreations(context: PodContext): PodTrouble[] {
  const found: PodTrouble[] = [];
  for (const events of context.events.values()) {
    const event = events.find(({ reason }) => reason === "FailedCreate" || reason === "ReplicaFailure");
    if (event && matters(event, context)) found.push(refused(event, context));
  }
  return found;
}

/** Events outlive what they tell of: a workload that is whole by now has got over it. */
function matters(event: ClusterEvent, { workloads, now }: PodContext): boolean {
  const workload = workloadOf(event.name, workloads);
  return workload ? !isWhole(workload) : now - event.seen < fresh;
}

function refused(event: ClusterEvent, { workloads }: PodContext): PodTrouble {
  const message = sentence(short(event.message));
  const known = refusals.find(({ pattern }) => pattern.test(event.message));
  const match = known?.pattern.exec(event.message);
  return {
    kind: "create-refused",
    key: `${event.kind} ${known?.pattern ?? message}`,
    ...(known && match && { shared: `${known.pattern} ${match[1]}` }),
    workload: workloadName({ name: event.name, owner: event.name }, workloads),
    object: `${event.kind} azureml/${event.name}`,
    pods: [],
    created: workloadOf(event.name, workloads)?.created ?? event.seen,
    harms: true,
    what: `its pods can't be made: ${known && match ? known.means(message, match) : message}`,
    remedy: known && match ? known.remedy(match) : "Mend what the message names; pods are then made at once.",
  };
}

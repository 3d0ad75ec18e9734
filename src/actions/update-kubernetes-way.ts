import type { Azure } from "../azure/connect.ts";
import { stateOf } from "../model/compute.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { UpdateRequest } from "../model/request.ts";
import type { Performed, Sight, Tools } from "../reconcile/action.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { performReattachment } from "../reconcile/reattach-perform.ts";
import { planResumption, tidySteps } from "../reconcile/reattach-plan.ts";
import { computeSight } from "./observe.ts";
import {
  describeKubernetesUpdate,
  type KubernetesWayFacts,
  kubernetesIntention,
  kubernetesUpdateSight,
  observeKubernetesUpdate,
  planKubernetesUpdate,
} from "./update-kubernetes.ts";
import { performKubernetesUpdate } from "./update-kubernetes-perform.ts";

/** A Kubernetes compute; what decides about its extension is known only where the compute is there. */
export interface KubernetesFacts extends ReattachFacts<UpdateRequest> {
  readonly extension: KubernetesWayFacts | undefined;
}

/** Looks at the extension, unless the compute is not there: then all there is to do stands in the journal. */
export async function observeKubernetes(
  seen: ReattachFacts<UpdateRequest>,
  azure: Azure,
): Promise<KubernetesFacts> {
  const compute = present(seen.compute);
  const { clusterId } = seen;
  if (!compute || !clusterId) return { ...seen, extension: undefined };
  return { ...seen, extension: await observeKubernetesUpdate(seen, compute, clusterId, azure) };
}

/** How the compute stands, and its extension. */
export function kubernetesSight({ compute, extension }: KubernetesFacts): Sight {
  return extension ? kubernetesUpdateSight(extension) : computeSight(present(compute));
}

/** One line for each thing that was seen. */
export function describeKubernetes({ extension, workspace, request }: KubernetesFacts): string[] {
  const lines = extension
    ? describeKubernetesUpdate(extension)
    : [`compute "${request.computeName}": absent`];
  return [`workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`, ...lines];
}

/** Finishes what was interrupted, else upgrades and attaches again as far as that is due. Pure. @throws Failure. */
export function planKubernetes(facts: KubernetesFacts): Plan {
  const resumed = planResumption(facts, "update-components");
  const { extension } = facts;
  if (resumed || !extension) return resumed ?? { steps: [], summary: "nothing to do." };
  const plan = planKubernetesUpdate(extension);
  return plan.steps.length > 0 ? plan : { ...plan, steps: tidySteps(facts) };
}

/** Does one step and proves it by reading. */
export async function performKubernetes(
  step: Step,
  facts: KubernetesFacts,
  tools: Tools,
): Promise<Performed> {
  const { extension } = facts;
  const performed = await performReattachment(
    step,
    facts,
    {
      action: "update-components",
      intend: () => {
        const intention = extension && kubernetesIntention(extension);
        if (!intention) throw new Error("a compute was to be attached again that need not be");
        return intention;
      },
      sight: computeSight,
      // What runs in the cluster is judged by the release gate, in a step of its own.
      verify: async () => [],
    },
    tools,
  );
  if (performed) return performed;
  if (!extension) throw new Error(`not a step of this way: ${step.kind}`);
  return performKubernetesUpdate(step, extension, tools);
}

import type { AksAttachFacts, AttachFacts } from "../model/facts.ts";
import type { AksAttachRequest, AttachRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { only } from "../rules/rule.ts";
import { attachAks } from "./attach-aks.ts";
import { attachKubernetes } from "./attach-kubernetes.ts";
import { attachRequest } from "./attach-request.ts";
import { computeTarget } from "./observe.ts";

type EitherRequest = AttachRequest | AksAttachRequest;
type EitherFacts = AttachFacts | AksAttachFacts;

/** Attaches a cluster in the way that `compute-type` names, or finds it attached and changes nothing. */
export const attach = attachWith(attachAks);

/** The same with a legacy way of one's own. */
export function attachWith(aks: typeof attachAks): Action<EitherRequest, EitherFacts> {
  return {
    name: "attach",
    subject: "compute",
    request: attachRequest,
    target: computeTarget,
    observe: (request, azure) =>
      isAksRequest(request) ? aks.observe(request, azure) : attachKubernetes.observe(request, azure),
    sight: (facts) => (isAks(facts) ? aks.sight(facts) : attachKubernetes.sight(facts)),
    describe: (facts) => (isAks(facts) ? aks.describe(facts) : attachKubernetes.describe(facts)),
    rules: [
      ...only((facts: EitherFacts): facts is AttachFacts => !isAks(facts), attachKubernetes.rules),
      ...only(isAks, aks.rules),
    ],
    plan: (facts) => (isAks(facts) ? aks.plan(facts) : attachKubernetes.plan(facts)),
    perform: (step, facts, tools) =>
      isAks(facts) ? aks.perform(step, facts, tools) : attachKubernetes.perform(step, facts, tools),
  };
}

function isAksRequest(request: EitherRequest): request is AksAttachRequest {
  return "clusterPurpose" in request.attachment;
}

function isAks(facts: EitherFacts): facts is AksAttachFacts {
  return isAksRequest(facts.request);
}

import type { Azure } from "../azure/connect.ts";
import { aksAttachBody } from "../model/aks-compute.ts";
import { attachBody, type Compute } from "../model/compute.ts";
import type { AksAttachFacts, AttachFacts } from "../model/facts.ts";
import type { Plan } from "../model/plan.ts";
import type { AksAttachRequest, AttachRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { remainsOf } from "../reconcile/reattach-remains.ts";
import { kubeconfigRule } from "../rules/kubeconfig.ts";
import { only } from "../rules/rule.ts";
import { attachAks, type LookUp, lookUpName } from "./attach-aks.ts";
import { attachKubernetes } from "./attach-kubernetes.ts";
import {
  observeReplacement,
  performReplacement,
  planReplacement,
  type Replacement,
} from "./attach-replace.ts";
import { attachRequest } from "./attach-request.ts";
import { computeTarget } from "./observe.ts";
import { unseenCertificateRule } from "./unseen-certificate.ts";

type EitherRequest = AttachRequest | AksAttachRequest;
/** `replacement`: what is there is replaced, or what an interrupted run began is finished. */
type EitherFacts = (AttachFacts | AksAttachFacts) & { readonly replacement?: Replacement | undefined };

/** Attaches a cluster in the way that `compute-type` names, or finds it attached and changes nothing. */
export const attach = attachWith(attachAks);

/** The same with a legacy way of one's own. */
export function attachWith(
  aks: typeof attachAks,
  lookUp: LookUp = lookUpName,
): Action<EitherRequest, EitherFacts> {
  const plain = (facts: EitherFacts): Plan => (isAks(facts) ? aks.plan(facts) : attachKubernetes.plan(facts));
  return {
    name: "attach",
    subject: "compute",
    request: attachRequest,
    target: computeTarget,
    observe: async (request, azure) => {
      const facts = await observeEither(request, azure, aks);
      const replacement = await observeReplacement(facts, wantedBody(facts), () => plain(facts), azure);
      return { ...facts, replacement };
    },
    sight: (facts) => (isAks(facts) ? aks.sight(facts) : attachKubernetes.sight(facts)),
    describe: (facts) => (isAks(facts) ? aks.describe(facts) : attachKubernetes.describe(facts)),
    rules: [
      {
        ...kubeconfigRule,
        check: ({ replacement }) => replacement && kubeconfigRule.check(replacement.seen),
      },
      {
        ...unseenCertificateRule,
        check: ({ replacement }) => replacement?.unseen && unseenCertificateRule.check(replacement.unseen),
      },
      ...only((facts: EitherFacts): facts is AttachFacts => !isAks(facts), attachKubernetes.rules),
      ...only(isAks, aks.rules),
    ],
    plan: (facts) => replacing(facts) ?? plain(facts),
    leaves: ({ replacement }) => replacement && remainsOf(replacement.seen),
    perform: (step, facts, tools) => {
      const { replacement } = facts;
      if (replacement && replacing(facts)) return performReplacement(step, replacement, tools, lookUp);
      return isAks(facts) ? aks.perform(step, facts, tools) : attachKubernetes.perform(step, facts, tools);
    },
  };
}

function observeEither(
  request: EitherRequest,
  azure: Azure,
  aks: typeof attachAks,
): Promise<AttachFacts | AksAttachFacts> {
  return isAksRequest(request) ? aks.observe(request, azure) : attachKubernetes.observe(request, azure);
}

function replacing({ replacement }: EitherFacts): Plan | undefined {
  return replacement && planReplacement(replacement);
}

function wantedBody(facts: AttachFacts | AksAttachFacts): Compute {
  const { location } = facts.workspace;
  const { request } = facts;
  return isAksRequest(request)
    ? aksAttachBody(request.attachment, location)
    : attachBody(request.attachment, location);
}

function isAksRequest(request: EitherRequest): request is AksAttachRequest {
  return "clusterPurpose" in request.attachment;
}

function isAks(facts: EitherFacts): facts is AksAttachFacts {
  return isAksRequest(facts.request);
}

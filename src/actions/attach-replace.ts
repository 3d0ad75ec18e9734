import type { Azure } from "../azure/connect.ts";
import { type Compute, differenceLines, stateOf } from "../model/compute.ts";
import type { ComputeFacts } from "../model/facts.ts";
import { asFailure } from "../model/failure.ts";
import { pointedAt } from "../model/journal.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import { missingSettings, replacementBody, splitTls } from "../model/reattachment.ts";
import type { ComputeRequest, GivenTls, ReattachRequest, ReplaceRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import { scoringEndpoint } from "../model/scoring-endpoint.ts";
import { readCertificate } from "../model/tls-material.ts";
import type { Performed, Tools } from "../reconcile/action.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { performReattachment, type Reattaching } from "../reconcile/reattach-perform.ts";
import { type Intention, planReattachment, planResumption, tidySteps } from "../reconcile/reattach-plan.ts";
import { refuseElsewhere } from "../reconcile/reattach-refusals.ts";
import { aksSight, type LookUp } from "./attach-aks.ts";
import { renewedTls } from "./legacy-intention.ts";
import { verifyLegacy } from "./legacy-verification.ts";
import { observeReattachment } from "./observe-reattach.ts";
import { refuseUnseen, type UnseenCertificate, unseenCertificate } from "./unseen-certificate.ts";

/** What is asked of either kind of attachment, as far as it matters here. */
export interface Replaceable extends ComputeRequest {
  readonly attachment: { readonly clusterId: string };
  readonly replacing?: ReplaceRequest | undefined;
}

/** An attachment that is wanted in the place of another one, or of what an interrupted run left. */
export interface Replacement {
  readonly seen: ReattachFacts;
  /** The PUT that attaches as it is asked for, with certificate and key. */
  readonly wanted: Compute;
  /** Why what is there is to be replaced; absent where it is not. */
  readonly reason: string | undefined;
  /** Why it can't be told whether it is, since the cluster's certificate could not be seen. */
  readonly unseen?: UnseenCertificate | undefined;
}

/**
 * Looks whether a compute is to be replaced (A6), or an interrupted run to be finished; `undefined` where neither is. A
 * plain attach looks no further than at the workspace's tags, which it has read anyway; one that may replace looks for a
 * journal without a tag as well.
 * @param plan the plan of a plain attach, whose failure `Different` is what `on-difference` speaks of
 */
export async function observeReplacement(
  facts: ComputeFacts<Replaceable>,
  wanted: Compute,
  plan: () => Plan,
  azure: Azure,
): Promise<Replacement | undefined> {
  const { request, workspace } = facts;
  const { replacing } = request;
  const pointer = pointedAt(workspace.tags, request.computeName, request.workspace);
  const { tls } = splitTls(wanted);
  const mayReplace = replacing?.onDifference === "replace";
  const isReplacing = mayReplace && facts.compute.is === "present";
  const mayBeLeft = mayReplace && facts.compute.is === "absent";
  const differs = isReplacing && isDifferent(plan);
  const looks =
    differs || mayBeLeft || (isReplacing && tls) || pointer !== undefined || replacing?.resume === "discard";
  if (!replacing || !looks) return undefined;
  const asked: ReattachRequest = { ...request, ...replacing, clusterId: request.attachment.clusterId };
  const seen = await observeReattachment({ ...facts, request: asked }, azure);
  const reason = isReplacing ? reasonFor(seen, wanted, differs) : undefined;
  const unseen = isReplacing && tls && !differs ? unseenCertificate(seen) : undefined;
  return { seen, wanted, reason, unseen };
}

function isDifferent(plan: () => Plan): boolean {
  try {
    plan();
    return false;
  } catch (error) {
    return asFailure(error).code === "Different";
  }
}

/** What differs, and last the certificate: Azure never shows that, the cluster does. */
function reasonFor(seen: ReattachFacts, wanted: Compute, differs: boolean): string | undefined {
  const found = present(seen.compute);
  if (!found) return undefined;
  const { body, tls } = splitTls(wanted);
  if (differs) {
    const lines = differenceLines(missingSettings(body, found));
    return `\`on-difference\` is replace, and it has other settings: ${lines.join("; ") || stateOf(found)}`;
  }
  const held = seen.legacy && present(seen.legacy.tls);
  if (!held || !tls) return undefined;
  const [before, after] = [held, tls].map((one) => fingerprintOf(one.certificate, seen.now));
  if (before === after) return undefined;
  return "`on-difference` is replace, and the cluster holds another certificate than the one given";
}

function fingerprintOf(certificate: string, now: number): string | undefined {
  return readCertificate({ certificate, now }).material?.fingerprint;
}

/** The plan that replaces or finishes; `undefined` where a plain attach is all there is to do. Pure. @throws Failure. */
export function planReplacement(replacement: Replacement): Plan | undefined {
  const { seen, reason } = replacement;
  refuseElsewhere(seen);
  const resumed = planResumption(seen, "attach");
  if (resumed) {
    renewedTls(seen, "attach", givenTls(replacement));
    return resumed;
  }
  refuseUnseen(replacement);
  if (reason !== undefined) return planReattachment(seen, "attach", () => intention(replacement));
  const tidy = tidySteps(seen);
  return tidy.length > 0 ? { steps: tidy, summary: "tidy up after a run that died" } : undefined;
}

function intention({ seen, wanted, reason = "" }: Replacement): Intention {
  const found = present(seen.compute);
  if (!found) throw new Error("a compute that is absent was to be replaced");
  const { body, tls } = splitTls(replacementBody(found, wanted));
  const fingerprint = tls && fingerprintOf(tls.certificate, seen.now);
  return { reason, body, tls, fingerprint, isKept: false, scoringIp: scoringEndpoint(found).ip };
}

function givenTls({ wanted }: Replacement): GivenTls | undefined {
  return splitTls(wanted).tls;
}

/** The way to the compute's cluster, unless that is another one than before: then nobody has opened it. */
function apiOf({ api, clusterId = "" }: ReattachFacts, { properties }: Compute) {
  return sameText(properties.resourceId ?? "", clusterId) ? present(api) : undefined;
}

/** Does one step of it. What an interrupted run began may be something else than what is asked for: the run looks again. */
export async function performReplacement(
  step: Step,
  replacement: Replacement,
  tools: Tools,
  lookUp: LookUp,
): Promise<Performed> {
  const { seen } = replacement;
  const how: Reattaching = {
    action: "attach",
    intend: () => intention(replacement),
    renewed: renewedTls(seen, "attach", givenTls(replacement)),
    sight: aksSight,
    verify: async (compute, journal, { azure, watcher }) =>
      sameText(journal.computeType, "AKS")
        ? verifyLegacy({ compute, journal, api: apiOf(seen, compute), azure, watcher, lookUp })
        : [],
  };
  const performed = await performReattachment(step, seen, how, tools);
  if (!performed) throw new Error(`not a step of this way: ${step.kind}`);
  const isFinished = step.kind === "delete-journal" && seen.request.resume === "auto";
  return isFinished && replacement.reason === undefined ? { ...performed, outdated: true } : performed;
}

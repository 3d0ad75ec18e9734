import type { Azure } from "../azure/connect.ts";
import type { ClusterFacts, VerifyFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import type { ClusterRequest } from "../model/request.ts";
import { gateRules } from "../rules/gate/index.ts";
import { gateFindings, judgeGate } from "../rules/gate/judge.ts";
import { observeInside } from "./observe-cluster.ts";

/**
 * The failure of an extension with what the gate's rules say of its cause: the cluster nearly always knows it, and
 * Azure tells "pod healthcheck failed" (extension.md 11).
 */
export function explained(failure: Failure, facts: ClusterFacts<ClusterRequest>): Failure {
  const seen: VerifyFacts = {
    ...facts,
    request: { ...facts.request, failOn: "error", waitFor: 0, diagnostics: false },
  };
  const errors = gateFindings(judgeGate(gateRules, seen)).filter(({ severity }) => severity === "error");
  // What the extension itself says, the failure has told already.
  const known = errors.some(({ id }) => id === "extension-failure-cause");
  const found = errors.filter(({ id }) => !/^extension-(failure-cause|succeeded)$/.test(id));
  const [cause, ...others] = known ? [undefined, ...found] : found;
  return new Failure(failure.code, cause ? `${failure.message} ${cause.seen}` : failure.message, {
    details: [...failure.details, ...others.flatMap((other) => other?.seen ?? [])],
    remedy: cause?.remedy ?? failure.remedy,
    link: cause?.link ?? failure.link,
    requestId: failure.requestId,
    cause: failure,
  });
}

/** The same for an extension that has just failed, after a new look; what goes wrong with the look costs no more than itself. */
export async function explainedNow(
  failure: Failure,
  facts: ClusterFacts<ClusterRequest>,
  azure: Azure,
): Promise<Failure> {
  try {
    const seen = await observeInside(facts.request, azure, { capacity: false });
    return explained(failure, { ...facts, ...seen });
  } catch {
    azure.arm.signal.throwIfAborted();
    return failure;
  }
}

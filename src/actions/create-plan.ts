import { type Difference, differenceLines, isFinal, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import type { Plan, Step } from "../model/plan.ts";
import { sameText } from "../model/resource-id.ts";

/** Something that is to be created once and never changed (C7), of whatever kind. */
export interface Once<Found> {
  /** What it is called: `cluster "aks1"`. */
  readonly noun: string;
  readonly create: Step;
  readonly awaiting: "await-cluster" | "await-compute";
  /** Every field in which what is there is something else. */
  readonly differences: (found: Found) => readonly Difference[];
  /** What to do about fields that differ. */
  readonly remedy: (rows: readonly Difference[], found: Found) => string;
  readonly failed: (found: Found) => Failure;
}

interface Provisioned {
  readonly properties: { readonly provisioningState?: string };
}

/** Pure: creation that is idempotent, as no tool of Microsoft's is (C7). @throws Failure `Different`, or as it failed. */
export function planOnce<Found extends Provisioned>(found: Found | undefined, once: Once<Found>): Plan {
  const { noun, create } = once;
  if (!found) return { summary: create.title, steps: [create] };
  const state = stateOf(found);
  if (sameText(state, "Deleting")) {
    const title = `wait until ${noun} is gone`;
    const gone: Step = { kind: "await-gone", title, reason: "it is being deleted" };
    return { summary: `${title}, then ${create.title}`, steps: [gone, create] };
  }
  const rows = once.differences(found);
  if (rows.length > 0) throw different(once, found, rows);
  if (sameText(state, "Succeeded")) {
    return { summary: `nothing to do; ${noun} is there with these settings.`, steps: [] };
  }
  if (isFinal(state)) throw once.failed(found);
  const title = `wait for ${noun}`;
  const reason = `it is ${state} with the settings asked for, begun by another run or tool`;
  return { summary: title, steps: [{ kind: once.awaiting, title, reason }] };
}

function different<Found extends Provisioned>(
  { noun, remedy }: Once<Found>,
  found: Found,
  rows: readonly Difference[],
): Failure {
  return new Failure("Different", `The ${noun} (${stateOf(found)}) exists with other settings.`, {
    details: differenceLines(rows),
    remedy: remedy(rows, found),
    link: "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes",
  });
}

/** The read that proves the write: field by field what was asked for. @throws Failure `NotApplied`. */
export function provenOnce<Found>(
  { noun, differences }: Pick<Once<Found>, "noun" | "differences">,
  found: Found,
): Found {
  const details = differenceLines(differences(found));
  if (details.length === 0) return found;
  throw new Failure("NotApplied", `Azure reported success, but the ${noun} is not what was asked for.`, {
    details,
    remedy:
      "Somebody else may have created one of that name at the same time. Look at both, then run this step again.",
  });
}

import { type Compute, type Difference, differenceLines, isFinal, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import type { Plan, Step } from "../model/plan.ts";
import { resourceName, sameText } from "../model/resource-id.ts";
import { computeFailure } from "../reconcile/compute-failure.ts";

/** An attachment that is wanted, of whatever type. */
export interface Wanted {
  readonly computeName: string;
  readonly clusterId: string;
  /** The body that creates it, without secrets. */
  readonly body: unknown;
  /** Every field in which what is there is something else. */
  readonly differences: (found: Compute) => readonly Difference[];
  /** The step that changes what differs in place, where that can be done. */
  readonly change?: (found: Compute, rows: readonly Difference[]) => Step | undefined;
}

/** Pure. @throws Failure `Different` with every field, `ComputeFailed` with every error. */
export function planAttachment(found: Compute | undefined, wanted: Wanted): Plan {
  const name = `compute "${wanted.computeName}"`;
  const create: Step = {
    kind: "create-compute",
    title: `attach cluster "${resourceName(wanted.clusterId)}" as ${name}`,
    reason: "there is no compute of that name",
    body: wanted.body,
  };
  if (!found) return { summary: create.title, steps: [create] };
  const state = stateOf(found);
  if (sameText(state, "Deleting")) {
    const gone: Step = {
      kind: "await-gone",
      title: `wait until ${name} is gone`,
      reason: "it is being detached",
    };
    return { summary: `${gone.title}, then ${create.title}`, steps: [gone, create] };
  }
  const rows = wanted.differences(found);
  const change = rows.length > 0 ? wanted.change?.(found, rows) : undefined;
  if (rows.length > 0 && !change) throw different(wanted.computeName, found, rows);
  const ready = isFinal(state) ? [] : [awaiting(name, state, rows.length === 0)];
  if (ready.length === 0 && !sameText(state, "Succeeded")) throw computeFailure(wanted.computeName, found);
  const steps = [...ready, ...(change ? [change] : [])];
  const summary = steps.map(({ title }) => title).join(", then ");
  return { summary: summary || `nothing to do; ${name} is attached with these settings.`, steps };
}

function awaiting(name: string, state: string, isEqual: boolean): Step {
  const settings = isEqual ? "with the settings asked for" : "with other settings";
  return {
    kind: "await-compute",
    title: `wait for ${name}`,
    reason: `it is ${state} ${settings}, begun by another run or tool`,
  };
}

/** Azure may report success and change nothing (peers 0.1), so a difference is never mended by a PUT. */
export function different(computeName: string, found: Compute, rows: readonly Difference[]): Failure {
  return new Failure(
    "Different",
    `The compute "${computeName}" (${stateOf(found)}) exists with other settings.`,
    {
      details: differenceLines(rows),
      remedy:
        "Azure can't change an attached compute. Give the settings that it has, choose another `compute-name`, or give `on-difference: replace`, which detaches it and attaches it again; what runs on it stops meanwhile.",
      link: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute",
    },
  );
}

/** The read that proves the write: field by field what was asked for (peers 0.1). @throws Failure `NotApplied`. */
export function proven(wanted: Pick<Wanted, "computeName" | "differences">, compute: Compute): Compute {
  const lines = differenceLines(wanted.differences(compute));
  if (lines.length === 0) return compute;
  throw new Failure(
    "NotApplied",
    `Azure reported success, but the compute "${wanted.computeName}" is not what was asked for.`,
    {
      details: lines,
      remedy:
        "Somebody else may have attached a compute of that name at the same time, and Azure changes no existing one. Detach it, then run this step again.",
    },
  );
}

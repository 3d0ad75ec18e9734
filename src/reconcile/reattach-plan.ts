import { type Compute, differenceLines, isFinal, stateOf } from "../model/compute.ts";
import type { ActionName } from "../model/doors.ts";
import { formatDuration } from "../model/duration.ts";
import { Failure } from "../model/failure.ts";
import {
  type Journal,
  type JournalTls,
  journalName,
  journalNamespace,
  type Phase,
  type ReadJournal,
  unreadable,
} from "../model/journal.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import { missingSettings } from "../model/reattachment.ts";
import { sameText } from "../model/resource-id.ts";
import type { ReattachFacts } from "./reattach-facts.ts";
import { journalLost, needsCluster, refuseElsewhere } from "./reattach-refusals.ts";

/** A compute that is to be detached and attached again: with what, and why. */
export interface Intention {
  /** Why, for the plan: `its components are updated by that (U1)`. */
  readonly reason: string;
  /** The PUT that attaches it, without certificate and key. */
  readonly body: Compute;
  readonly tls?: JournalTls | undefined;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint?: string | undefined;
  /** Certificate and key are those that the cluster has now. */
  readonly isKept: boolean;
  readonly scoringIp?: string | undefined;
}

/** Where a re-attach goes on. */
export type Stage = "begin" | "detach" | "attach" | "verify";

/** The journal of an interrupted run; `undefined` where there is none. @throws Failure where it can't be read. */
export function unfinishedJournal(facts: ReattachFacts): Journal | undefined {
  const read = present(facts.journal);
  if (!read) return undefined;
  if (read.is !== "readable") throw unreadable(read, journalPlace(facts));
  return read.journal;
}

/**
 * The plan of a re-attach: from the beginning, or from where an interrupted run has come to. Pure.
 * @throws Failure where it can't be begun, or can't be finished; nothing is changed then.
 */
export function planReattachment(facts: ReattachFacts, action: ActionName, intend: () => Intention): Plan {
  const resumed = planResumption(facts, action);
  if (resumed) return resumed;
  const found = present(facts.compute);
  if (!found) throw new Error("a compute that is absent was to be detached");
  refuseElsewhere(facts);
  if (facts.request.journal === "cluster") needsCluster(facts);
  const intention = intend();
  const steps = stepsFrom("begin", facts, intention.body, {
    hold: "one run at a time works on a cluster",
    write: "a run that is cut off after the detach can be finished from it, on any machine (design 6)",
    detach: intention.reason,
  });
  return { steps, summary: `detach ${nameOf(facts)} and attach it again, since ${intention.reason}` };
}

/** The plan that finishes what an interrupted run began, or throws it away; `undefined` where there is nothing of it. */
export function planResumption(facts: ReattachFacts, action: ActionName): Plan | undefined {
  if (facts.request.resume === "discard") return planDiscard(facts);
  const journal = unfinishedJournal(facts);
  if (!journal) {
    if (facts.compute.is === "present") return undefined;
    if (facts.pointer !== undefined) throw journalLost(facts);
    return undefined;
  }
  const stage = stageOf(facts, journal, action);
  // Nothing was done yet but to write it: the same action begins anew, with what it is given now.
  if (stage === "begin") return undefined;
  needsCluster(facts);
  const age = formatDuration(Math.max(0, facts.now - Date.parse(journal.startedAt)));
  const says = `the journal of run ${journal.run} (${journal.action}, begun ${age} ago) says "${journal.phase}"`;
  const steps = stepsFrom(stage, facts, journal.body, {
    hold: "one run at a time works on a cluster",
    write: `${says}, and this run goes on with it`,
    detach: says,
  });
  return { steps, summary: `finish what an interrupted run began with ${nameOf(facts)}, since ${says}` };
}

/** What is there against what the journal says. @throws Failure where somebody else has gone another way. */
function stageOf(facts: ReattachFacts, journal: Journal, action: ActionName): Stage {
  const found = present(facts.compute);
  const begun: readonly Phase[] = ["planned", "detaching"];
  if (!found) return "attach";
  const cluster = found.properties.resourceId ?? "";
  // A replacement may be one of the cluster as well; the journal lies where the compute was.
  const places = [journal.clusterId, journal.body.properties.resourceId ?? ""];
  if (!places.some((place) => sameText(place, cluster))) throw attachedElsewhere(facts, journal, cluster);
  if (sameText(stateOf(found), "Deleting")) return "detach";
  const { createdOn } = found.properties;
  const isOld = createdOn === undefined || journal.createdOn === undefined || createdOn === journal.createdOn;
  if (begun.includes(journal.phase) && isOld) {
    return journal.phase === "planned" && journal.action === action ? "begin" : "detach";
  }
  // An attach that failed shows what it came to, which need not be what was sent.
  const hasFailed = isFinal(stateOf(found)) && !sameText(stateOf(found), "Succeeded");
  if (hasFailed && journal.phase === "attaching") return "detach";
  const rows = missingSettings(journal.body, found);
  if (rows.length > 0) throw attachedMeanwhile(facts, journal, differenceLines(rows));
  if (!isFinal(stateOf(found))) return "attach";
  return hasFailed ? "detach" : "verify";
}

/** Why each step is in the plan. */
interface Reasons {
  readonly hold: string;
  readonly write: string;
  readonly detach: string;
}

/** The steps from a stage on. Each can be entered by any process: what it needs it reads from the journal. */
function stepsFrom(stage: Stage, facts: ReattachFacts, body: Compute, reasons: Reasons): Step[] {
  const name = nameOf(facts);
  const isKept = facts.request.journal === "cluster" || facts.journal.is === "present";
  const isLegacy = sameText(body.properties.computeType, "AKS");
  const isHere = sameText(body.properties.resourceId ?? "", facts.clusterId ?? "");
  const isCleaned = isLegacy && isHere && present(facts.api)?.writes !== undefined;
  const all: Record<Exclude<Stage, "begin">, readonly (Step | false)[]> = {
    detach: [
      {
        kind: "detach-compute",
        title: `detach ${name} and wait until it is gone`,
        reason: reasons.detach,
      },
    ],
    attach: [
      isCleaned && {
        kind: "clean-leftovers",
        title: "remove what the legacy router left in the cluster, where no web service runs",
        reason: "the eight objects keep a new router from coming up (extension.md 8)",
      },
      {
        kind: "create-compute",
        title: `attach ${name} again`,
        reason: "it was detached; it gets the settings that the journal holds",
        body,
      },
    ],
    verify: [
      {
        kind: "verify-compute",
        title: `verify ${name}`,
        reason: "what is there is held against what the journal says",
      },
      isKept && {
        kind: "delete-journal",
        title: "delete the journal and its tag",
        reason: "nothing is left to finish",
      },
    ],
  };
  const order = ["detach", "attach", "verify"] as const;
  const from = stage === "begin" ? 0 : order.indexOf(stage);
  return [
    isKept && holdStep(reasons.hold),
    {
      kind: "write-journal" as const,
      title: isKept ? `write the journal into ${journalPlace(facts)}` : "note the whole attachment",
      reason: isKept ? reasons.write : "`journal: none` keeps it in this run's memory alone",
    },
    ...order.slice(from).flatMap((one) => all[one]),
  ].filter((step) => step !== false);
}

/** The step that takes the lease of the cluster. */
export function holdStep(reason: string): Step {
  return { kind: "hold-lease", title: "take the lease of the cluster", reason };
}

/** Takes away what a run left that was cut off at its very end: its lease, and a tag that leads to no journal any more. */
export function tidySteps(facts: ReattachFacts): Step[] {
  const canWrite = present(facts.api)?.writes !== undefined && facts.lacking.length === 0;
  if (!canWrite || facts.journal.is !== "absent" || facts.compute.is !== "present") return [];
  const hold = holdStep("a run that died has left it, or is about to be tidied up after");
  const title = "take the tag that leads to a journal off the workspace";
  const unmark: Step = {
    kind: "delete-journal",
    title,
    reason: "there is no journal any more where it leads",
  };
  if (facts.pointer !== undefined) return [hold, unmark];
  return facts.isLeaseLeft ? [hold] : [];
}

/** `resume: discard`: what an interrupted run left is thrown away, and nothing else is done. */
function planDiscard(facts: ReattachFacts): Plan {
  refuseElsewhere(facts);
  const found = facts.journal.is === "present" ? facts.journal.value : undefined;
  if (!found && facts.pointer === undefined) {
    return { steps: [], summary: `nothing to do; no interrupted run left anything of ${nameOf(facts)}.` };
  }
  if (found) needsCluster(facts);
  const discard: Step = {
    kind: "delete-journal",
    title: found
      ? "throw the journal and its tag away"
      : "take the tag that leads to a journal off the workspace",
    reason: `\`resume: discard\` asks for it; ${found ? contentsOf(found) : "there is no journal where it leads"}`,
    ...(found?.is === "readable" && { body: found.journal.body }),
  };
  const steps = found ? [holdStep("one run at a time works on a cluster"), discard] : [discard];
  return { steps, summary: discard.title };
}

function contentsOf(read: ReadJournal): string {
  if (read.is !== "readable") return "it can't be read";
  const { run, action, phase, startedAt, tls } = read.journal;
  const certificate = tls ? ", and with it certificate and key" : "";
  return `it is of run ${run} (${action}, begun ${startedAt}), in phase "${phase}"${certificate}`;
}

function nameOf({ request }: ReattachFacts): string {
  return `compute "${request.computeName}"`;
}

/** Where the journal lies, for a person. */
export function journalPlace({ request }: ReattachFacts): string {
  return `secret ${journalNamespace}/${journalName(request.workspace, request.computeName)}`;
}

function attachedElsewhere(facts: ReattachFacts, journal: Journal, cluster: string): Failure {
  return new Failure(
    "AttachedElsewhere",
    `An interrupted run was to attach ${nameOf(facts)} to ${journal.clusterId} again; by now the name belongs to another cluster, ${cluster}. The journal is kept.`,
    {
      remedy: `If the compute is right as it is, run the step again with \`resume: discard\`. If not, detach it and run the step again. What the journal holds: ${journalPlace(facts)}.`,
    },
  );
}

function attachedMeanwhile(facts: ReattachFacts, journal: Journal, details: readonly string[]): Failure {
  return new Failure(
    "AttachedMeanwhile",
    `An interrupted run was to attach ${nameOf(facts)} again; somebody has attached it meanwhile, with other settings. The journal is kept.`,
    {
      details,
      remedy: `If the compute is right as it is, run the step again with \`resume: discard\`. If it should be as it was when ${journal.action} began, detach it and run the step again.`,
    },
  );
}

import type { Azure } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { Extension, ManagedCluster } from "../model/azure-resources.ts";
import type { ActionName } from "../model/doors.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import { planChanges } from "../model/plan-changes.ts";
import type { CommonRequest } from "../model/request.ts";
import { judge } from "../rules/rule.ts";
import type { Sight, Unfinished, Way } from "./action.ts";
import type { Draft } from "./draft.ts";
import { part } from "./part.ts";
import { apply, held, refuse, showFindings, showPlan } from "./reconcile.ts";

/** What the stages before bring about, once their plans are done. */
export interface Brought {
  readonly cluster?: ManagedCluster;
  readonly extension?: Extension;
  /** Titles of the steps by which they do. */
  readonly by: readonly string[];
}

/** An action as a stage of a composed run: nothing of it is done in another way. */
export interface StageParts<Request extends CommonRequest, Facts> {
  readonly action: Way<Request, Facts> & { readonly name: ActionName };
  readonly request: Request;
  readonly isBase: boolean;
  /** What will be seen once the stages before have brought that about. */
  readonly expect?: (facts: Facts, brought: Brought) => Facts;
  /** What its plan brings about for the stages after it. */
  readonly brings?: (facts: Facts, plan: Plan) => Omit<Brought, "by">;
  /** A later look with what is chosen at random taken from the first, so that both come to one plan. */
  readonly alike?: (again: Facts, first: Facts) => Facts;
}

/** A stage, whatever its action. */
export interface Stage {
  readonly name: ActionName;
  /** Other chains stand on what it brings about: a cluster and its extension carry several computes. */
  readonly isBase: boolean;
  /** Looks at what is there. Writes nothing. */
  readonly look: (azure: Azure) => Promise<Seen>;
}

/** What a stage has seen. */
export interface Seen {
  readonly sight: Sight;
  readonly lines: readonly string[];
  /** Rules and plan, as things will be when the stage's turn comes. */
  readonly judge: (before: Brought) => Judged;
}

/** What a stage would do. */
export interface Judged {
  readonly findings: readonly Finding[];
  /** Absent where none can be made; `failure` says why. */
  readonly plan?: Plan;
  readonly failure?: Failure;
  readonly brings: Omit<Brought, "by">;
  /** What an earlier run has left behind, and stays so where this one ends before the stage's turn. */
  readonly leaves?: Unfinished | undefined;
  /**
   * Looks again, judges again, plans again, and does what was shown.
   * @throws Failure `PlanChanged` where that would be something else than was shown.
   */
  readonly apply: (turn: Turn) => Promise<void>;
}

/** What a stage needs when its turn comes. */
export interface Turn {
  readonly azure: Azure;
  readonly host: Host;
  /** Of this stage alone. */
  readonly draft: Draft;
  /** Of the run that it is a stage of. */
  readonly whole: Draft;
  readonly wait: boolean;
}

/** An action with its request as a stage. */
export function stageOf<Request extends CommonRequest, Facts>(parts: StageParts<Request, Facts>): Stage {
  const { action, request } = parts;
  return {
    name: action.name,
    isBase: parts.isBase,
    look: async (azure) => {
      const facts = await action.observe(request, azure);
      azure.arm.signal.throwIfAborted();
      return {
        sight: action.sight(facts),
        lines: action.describe(facts),
        judge: (before) => judged(parts, facts, before),
      };
    },
  };
}

function judged<Request extends CommonRequest, Facts>(
  parts: StageParts<Request, Facts>,
  facts: Facts,
  before: Brought,
): Judged {
  const { action, request, expect, brings } = parts;
  const expected = before.by.length > 0 && expect ? expect(facts, before) : facts;
  const found = request.preflight === "off" ? [] : judge(action.rules, expected);
  const errorsNow =
    request.preflight === "off" || expected === facts ? [] : errorsOf(judge(action.rules, facts));
  const aside = errorsNow.filter((error) => !found.some((other) => sameFinding(error, other)));
  const findings = [...found, ...aside.map((error) => setAside(error, before))];
  const leaves = action.leaves?.(facts);
  try {
    const plan = withStage(action.plan(expected), action.name);
    return {
      findings,
      leaves,
      plan,
      brings: plan.steps.length > 0 ? (brings?.(expected, plan) ?? {}) : {},
      apply: (turn) => again(parts, { facts, findings, plan }, turn),
    };
  } catch (error) {
    return { ...unplanned, findings, leaves, failure: asFailure(error) };
  }
}

/** What was never planned is never done. */
export const unplanned: Judged = {
  findings: [],
  brings: {},
  apply: () => Promise.reject(new Error("nothing is planned")),
};

function errorsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "error");
}

function sameFinding(one: Finding, other: Finding): boolean {
  return one.id === other.id && one.seen === other.seen;
}

/** An error that is one no more when the stage's turn comes; it is judged again then. */
function setAside(error: Finding, { by }: Brought): Finding {
  return {
    ...error,
    severity: "info",
    seen: `${error.seen} Set aside: before that, this plan will ${by.join(", then ")}.`,
    remedy: "Nothing is to be done; it is judged again after that.",
  };
}

function withStage(plan: Plan, stage: ActionName): Plan {
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, stage })) };
}

/** What was seen and shown before the first write. */
interface Shown<Facts> {
  readonly facts: Facts;
  readonly findings: readonly Finding[];
  readonly plan: Plan;
}

async function again<Request extends CommonRequest, Facts>(
  parts: StageParts<Request, Facts>,
  shown: Shown<Facts>,
  turn: Turn,
): Promise<void> {
  const { azure, host, draft, whole } = turn;
  await part(azure, host, draft, whole, async (own, stop) => {
    let isFirst = true;
    while (await asShown(parts, shown, { ...turn, azure: own }, isFirst, stop)) {
      host.info("What was seen may have changed while this run waited: it looks again.");
      isFirst = false;
    }
  });
}

/**
 * @param isFirst it must come to the plan that was shown; once another run was waited for, or its work was finished, what
 * follows is shown anew
 * @returns `true` where it has to be said again, since what the plan was made of may have changed.
 */
async function asShown<Request extends CommonRequest, Facts>(
  { action, request, alike }: StageParts<Request, Facts>,
  shown: Shown<Facts>,
  { azure, host, draft, wait }: Turn,
  isFirst: boolean,
  stop: (why: Failure) => void,
): Promise<boolean> {
  const seen = await action.observe({ ...request, wait }, azure);
  azure.arm.signal.throwIfAborted();
  const facts = alike ? alike(seen, shown.facts) : seen;
  draft.see(action.sight(facts));
  if (action.leaves) draft.unfinished = action.leaves(facts);
  draft.findings = request.preflight === "off" ? [] : judge(action.rules, facts);
  const plan = held(withStage(action.plan(facts), action.name), draft);
  refuse(plan, draft.findings, request);
  const changes = isFirst ? planChanges(shown.plan, plan) : [];
  if (changes.length > 0) throw planChanged(action.name, changes);
  if (!isFirst) showPlan(host, plan);
  draft.planned(plan);
  const isNew = (one: Finding) => !shown.findings.some((other) => sameFinding(one, other));
  showFindings(host, draft.findings.filter(isNew));
  return apply(action, facts, plan, azure, host, draft, stop);
}

function planChanged(stage: ActionName, details: readonly string[]): Failure {
  return new Failure(
    "PlanChanged",
    `What ${stage} would do now is not what was shown: ${details[0]}. Something has changed since, so that nothing of it was written.`,
    {
      details,
      remedy: "Run the step again: it looks anew, and shows the plan as it is now.",
    },
  );
}

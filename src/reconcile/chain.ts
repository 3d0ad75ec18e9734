import type { Azure } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Target } from "../model/report.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Sight } from "./action.ts";
import { Draft } from "./draft.ts";
import { refuse } from "./reconcile.ts";
import { type Brought, type Judged, type Seen, type Stage, unplanned } from "./stage.ts";

/** One thing that a composed run is about, a compute: what is done for it one after the other, and how it is judged then. */
export interface Chain {
  /** What it is called: `compute "gpu"`. */
  readonly name: string;
  readonly target: Target;
  readonly stages: readonly Stage[];
  readonly conclusion?: Conclusion | undefined;
}

/** The judgement that ends a chain. */
export interface Conclusion {
  readonly step: Step;
  /** Judges by what `first` shows, which may be what was looked at already; every further look is made with `azure`. */
  readonly judge: (first: Azure, azure: Azure, host: Host, draft: Draft) => Promise<void>;
}

/** What of a request a composed run goes by. */
export type Terms = Pick<CommonRequest, "preflight" | "dryRun" | "wait">;

/** What happened to the stages of other chains that a chain stands on. */
export interface Ground {
  /** They have done something: what was seen before may be true no more. */
  touched: boolean;
  failure?: Failure;
}

/** A chain whose plan is made. */
export class PlannedChain {
  readonly chain: Chain;
  /** How it goes; the report of this chain. */
  readonly draft: Draft;
  readonly lines: readonly string[];
  readonly #terms: Terms;
  readonly #parts: { readonly stage: Stage; readonly judged: Judged; plan: Plan | undefined }[];
  readonly #findings: (readonly Finding[])[];

  constructor(chain: Chain, draft: Draft, seen: readonly Seen[], before: Brought, terms: Terms) {
    this.chain = chain;
    this.draft = draft;
    this.#terms = terms;
    draft.target = chain.target;
    let brought = before;
    this.#parts = chain.stages.map((stage, index) => {
      const judged = seen[index]?.judge(brought) ?? unplanned;
      brought = joined(brought, judged);
      return { stage, judged, plan: judged.plan };
    });
    this.lines = [...new Set(seen.flatMap(({ lines }) => lines))];
    draft.unfinished = this.#parts.flatMap(({ judged }) => judged.leaves ?? [])[0];
    this.#findings = this.#parts.map(({ judged }) => judged.findings);
    seen.forEach(({ sight }, index) => {
      this.#see(sight, index);
    });
    this.#tell();
    const wrong = this.#parts.find(({ judged }) => judged.failure)?.judged.failure ?? this.#refused();
    if (wrong) draft.fail(wrong);
  }

  /** Errors of any stage's rules stop them all, before the first write. */
  #refused(): Failure | undefined {
    const { plan, findings } = this.draft;
    try {
      if (plan) refuse(plan, findings, this.#terms);
      return undefined;
    } catch (error) {
      return asFailure(error);
    }
  }

  /** What the chains after it may count on, where they stand on the same stages. */
  brings(before: Brought): Brought {
    return this.#parts.reduce((brought, { judged }) => joined(brought, judged), before);
  }

  /** Whether the chains after it in its group stand on it as a whole. */
  get isBase(): boolean {
    return this.chain.stages.every(({ isBase }) => isBase);
  }

  /** Whether anything is to be done but to judge. */
  get isDue(): boolean {
    return this.#parts.some(({ plan }) => (plan?.steps.length ?? 0) > 0);
  }

  /** Ends it where it stands after the plan. */
  conclude(): void {
    this.draft.verdict = this.isDue ? "planned" : "unchanged";
  }

  /** Does what was shown, and judges. @throws Failure of the stage that failed. */
  async apply(ground: Ground, looked: Azure, azure: Azure, host: Host, othersFollow: boolean): Promise<void> {
    azure.arm.signal.throwIfAborted();
    if (ground.failure) throw groundless(ground.failure);
    for (const index of this.#parts.keys()) await this.#applyPart(index, ground, azure, host, othersFollow);
    const { conclusion } = this.chain;
    if (conclusion && this.#isJudged) {
      await this.#judge(conclusion, ground.touched ? azure : looked, azure, host);
    }
  }

  async #applyPart(
    index: number,
    ground: Ground,
    azure: Azure,
    host: Host,
    othersFollow: boolean,
  ): Promise<void> {
    const part = this.#parts[index];
    if (!part || (part.plan?.steps.length ?? 0) === 0) return;
    const last = this.#parts.slice(index + 1).every(({ plan }) => (plan?.steps.length ?? 0) === 0);
    const wait = this.#terms.wait || !last || (part.stage.isBase && othersFollow);
    const draft = new Draft(part.stage.name, this.draft.correlationId);
    ground.touched = true;
    // What is left behind is told once: by the stage while it goes on.
    draft.unfinished = this.draft.unfinished;
    this.draft.unfinished = undefined;
    try {
      await part.judged.apply({ azure, host, draft, whole: this.draft, wait });
    } catch (error) {
      const failure = azure.arm.signal.aborted ? cutOff(azure, draft) : asFailure(error);
      if (part.stage.isBase) ground.failure = failure;
      throw failure;
    } finally {
      this.draft.unfinished = draft.unfinished;
      draft.unfinished = undefined;
      part.plan = draft.plan ?? part.plan;
      this.#findings[index] = draft.findings;
      this.draft.absorb(draft);
      // A stage that could not look tells nothing new; one that has sent a write makes what was seen doubtful.
      if (draft.sight.state !== "Unknown" || draft.sent) this.#see(draft.sight, index);
      this.#tell();
      this.draft.verdict =
        draft.verdict === "accepted" ? "accepted" : this.draft.changed ? "done" : "unchanged";
    }
  }

  async #judge({ step, judge }: Conclusion, first: Azure, azure: Azure, host: Host): Promise<void> {
    const draft = new Draft("verify-extension", this.draft.correlationId);
    const began = Date.now();
    host.info(`${step.title} …`);
    let ended: "done" | "failed" = "failed";
    try {
      await judge(first, azure, host, draft);
      if (draft.failure) throw draft.failure;
      ended = "done";
    } finally {
      draft.step(step, ended, Date.now() - began);
      this.#findings.push(draft.findings);
      this.draft.absorb(draft);
      this.draft.gate = draft.gate;
      this.#see(draft.sight, -1);
      this.#tell();
    }
  }

  /** What was only accepted can't be judged yet. */
  get #isJudged(): boolean {
    return this.chain.conclusion !== undefined && (this.#terms.wait || !this.isDue);
  }

  /** The state is that of what the chain is about, which its last stage brings about. */
  #see(sight: Sight, index: number): void {
    const { state, principalId, ...rest } = known(sight);
    const isOwn = index === this.chain.stages.length - 1;
    this.draft.see({
      ...rest,
      state: isOwn ? state : this.draft.sight.state,
      ...(isOwn && principalId && { principalId }),
    });
  }

  #tell(): void {
    const steps = [
      ...this.#parts.flatMap(({ plan }) => plan?.steps ?? []),
      ...(this.chain.conclusion && this.#isJudged ? [this.chain.conclusion.step] : []),
    ];
    this.draft.findings = unique(this.#findings.flat());
    if (this.#parts.some(({ plan }) => !plan)) return;
    const due = steps.filter(({ kind }) => kind !== "verify-extension");
    const summary = due.map(({ title }) => title).join(", then ");
    this.draft.plan = { steps, summary: summary || `nothing to write; ${this.chain.name} is as declared.` };
  }
}

function joined(before: Brought, { brings, plan }: Judged): Brought {
  if (Object.keys(brings).length === 0) return before;
  return { ...before, ...brings, by: [...before.by, ...(plan?.steps ?? []).map(({ title }) => title)] };
}

/** What a stage did not see is no news. */
function known(sight: Sight): Sight {
  const entries = Object.entries(sight).filter(([, value]) => value !== undefined);
  return { state: sight.state, ...Object.fromEntries(entries) };
}

/** Several stages look at the same things, and say the same of them. */
function unique(findings: readonly Finding[]): Finding[] {
  const order = ["error", "warning", "info"];
  const same = (one: Finding, other: Finding) =>
    one.id === other.id && one.seen === other.seen && one.object === other.object;
  return findings
    .filter((one, index) => findings.findIndex((other) => same(one, other)) === index)
    .sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}

/** What was under way when the run was ended: the state of the compute does not tell it. */
function cutOff({ arm }: Azure, { plan, sight }: Draft): Failure {
  const { code, message } = asFailure(arm.signal.reason);
  if (!plan) return asFailure(arm.signal.reason);
  return new Failure(code, `${message} It was about to ${plan.summary}; last read there: ${sight.state}.`);
}

/** Why a chain is not begun whose ground failed. */
export function groundless(failure: Failure): Failure {
  return new Failure("EarlierStageFailed", `What this one stands on failed: ${failure.message}`, {
    remedy: failure.remedy,
    link: failure.link,
    requestId: failure.requestId,
    cause: failure,
  });
}

import type { Discovery } from "../model/discovery.ts";
import type { ActionName } from "../model/doors.ts";
import type { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { FleetReport } from "../model/fleet.ts";
import type { Gate } from "../model/gate.ts";
import type { Versions } from "../model/kubernetes-versions.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Report, StepReport, Target, Verdict } from "../model/report.ts";
import type { Rollout } from "../model/rollout.ts";
import { product } from "../model/version.ts";
import type { Held, Sight, Unfinished } from "./action.ts";
import { unfinished } from "./ending.ts";

/** The report of a run while it goes on: whatever happens, what is known by then can be told. */
export class Draft {
  readonly #action: ActionName;
  readonly correlationId: string;
  /** What the run, or its part, is known by where it holds something. */
  readonly run: string;
  readonly #began = Date.now();
  readonly #steps: StepReport[] = [];
  target: Target = {};
  plan: Plan | undefined;
  /** Steps that were done before the plan was made, of an earlier one. */
  #earlier = 0;
  findings: readonly Finding[] = [];
  sight: Sight = { state: "Unknown" };
  changed = false;
  /** A write has gone out, whatever became of it. */
  sent = false;
  gate: Gate | undefined;
  versions: Versions | undefined;
  /** What the run holds, to be let go of at its end. */
  held: Held | undefined;
  /** What it leaves behind if it ends now. */
  unfinished: Unfinished | undefined;
  /** Parts of the run with drafts of their own, which go on, still hold something, or have left something behind. */
  readonly parts = new Set<Draft>();
  rollout: Rollout | undefined;
  discovery: Discovery | undefined;
  fleet: FleetReport | undefined;
  targets: readonly Report[] | undefined;
  verdict: Verdict = "unchanged";
  #failure: Failure | undefined;

  constructor(action: ActionName, correlationId: string, run = correlationId) {
    this.#action = action;
    this.correlationId = correlationId;
    this.run = run;
  }

  /** Notes a plan that is about to be applied; a run that has to look again makes a second one. */
  planned(plan: Plan): void {
    this.plan = plan;
    this.#earlier = this.#steps.length;
  }

  /** Notes what was read of the thing that the run is about; what is not seen anew stays. */
  see(sight: Sight): void {
    this.sight = { ...this.sight, ...sight };
  }

  /** Notes how a step went. */
  step(step: Step, result: StepReport["result"], milliseconds: number): void {
    this.#steps.push({ kind: step.kind, title: step.title, result, milliseconds });
  }

  /** Takes over what a stage of this run did. What it saw and found is taken by who knows what the run is about. */
  absorb(stage: Draft): void {
    this.#steps.push(...stage.#steps);
    this.#earlier += stage.#earlier;
    this.changed ||= stage.changed;
    this.sent ||= stage.sent;
  }

  /** Takes over how the steps of several runs went, those that were not started among them. */
  take(steps: readonly StepReport[]): void {
    this.#steps.push(...steps);
  }

  /** This run and its parts. */
  get whole(): readonly Draft[] {
    return [this, ...[...this.parts].flatMap(({ whole }) => whole)];
  }

  /** Why the run ended, where it failed. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Ends the run with a failure. */
  fail(failure: Failure): void {
    this.#failure = failure;
    this.verdict = failure.code === "Cancelled" ? "cancelled" : "failed";
  }

  /** The report as it stands. */
  report(): Report {
    const { state, extensionName, principalId, extensionVersion, latestVersion } = this.sight;
    const { scoringIp, scoringHost, clusterId, kubernetesVersion } = this.sight;
    const left = this.whole.flatMap((one) => one.unfinished ?? []);
    const undone = (this.plan?.steps ?? []).slice(this.#steps.length - this.#earlier);
    const notStarted = undone.map(
      ({ kind, title }) => ({ kind, title, result: "not-started", milliseconds: 0 }) as const,
    );
    return {
      reportVersion: 1,
      product: `${product.name} ${product.version}`,
      action: this.#action,
      verdict: this.verdict,
      changed: this.changed,
      state,
      target: { ...this.target, ...(extensionName && { extensionName }), ...(clusterId && { clusterId }) },
      ...(this.plan && { plan: this.plan }),
      steps: [...this.#steps, ...notStarted],
      findings: this.findings,
      ...(this.#failure && { error: errorReport(unfinished(this.#failure, left)) }),
      ...(principalId && { principalId }),
      ...(extensionVersion && { extensionVersion }),
      ...(latestVersion && { latestVersion }),
      ...(scoringIp && { scoringIp }),
      ...(scoringHost && { scoringHost }),
      ...(kubernetesVersion && { kubernetesVersion }),
      ...(this.gate && { gate: this.gate }),
      ...(this.versions && { versions: this.versions }),
      ...(this.targets && { targets: this.targets }),
      ...(this.rollout && { rollout: this.rollout }),
      ...(this.discovery && { discovery: this.discovery }),
      ...(this.fleet && { fleet: this.fleet }),
      startedAt: new Date(this.#began).toISOString(),
      milliseconds: Date.now() - this.#began,
      correlationId: this.correlationId,
    };
  }
}

function errorReport({
  code,
  message,
  remedy,
  link,
  requestId,
  details,
}: Failure): NonNullable<Report["error"]> {
  return {
    code,
    message,
    details,
    ...(remedy && { remedy }),
    ...(link && { link }),
    ...(requestId && { requestId }),
  };
}

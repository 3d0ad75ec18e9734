import { type Compute, principalId, stateOf } from "../model/compute.ts";
import type { ActionName } from "../model/doors.ts";
import type { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Observed } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Report, StepReport, Target, Verdict } from "../model/report.ts";
import { product } from "../model/version.ts";

/** The report of a run while it goes on: whatever happens, what is known by then can be told. */
export class Draft {
  readonly #action: ActionName;
  readonly correlationId: string;
  readonly #began = Date.now();
  readonly #steps: StepReport[] = [];
  target: Target = {};
  plan: Plan | undefined;
  findings: readonly Finding[] = [];
  state = "Unknown";
  changed = false;
  /** A write has gone out, whatever became of it. */
  sent = false;
  principalId: string | undefined;
  verdict: Verdict = "unchanged";
  #failure: Failure | undefined;

  constructor(action: ActionName, correlationId: string) {
    this.#action = action;
    this.correlationId = correlationId;
  }

  /** Notes what was read of the compute. */
  see(compute: Observed<Compute>): void {
    this.state = compute.is === "present" ? stateOf(compute.value) : "Absent";
    this.principalId = compute.is === "present" ? principalId(compute.value) : undefined;
  }

  /** Notes how a step went. */
  step(step: Step, result: StepReport["result"], milliseconds: number): void {
    this.#steps.push({ kind: step.kind, title: step.title, result, milliseconds });
  }

  /** Ends the run with a failure. */
  fail(failure: Failure): void {
    this.#failure = failure;
    this.verdict = failure.code === "Cancelled" ? "cancelled" : "failed";
  }

  /** The report as it stands. */
  report(): Report {
    const undone = (this.plan?.steps ?? []).slice(this.#steps.length);
    const notStarted = undone.map(
      ({ kind, title }) => ({ kind, title, result: "not-started", milliseconds: 0 }) as const,
    );
    return {
      reportVersion: 1,
      product: `${product.name} ${product.version}`,
      action: this.#action,
      verdict: this.verdict,
      changed: this.changed,
      state: this.state,
      target: this.target,
      ...(this.plan && { plan: this.plan }),
      steps: [...this.#steps, ...notStarted],
      findings: this.findings,
      ...(this.#failure && { error: errorReport(this.#failure) }),
      ...(this.principalId && { principalId: this.principalId }),
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

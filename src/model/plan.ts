import type { ActionName } from "./doors.ts";

/** The kinds of step that a plan is made of. */
export type StepKind =
  | "await-cluster"
  | "await-compute"
  | "await-extension"
  | "await-gone"
  | "await-namespace-gone"
  | "clean-leftovers"
  | "create-cluster"
  | "create-compute"
  | "create-extension"
  | "create-relay"
  | "delete-extension"
  | "delete-journal"
  | "detach-compute"
  | "hold-lease"
  | "restore-auto-upgrade"
  | "update-compute"
  | "update-extension"
  | "verify-compute"
  | "verify-extension"
  | "write-journal";

/** One step of a plan: data that can be printed, compared and sent. */
export interface Step {
  readonly kind: StepKind;
  /** What it does, for a person: `create compute "gpu"`. */
  readonly title: string;
  /** Why it is in the plan. */
  readonly reason: string;
  /** The body that is written, where one is. It holds no secret. */
  readonly body?: unknown;
  /** The action that it belongs to, in a plan that is composed of several. */
  readonly stage?: ActionName;
}

/** What a run will do, known before the first write. */
export interface Plan {
  readonly steps: readonly Step[];
  /** One sentence that sums it up. */
  readonly summary: string;
  /** When it may be applied, where that is not now: a time in ISO 8601. It is shown, and nothing is done. */
  readonly notBefore?: string;
}

/** `true` when a step changes something in Azure or in the cluster rather than waits for it or looks at it. */
export function writes(step: Step): boolean {
  return !/^(await|verify)-/.test(step.kind);
}

/** A step for a person: in a composed plan with the action that it belongs to. */
export function stepName({ stage, title }: Pick<Step, "stage" | "title">): string {
  return stage ? `${stage}: ${title}` : title;
}

import type { Arm } from "../azure/arm.ts";
import type { Host } from "../host/host.ts";
import type { Compute } from "../model/compute.ts";
import type { ActionName } from "../model/doors.ts";
import type { CommonFacts } from "../model/facts.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Rule } from "../rules/rule.ts";
import type { ComputeSteps } from "./compute-steps.ts";

/** How a step ended: proven by a read, or accepted by Azure and not waited for. */
export type Ended = "done" | "accepted";

/** One action of the bundle: the parts of the sentence that `reconcile` says for all of them. */
export interface Action<Request extends CommonRequest, Facts extends CommonFacts<Request>> {
  readonly name: ActionName;
  /** Reads the inputs. @throws Failure `InvalidInput`. */
  readonly request: (host: Host) => Promise<Request>;
  /** Looks at Azure, in parallel. Writes nothing. */
  readonly observe: (request: Request, arm: Arm) => Promise<Facts>;
  /** One line for each thing that was seen. */
  readonly describe: (facts: Facts) => readonly string[];
  readonly rules: readonly Rule<Facts>[];
  /** What is to be done; pure. @throws Failure when it can't be done. */
  readonly plan: (facts: Facts) => Plan;
  /** Does one step and proves it by reading. */
  readonly perform: (
    step: Step,
    facts: Facts,
    steps: ComputeSteps,
  ) => Promise<{ ended: Ended; compute?: Compute | undefined }>;
}

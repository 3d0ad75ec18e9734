import { formatDuration } from "../model/duration.ts";
import { formatInstant, standingAt } from "../model/maintenance-window.ts";
import type { Plan } from "../model/plan.ts";
import type { UpdatePolicy } from "../model/update-policy.ts";
import type { Rule } from "./rule.ts";

/** What must be known to say whether a run may change anything now. */
export interface WindowFacts {
  readonly request: {
    readonly policy: UpdatePolicy;
    /** Milliseconds for the whole run. */
    readonly timeout: number;
  };
  /** `Date.now()` of the look. */
  readonly now: number;
}

/** The maintenance window is open; without one it always is. */
export function isOpen({ window }: UpdatePolicy, now: number): boolean {
  return !window || standingAt(window, now).is === "open";
}

/**
 * A plan as it may be applied: outside of the maintenance window not before that opens. What finishes an interrupted
 * run must not pass through here: a compute that is detached waits for no window.
 */
export function withinWindow(plan: Plan, { request, now }: WindowFacts): Plan {
  const { window } = request.policy;
  const standing = window && standingAt(window, now);
  if (plan.steps.length === 0 || standing?.is !== "closed") return plan;
  return { ...plan, notBefore: new Date(standing.opens).toISOString() };
}

/** When the window opens, and whether it may close over the run; `isDue` tells whether the run would change anything. */
export function windowRule<Facts extends WindowFacts>(isDue: (facts: Facts) => boolean): Rule<Facts> {
  return {
    id: "maintenance-window",
    source: "issue 5, point 4",
    check: (facts) => {
      const { policy, timeout } = facts.request;
      const standing = policy.window && standingAt(policy.window, facts.now);
      if (!standing || !isDue(facts)) return undefined;
      if (standing.is === "closed") {
        return {
          severity: "info",
          seen: `The maintenance window is closed, and nothing is done. It opens ${formatInstant(standing.opens, standing.zone)}, in ${formatDuration(standing.opens - facts.now)}.`,
          remedy: "Let this step run again while the window is open.",
        };
      }
      const left = standing.closes - facts.now;
      if (left >= timeout) return undefined;
      return {
        severity: "info",
        seen: `The maintenance window closes ${formatInstant(standing.closes, standing.zone)}, in ${formatDuration(left)}; the run may take longer, and finishes what it has begun.`,
        remedy: "Start this step earlier, or give a shorter `timeout`.",
      };
    },
  };
}

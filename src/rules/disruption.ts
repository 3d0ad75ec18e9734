import type { ActiveJobs, ComputeWork, Rollout } from "../model/compute-work.ts";
import { type Observed, present } from "../model/observed.ts";
import type { NamedCompute } from "../model/request.ts";
import type { UpdatePolicy } from "../model/update-policy.ts";
import { isOpen } from "./maintenance-window.ts";
import type { Rule, Verdict } from "./rule.ts";
import { count, list } from "./wording.ts";

/** What must be known of a run that may disturb what runs on a compute. */
export interface WorkFacts {
  readonly request: NamedCompute & { readonly policy: UpdatePolicy };
  /** `Date.now()` of the look. */
  readonly now: number;
  readonly work: ComputeWork;
}

/**
 * Nothing is taken from under running jobs and rollouts. `isDue` tells whether the run would change anything: where it
 * would not, the rules have nothing to say.
 */
export function disruptionRules<Facts extends WorkFacts>(isDue: (facts: Facts) => boolean): Rule<Facts>[] {
  return [
    {
      id: "jobs-running",
      source: "issue 5, point 4",
      check: (facts) => (isDue(facts) ? runningJobs(facts, facts.work.jobs) : undefined),
    },
    {
      id: "deployments-changing",
      source: "issue 5, point 4",
      check: (facts) => (isDue(facts) ? changing(facts, facts.work.rollouts) : undefined),
    },
  ];
}

function runningJobs(facts: WorkFacts, seen: Observed<ActiveJobs>): Verdict | undefined {
  const found = present(seen);
  if (seen.is === "denied") return unread(facts, "The jobs of the workspace");
  const { jobs, isAll } = found ?? { jobs: [], isAll: true };
  const named = jobs.map(({ name, properties }) => {
    const { displayName, status = "Unknown" } = properties;
    return `${displayName && displayName !== name ? `${displayName} (${name})` : name}, ${status}`;
  });
  if (jobs.length > 0) {
    const rest = isAll ? "" : " The workspace has so many jobs that not all were looked at.";
    return {
      severity: severityOf(facts),
      seen: `${count(jobs.length, "job")} of the compute "${facts.request.computeName}" ${jobs.length === 1 ? "has" : "have"} not ended: ${list(named)}.${rest}`,
      remedy: remedyOf(facts, "Wait until they have ended, or cancel them"),
    };
  }
  if (isAll) return undefined;
  return {
    severity: "warning",
    seen: "The workspace has so many jobs that not all were looked at; none of those that were runs on the compute.",
    remedy: "Archive jobs that ended long ago.",
    unread: true,
  };
}

function changing(facts: WorkFacts, seen: Observed<readonly Rollout[]>): Verdict | undefined {
  if (seen.is === "denied") return unread(facts, "The online endpoints of the workspace");
  const rollouts = present(seen) ?? [];
  if (rollouts.length === 0) return undefined;
  return {
    severity: severityOf(facts),
    seen: `On the compute "${facts.request.computeName}" there are changes under way: ${list(rollouts.map(({ name, state }) => `${name} is ${state}`))}.`,
    remedy: remedyOf(facts, "Wait until they are done"),
  };
}

/** Who may not look does not know, and must not be the one to disturb. */
function unread(facts: WorkFacts, what: string): Verdict {
  return {
    severity: severityOf(facts),
    seen: `${what} can't be read, so that it is not known what the update would disturb.`,
    remedy: remedyOf(facts, "Give the identity that this step signs in with Reader on the workspace"),
    unread: true,
  };
}

/** While the window is closed nothing is disturbed; what will be there when it opens is not known. */
function severityOf({ request: { policy }, now }: WorkFacts): Verdict["severity"] {
  if (!isOpen(policy, now)) return "info";
  return policy.allowDisruption ? "warning" : "error";
}

function remedyOf({ request: { policy }, now }: WorkFacts, wait: string): string {
  if (!isOpen(policy, now)) return "Nothing now: they matter while the maintenance window is open.";
  if (policy.allowDisruption)
    return "Nothing: `allow-disruption` is true. They may fail and have to be run again.";
  return `${wait}, then run this step again; or give \`allow-disruption: true\`.`;
}

import type { GateVerdict } from "./gate.ts";

/** How a cluster of a fleet stands; `unknown` where the run came to no verdict. */
export type Standing = GateVerdict | "unknown";

/** A fleet at one time: what its page shows, and all that the page knows. */
export interface Fleet {
  readonly product: string;
  readonly madeAt: string;
  /** The checks that were made of any cluster, in the order of the gate. */
  readonly checks: readonly FleetCheck[];
  readonly clusters: readonly FleetCluster[];
  /** The days that are known, the earliest first, this one included; empty where nothing earlier is known. */
  readonly days: readonly FleetDay[];
}

/** A check, once for all clusters. */
export interface FleetCheck {
  readonly id: string;
  readonly subject: string;
  readonly source: string;
}

/** A cluster, as the latest reports tell of it. */
export interface FleetCluster {
  /** What tells it from all others: ids of the cluster and of the compute. */
  readonly key: string;
  readonly name: string;
  readonly kind: "AKS" | "Arc" | "";
  readonly clusterId?: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly workspace: string;
  readonly compute: string;
  readonly standing: Standing;
  /** A letter for each check of the fleet: `p`ass, `w`arn, `f`ail, `u`nknown, or `-` where it was not made. */
  readonly results: string;
  readonly findings: readonly FleetFinding[];
  /** Why a run about it failed. */
  readonly errors: readonly FleetError[];
  readonly extensionVersion?: string;
  readonly latestVersion?: string;
  readonly kubernetesVersion?: string;
  /** When the certificate of its endpoint ends. */
  readonly certificateEnds?: string;
  readonly lookedAt: string;
  /** A letter for each day of the fleet, as in `results`. */
  readonly past: string;
}

/** What a check has to say of a cluster. */
export interface FleetFinding {
  readonly check: string;
  readonly severity: "error" | "warning" | "info";
  readonly text: string;
  readonly remedy: string;
  readonly link?: string;
}

/** A run that failed, in words. */
export interface FleetError {
  readonly action: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly link?: string;
}

/** How many clusters stood how on a day. */
export interface FleetDay extends Readonly<Record<Standing, number>> {
  /** As `2026-11-21`, in UTC. */
  readonly day: string;
}

/** The letters of results and standings. */
export const letters = { pass: "p", warn: "w", fail: "f", unknown: "u" } as const satisfies Record<
  Standing,
  string
>;

/** How a fleet stands, in numbers. */
export function countStandings(standings: readonly Standing[]): Record<Standing, number> {
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const standing of standings) counts[standing] += 1;
  return counts;
}

/** What `merge-reports` found. */
export interface FleetReport {
  readonly verdict: GateVerdict;
  /** Clusters that there are reports of. */
  readonly count: number;
  /** Clusters that do not pass, and those that are missing. */
  readonly failed: number;
  /** Clusters that are expected and have no report. */
  readonly missing: number;
  readonly standings: Readonly<Record<Standing, number>>;
  readonly wrong: readonly WrongCluster[];
  /** Path of the page. */
  readonly page?: string;
  /** Address of the issue. */
  readonly issue?: string;
}

/** A cluster that does not pass, with the first thing that is wrong with it. */
export interface WrongCluster {
  readonly name: string;
  readonly compute: string;
  readonly clusterId?: string;
  readonly standing: Standing;
  readonly cause: string;
  readonly remedy: string;
  readonly link?: string;
}

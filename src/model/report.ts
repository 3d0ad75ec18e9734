import type { Discovery } from "./discovery.ts";
import type { ActionName } from "./doors.ts";
import type { Finding } from "./finding.ts";
import type { FleetReport } from "./fleet.ts";
import type { Gate } from "./gate.ts";
import type { Versions } from "./kubernetes-versions.ts";
import type { Plan, Step } from "./plan.ts";
import type { Rollout } from "./rollout.ts";

/** How a run ended. */
export type Verdict = "done" | "unchanged" | "planned" | "accepted" | "failed" | "cancelled";

/** A step as it went. */
export interface StepReport {
  readonly kind: Step["kind"];
  readonly title: string;
  readonly result: "done" | "accepted" | "failed" | "not-started";
  readonly milliseconds: number;
}

/** Everything that a run has to tell; the JSON report is this, the job summary is made of it. */
export interface Report {
  /** Version of this form; grows by one with every change that a reader must know of. */
  readonly reportVersion: 1;
  readonly product: string;
  readonly action: ActionName;
  readonly verdict: Verdict;
  readonly changed: boolean;
  /**
   * State of what the run is about, a compute, a cluster or an extension, as Azure last told it; `Absent` where there is
   * none; `Unknown` where it was never read.
   */
  readonly state: string;
  readonly target: Target;
  readonly plan?: Plan;
  readonly steps: readonly StepReport[];
  readonly findings: readonly Finding[];
  readonly error?: ErrorReport;
  readonly startedAt: string;
  readonly milliseconds: number;
  /** Sent with every request of the run as `x-ms-correlation-request-id`. */
  readonly correlationId: string;
  /** The identity's principal, where the compute or the extension has one (L5). */
  readonly principalId?: string;
  /** Version of the extension that is installed, and the latest that Azure offers on its release train. */
  readonly extensionVersion?: string;
  readonly latestVersion?: string;
  /** Address and name of the scoring endpoint of a legacy AKS compute (T3, B3). */
  readonly scoringIp?: string;
  readonly scoringHost?: string;
  /** Kubernetes version of a cluster that was created. */
  readonly kubernetesVersion?: string;
  /** What `verify-extension` found. */
  readonly gate?: Gate;
  /** The reports of the single computes, where a run is about several. */
  readonly targets?: readonly Report[];
  /** How a run over many `targets` went. */
  readonly rollout?: Rollout;
  /** What `list-versions` found. */
  readonly versions?: Versions;
  /** What `discover` found. */
  readonly discovery?: Discovery;
  /** What `merge-reports` found. */
  readonly fleet?: FleetReport;
}

/** The compute or the cluster that a run is about. Names that were not given are absent. */
export interface Target {
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  readonly workspaceName?: string;
  readonly computeName?: string;
  readonly computeId?: string;
  readonly clusterId?: string;
  readonly extensionName?: string;
}

/** A failure, as data. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly link?: string;
  readonly requestId?: string;
  readonly details: readonly string[];
}

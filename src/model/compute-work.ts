import { isFinal } from "./compute.ts";
import type { Observed } from "./observed.ts";
import { sameText } from "./resource-id.ts";

/** A job of a workspace, as far as it is read here (azure-rest-api-specs, machineLearningServices 2024-04-01, `JobBase`). */
export interface Job {
  readonly name: string;
  readonly properties: {
    readonly displayName?: string | null;
    readonly jobType?: string;
    readonly status?: string;
    readonly computeId?: string | null;
    readonly [setting: string]: unknown;
  };
}

/** An online endpoint, as far as it is read here (the same file, `OnlineEndpoint`). */
export interface OnlineEndpoint {
  readonly name: string;
  readonly properties: {
    readonly provisioningState?: string;
    /** Resource id of the compute, where it is on one. */
    readonly compute?: string | null;
  };
}

/** A deployment of an online endpoint, as far as it is read here (the same file, `OnlineDeployment`). */
export interface OnlineDeployment {
  readonly name: string;
  readonly properties: { readonly provisioningState?: string };
}

/** Jobs that have not ended on a compute. */
export interface ActiveJobs {
  readonly jobs: readonly Job[];
  /** `false`: the workspace has more jobs than were looked at. */
  readonly isAll: boolean;
}

/** What an update of components would disturb. */
export interface ComputeWork {
  readonly jobs: Observed<ActiveJobs>;
  readonly rollouts: Observed<readonly Rollout[]>;
}

/** An online endpoint or a deployment that is being changed. */
export interface Rollout {
  /** `endpoint "chat"` or `deployment "chat/blue"`. */
  readonly name: string;
  readonly state: string;
}

/**
 * Whether a job still counts. Every state but the last three may go on; only labelling jobs are ever paused, and
 * those run on no compute (`JobStatus`).
 */
export function isActive({ properties }: Job): boolean {
  return !/^(completed|failed|canceled|paused)$/i.test(properties.status ?? "Unknown");
}

/**
 * Whether a job runs on a compute, itself or by a part of it: a pipeline names computes in its steps and in
 * `settings.default_compute`, and its own `computeId` may be of another or of none.
 */
export function runsOn(job: Job, computeId: string): boolean {
  return names(job.properties, computeId);
}

function names(value: unknown, id: string): boolean {
  if (typeof value === "string") return sameText(value, id);
  return typeof value === "object" && value !== null && Object.values(value).some((part) => names(part, id));
}

/** The endpoint and its deployments that are being changed. */
export function rolloutsOf(endpoint: OnlineEndpoint, deployments: readonly OnlineDeployment[]): Rollout[] {
  const all = [
    { name: `endpoint "${endpoint.name}"`, state: endpoint.properties.provisioningState },
    ...deployments.map(({ name, properties }) => ({
      name: `deployment "${endpoint.name}/${name}"`,
      state: properties.provisioningState,
    })),
  ];
  return all.flatMap(({ name, state = "Succeeded" }) => (isFinal(state) ? [] : [{ name, state }]));
}

import {
  type ActiveJobs,
  type ComputeWork,
  isActive,
  type Job,
  type OnlineDeployment,
  type OnlineEndpoint,
  type Rollout,
  rolloutsOf,
  runsOn,
} from "../model/compute-work.ts";
import { present } from "../model/observed.ts";
import type { NamedCompute } from "../model/request.ts";
import { formatResourceId, type ResourceId, sameText } from "../model/resource-id.ts";
import { apiVersions } from "./api-versions.ts";
import { type Arm, glance, observe } from "./arm.ts";

/**
 * Pages of jobs that are looked at. Azure takes no filter for states or computes, and old workspaces have tens of
 * thousands of jobs that ended long ago.
 */
const pageLimit = 40;

/** Endpoints whose deployments are read at the same time. */
const atOnce = 8;

/** What runs on a compute and what is being changed there. Nothing of it stops a run; what is not known is told. */
export async function observeWork(arm: Arm, { workspace, computeName }: NamedCompute): Promise<ComputeWork> {
  const computeId = `${formatResourceId(workspace)}/computes/${computeName}`;
  const [jobs, rollouts] = await Promise.all([
    glance(() => listActiveJobs(arm, workspace, computeId), arm.signal),
    glance(() => listRollouts(arm, workspace, computeId), arm.signal),
  ]);
  return { jobs, rollouts };
}

/** The jobs that have not ended on a compute (azure-rest-api-specs, `Jobs_List`). */
export async function listActiveJobs(
  arm: Arm,
  workspace: ResourceId,
  computeId: string,
): Promise<ActiveJobs> {
  const path = `${formatResourceId(workspace)}/jobs`;
  const jobs: Job[] = [];
  let pages = 0;
  for await (const page of arm.pages<Job>(path, apiVersions.jobs)) {
    if (pages === pageLimit) return { jobs, isAll: false };
    pages += 1;
    jobs.push(...page.filter((job) => isActive(job) && runsOn(job, computeId)));
  }
  return { jobs, isAll: true };
}

/** The online endpoints on a compute, and their deployments, that are being changed (`OnlineEndpoints_List`). */
export async function listRollouts(arm: Arm, workspace: ResourceId, computeId: string): Promise<Rollout[]> {
  const path = `${formatResourceId(workspace)}/onlineEndpoints`;
  const endpoints = await arm.list<OnlineEndpoint>(path, apiVersions.onlineEndpoints);
  const here = endpoints.filter(({ properties }) => sameText(properties.compute ?? "", computeId));
  const rollouts: Rollout[] = [];
  for (let index = 0; index < here.length; index += atOnce) {
    const some = await Promise.all(
      here.slice(index, index + atOnce).map(async (endpoint) => {
        const below = `${path}/${endpoint.name}/deployments`;
        const seen = await observe(() => arm.list<OnlineDeployment>(below, apiVersions.onlineEndpoints));
        if (seen.is === "denied") throw seen.why;
        // One that was deleted meanwhile has none.
        return rolloutsOf(endpoint, present(seen) ?? []);
      }),
    );
    rollouts.push(...some.flat());
  }
  return rollouts;
}

import { type Arm, observe } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import type { Azure } from "../azure/connect.ts";
import {
  getConnectedCluster,
  getManagedCluster,
  getWorkspace,
  listPermissions,
  listTrustedAccessRoleBindings,
} from "../azure/resources.ts";
import { type Compute, principalId, stateOf } from "../model/compute.ts";
import type { ComputeFacts, ObservedCluster } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { type Observed, present } from "../model/observed.ts";
import type { Target } from "../model/report.ts";
import type { ComputeRequest, NamedCompute } from "../model/request.ts";
import { formatResourceId, parseResourceId, resourceTypes } from "../model/resource-id.ts";
import type { Sight } from "../reconcile/action.ts";

/**
 * What every action on a compute looks at, in parallel. A workspace that is not there is a failure for `detach` as well:
 * its computes are "not found" too, and a wrong name must not pass for a compute that is gone.
 * @throws Failure `WorkspaceNotFound`, or Azure's refusal to let the workspace or the compute be read.
 */
export async function observeCompute<Request extends ComputeRequest>(
  request: Request,
  { arm }: Azure,
): Promise<ComputeFacts<Request>> {
  const workspaceId = formatResourceId(request.workspace);
  const computes = new Computes(arm, request.workspace);
  const [workspace, compute, permissions] = await Promise.all([
    observe(() => getWorkspace(arm, workspaceId)),
    observe(() => computes.get(request.computeName)),
    observe(() => listPermissions(arm, workspaceId)),
  ]);
  const found = present(readable(workspace));
  if (!found) throw noWorkspace(request);
  return { request, workspace: found, compute: readable(compute), permissions };
}

/** What an action on a compute is about. */
export function computeTarget({ workspace, computeName }: NamedCompute): Target {
  return {
    subscriptionId: workspace.subscriptionId,
    resourceGroup: workspace.resourceGroup,
    workspaceName: workspace.name,
    computeName,
    computeId: `${formatResourceId(workspace)}/computes/${computeName}`,
  };
}

/** How a compute stands. */
export function computeSight(compute: Compute | undefined): Sight {
  return compute
    ? { state: stateOf(compute), principalId: principalId(compute) }
    : { state: "Absent", principalId: undefined };
}

function noWorkspace({ workspace }: ComputeRequest): Failure {
  return new Failure(
    "WorkspaceNotFound",
    `There is no workspace "${workspace.name}" in the resource group "${workspace.resourceGroup}" of the subscription ${workspace.subscriptionId}.`,
    { remedy: "Check `workspace-name`, `resource-group` and `subscription-id`." },
  );
}

/** The cluster of an id, and where its local accounts are disabled, what lets Azure ML in without them. */
export async function observeCluster(arm: Arm, id: string): Promise<ObservedCluster> {
  if (parseResourceId(id)?.type === resourceTypes.arc) {
    return { kind: "arc", seen: await observe(() => getConnectedCluster(arm, id)) };
  }
  const seen = await observe(() => getManagedCluster(arm, id));
  if (!present(seen)?.properties.disableLocalAccounts) return { kind: "aks", seen };
  const trustedAccess = await observe(() => listTrustedAccessRoleBindings(arm, id));
  return { kind: "aks", seen, trustedAccess };
}

/** The thing, or that there is none; being refused the look is the run's failure. */
function readable<T>(seen: Observed<T>): Observed<T> {
  if (seen.is === "denied") throw seen.why;
  return seen;
}

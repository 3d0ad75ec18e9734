import type {
  ConnectedCluster,
  ManagedCluster,
  Permission,
  Subscription,
  TrustedAccessRoleBinding,
  Workspace,
} from "../model/azure-resources.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";

/** A subscription, with the id alone. @throws Refusal where it can't be read. */
export async function getSubscription(arm: Arm, id: string): Promise<Subscription> {
  const answer = await arm.send({
    method: "GET",
    path: `/subscriptions/${id}`,
    apiVersion: apiVersions.subscriptions,
  });
  return answer.body as Subscription;
}

/** The ids of all subscriptions that the caller can see. */
export async function listSubscriptionIds(arm: Arm): Promise<string[]> {
  const seen = await arm.list<{ readonly subscriptionId: string }>(
    "/subscriptions",
    apiVersions.subscriptions,
  );
  return seen.map(({ subscriptionId }) => subscriptionId);
}

/** The workspace. */
export function getWorkspace(arm: Arm, id: string): Promise<Workspace> {
  return arm.get(id, apiVersions.workspaces);
}

/** An AKS cluster. */
export function getManagedCluster(arm: Arm, id: string): Promise<ManagedCluster> {
  return arm.get(id, apiVersions.managedClusters);
}

/** What lets other services into an AKS cluster through Trusted Access. */
export function listTrustedAccessRoleBindings(
  arm: Arm,
  clusterId: string,
): Promise<TrustedAccessRoleBinding[]> {
  return arm.list(`${clusterId}/trustedAccessRoleBindings`, apiVersions.trustedAccessRoleBindings);
}

/** An Arc cluster. */
export function getConnectedCluster(arm: Arm, id: string): Promise<ConnectedCluster> {
  return arm.get(id, apiVersions.connectedClusters);
}

/** What the caller may do with a resource (arm-contract 5). */
export function listPermissions(arm: Arm, resourceId: string): Promise<Permission[]> {
  return arm.list(`${resourceId}/providers/Microsoft.Authorization/permissions`, apiVersions.permissions);
}

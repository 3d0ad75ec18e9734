import type { OfferedVersion, UpgradeProfile } from "../model/azure-resources.ts";
import { Failure } from "../model/failure.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import { listVmSizes } from "./vm-sizes.ts";

/** Kubernetes versions that AKS offers in a region. The list is called `values`, unlike every other (arm-contract 2). */
export async function listOfferedVersions(
  arm: Arm,
  subscriptionId: string,
  location: string,
): Promise<readonly OfferedVersion[]> {
  const { body } = await arm.send({
    method: "GET",
    path: `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/locations/${location}/kubernetesVersions`,
    apiVersion: apiVersions.managedClusters,
  });
  const { values } = (body ?? {}) as { values?: readonly OfferedVersion[] };
  if (Array.isArray(values)) return values;
  throw new Failure("NoAnswer", "The list of Kubernetes versions has no `values`.");
}

/** What an AKS cluster can upgrade to (V1). */
export function getUpgradeProfile(arm: Arm, clusterId: string): Promise<UpgradeProfile> {
  return arm.get(`${clusterId}/upgradeProfiles/default`, apiVersions.managedClusters);
}

/** vCPUs of every VM size of a region, by its name in lower case: names themselves don't tell (C4). */
export async function listCores(
  arm: Arm,
  subscriptionId: string,
  location: string,
): Promise<Readonly<Record<string, number>>> {
  const sizes = await listVmSizes(arm, subscriptionId, location);
  const rows = sizes.filter(({ cores }) => cores > 0).map(({ name, cores }) => [name.toLowerCase(), cores]);
  return Object.fromEntries(rows);
}

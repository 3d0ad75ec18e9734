import type { OfferedVersion, UpgradeProfile } from "../model/azure-resources.ts";
import { Failure } from "../model/failure.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";

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

/** A SKU of Microsoft.Compute, as far as it is read here. All capabilities are texts. */
interface ComputeSku {
  readonly name: string;
  readonly resourceType?: string;
  readonly capabilities?: readonly { readonly name?: string; readonly value?: string }[] | null;
}

/** vCPUs of every VM size of a region, by its name in lower case: names themselves don't tell (C4). */
export async function listCores(
  arm: Arm,
  subscriptionId: string,
  location: string,
): Promise<Readonly<Record<string, number>>> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/skus`;
  const skus = await arm.list<ComputeSku>(path, apiVersions.skus, { $filter: `location eq '${location}'` });
  const rows = skus.flatMap(({ name, resourceType = "", capabilities }) => {
    const cores = Number(capabilities?.find((one) => one.name === "vCPUs")?.value);
    return resourceType.toLowerCase() === "virtualmachines" && cores > 0
      ? [[name.toLowerCase(), cores] as const]
      : [];
  });
  return Object.fromEntries(rows);
}

import { listOfferedVersions } from "../azure/aks-offer.ts";
import { type Arm, glance } from "../azure/arm.ts";
import { listVmSizes } from "../azure/vm-sizes.ts";
import type { Offer } from "../model/create-cluster.ts";
import { regionOf } from "../model/managed-cluster.ts";

/** What Azure offers in a region: versions of Kubernetes (A7) and VM sizes (C4, C8). Nobody is asked without one. */
export async function offerIn(
  arm: Arm,
  subscriptionId: string,
  location: string | undefined,
): Promise<Offer> {
  if (!location) return { versions: { is: "absent" }, sizes: { is: "absent" } };
  const region = regionOf(location);
  const [versions, sizes] = await Promise.all([
    glance(() => listOfferedVersions(arm, subscriptionId, region), arm.signal),
    glance(() => listVmSizes(arm, subscriptionId, region), arm.signal),
  ]);
  return { versions, sizes };
}

/** Whether there is nothing that could stay as it is: what is being deleted counts for nothing. */
export function isToCreate(
  found: { readonly properties: { readonly provisioningState?: string } } | undefined,
): boolean {
  return !found || /^deleting$/i.test(found.properties.provisioningState ?? "");
}

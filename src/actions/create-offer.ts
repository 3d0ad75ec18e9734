import { listOfferedVersions } from "../azure/aks-offer.ts";
import { type Arm, glance } from "../azure/arm.ts";
import { listVmSizes } from "../azure/vm-sizes.ts";
import type { CreationAsked, Machines, Offer } from "../model/create-cluster.ts";
import type { InputName } from "../model/doors.ts";
import { regionName } from "../model/region.ts";

/** What Azure offers in a region: versions of Kubernetes (A7) and VM sizes (C4, C8). Nobody is asked without one. */
export async function offerIn(
  arm: Arm,
  subscriptionId: string,
  location: string | undefined,
): Promise<Offer> {
  if (!location) return { versions: { is: "absent" }, sizes: { is: "absent" } };
  const region = regionName(location);
  const [versions, sizes] = await Promise.all([
    glance(() => listOfferedVersions(arm, subscriptionId, region), arm.signal),
    glance(() => listVmSizes(arm, subscriptionId, region), arm.signal),
  ]);
  return { versions, sizes };
}

/** The machines that are asked for, without what a wrong input was to say: a rule must not judge a default instead. */
export function machinesOf({ unknown }: CreationAsked, asked: Required<Machines>): Machines {
  const { purpose, location, nodeCount, vmSize } = asked;
  const known = (input: InputName<"create-cluster">) => !unknown.includes(input);
  return {
    ...(known("cluster-purpose") && { purpose }),
    ...(known("location") && location && { location }),
    ...(known("node-count") && { nodeCount }),
    ...(known("vm-size") && { vmSize }),
  };
}

/** Whether there is nothing that could stay as it is: what is being deleted counts for nothing. */
export function isToCreate(
  found: { readonly properties: { readonly provisioningState?: string } } | undefined,
): boolean {
  return !found || /^deleting$/i.test(found.properties.provisioningState ?? "");
}

import { listCores, listOfferedVersions } from "../azure/aks-offer.ts";
import { type Arm, glance } from "../azure/arm.ts";
import type { AksAttachFacts, ObservedCluster } from "../model/facts.ts";
import { present } from "../model/observed.ts";

const unasked = { is: "absent" } as const;

/** What Azure offers where the cluster is: Kubernetes versions (A7) and the vCPUs of its VM sizes (C4). */
export async function observeOffer(
  arm: Arm,
  subscriptionId: string,
  observing: Promise<ObservedCluster>,
): Promise<Pick<AksAttachFacts, "versions" | "cores">> {
  const cluster = await observing;
  const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
  if (!aks) return { versions: unasked, cores: unasked };
  const [versions, cores] = await Promise.all([
    glance(() => listOfferedVersions(arm, subscriptionId, aks.location), arm.signal),
    glance(() => listCores(arm, subscriptionId, aks.location), arm.signal),
  ]);
  return { versions, cores };
}

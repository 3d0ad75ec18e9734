import type { ClusterIdentity } from "../model/cluster-identity.ts";
import type { Rule } from "./rule.ts";

/** What must be known to say whether writes in the cluster go to the right one. */
export interface IdentityFacts {
  readonly identity: ClusterIdentity;
  readonly clusterId: string | undefined;
}

/** A kubeconfig of another cluster is refused; one of which that can't be told is used, with a warning. */
export const kubeconfigRule: Rule<IdentityFacts> = {
  id: "kubeconfig-elsewhere",
  source: "design 6",
  check: ({ identity, clusterId = "" }) => {
    if (identity.is === "same") return undefined;
    const isOther = identity.is === "other";
    return {
      severity: isOther ? "error" : "warning",
      seen: isOther
        ? `The kubeconfig leads to another cluster than ${clusterId}: ${identity.why}.`
        : `Whether the kubeconfig leads to ${clusterId} can't be told: ${identity.why}. Lease and journal are written where it leads.`,
      remedy: isOther
        ? "Give the `kubeconfig` of that cluster."
        : "Look whether it is the right one, or let the identity get configmap azure-arc/azure-clusterconfig (Arc) or list nodes (AKS).",
    };
  },
};

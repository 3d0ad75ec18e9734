import { errorLines } from "../model/arm-error.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import { stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";

const troubleshooting =
  "https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/troubleshoot-aks-cluster-creation-issues";

/** What to do about the errors that a failed creation shows; first match counts. */
const remedies: readonly [RegExp, string][] = [
  [
    /QuotaExceeded|InsufficientVCPUQuota/,
    "The subscription has too few vCPUs left in the region: ask for a higher quota, or give a smaller `vm-size`, fewer nodes or another `location`.",
  ],
  [
    /SkuNotAvailable|OverconstrainedAllocation|AllocationFailed/,
    "Azure has no machines of that size left in the region: give another `vm-size` or `location`.",
  ],
  [
    /SubnetIsFull|InsufficientSubnetSize/,
    "The subnet has too few addresses left: give a larger one, or fewer nodes.",
  ],
  [
    /OutboundConnFail|K8SAPIServerConnFail|K8SAPIServerDNSLookupFail/,
    "The nodes can't reach what AKS needs: check the firewall, the route table and the DNS servers of the virtual network.",
  ],
];

/** The failure of a cluster with everything that Azure holds: the operation's own errors, and those that the cluster shows. */
export function clusterFailure(
  name: string,
  cluster: ManagedCluster,
  operation: readonly string[] = [],
): Failure {
  const shown = cluster.properties.status?.provisioningError;
  const details = [...new Set([...operation, ...(shown ? errorLines(shown) : [])])];
  const text = details.join(" ");
  const cause = remedies.find(([pattern]) => pattern.test(text))?.[1] ?? "Mend what the errors name.";
  const reason = text ? "" : " Azure gave no reason here; the activity log of its resource group has it.";
  return new Failure("ClusterFailed", `The AKS cluster "${name}" is ${stateOf(cluster)}.${reason}`, {
    details,
    remedy: `${cause} What is left of the cluster stays, and may cost: delete it with \`az aks delete\`, which this action never does, or give another \`cluster-name\`; then run the step again.`,
    link: troubleshooting,
  });
}

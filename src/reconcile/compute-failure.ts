import { type Compute, provisioningErrorLines, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";

const troubleshooting =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute";

/** What to do about the errors that a failed attachment shows (extension.md 7, peers 1.6); first match counts. */
const remedies: readonly [RegExp, string][] = [
  [
    /local accounts|static credential/i,
    "The cluster has local accounts disabled: create a Trusted Access role binding for the workspace, detach, then attach again.",
  ],
  [
    /role check failed|role assignment/i,
    "Give the workspace's user-assigned identity Reader, `Kubernetes Extension Contributor` and `Azure Kubernetes Service Cluster Admin` on the cluster, detach, then attach again.",
  ],
  [
    /ClusterNotReachable|GenericClusterError/,
    "The cluster's API server can't be reached: check that it runs and that its authorized IP ranges let Azure ML in, detach, then attach again.",
  ],
  [/ClusterNotFound/, "Check the cluster's resource id, detach, then attach again."],
  [
    /ComputeNotAccessible/,
    "The workspace's identity lacks rights on the cluster: grant them, detach, then attach again.",
  ],
  [
    /RefreshExtensionIdentityNotSet/,
    "Reinstall the Azure ML extension (AKS only), detach, then attach again.",
  ],
  [/Relay/, "Check the Azure Relay beside the Arc cluster, detach, then attach again."],
  [/extension/i, "Check that the Azure ML extension is Succeeded in the cluster, detach, then attach again."],
];

/**
 * The failure of an attachment, with every error that Azure holds: the operation's own and all provisioning
 * errors with what is nested in them. Other tools show the first code alone (peers 1.4).
 */
export function computeFailure(name: string, compute: Compute, operation: readonly string[] = []): Failure {
  const details = [...new Set([...operation, ...provisioningErrorLines(compute)])];
  const text = details.join(" ");
  const remedy =
    remedies.find(([pattern]) => pattern.test(text))?.[1] ??
    "Mend what the errors name, detach the compute, then attach it again with the same name and namespace.";
  return new Failure(
    "ComputeFailed",
    `The compute "${name}" is ${stateOf(compute)}.${text ? "" : " Azure gave no reason."}`,
    { details, remedy, link: troubleshooting },
  );
}

import type { ManagedCluster, TrustedAccessRoleBinding } from "../model/azure-resources.ts";
import type { AttachFacts, ObservedCluster } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { parseResourceId, sameText } from "../model/resource-id.ts";
import type { Rule, Verdict } from "./rule.ts";

const attachPage = "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace";
const trustedAccessPage = "https://learn.microsoft.com/azure/aks/trusted-access-feature";

/** The role of a Trusted Access binding that lets a workspace in (peers 1.6). */
const trustedRole = "Microsoft.MachineLearningServices/workspaces/mlworkload";

/** How a cluster must be for anything of Azure ML to work in it. */
export const clusterStateRules: readonly Rule<{ readonly cluster: ObservedCluster }>[] = [
  {
    id: "cluster-running",
    source: "extension.md 7",
    check: ({ cluster }) => {
      const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
      const power = aks?.properties.powerState?.code ?? "Running";
      if (sameText(power, "Running")) return undefined;
      return {
        severity: "error",
        seen: `The AKS cluster is ${power}.`,
        remedy: "Start it with `az aks start`, then run this step again.",
      };
    },
  },
  {
    id: "cluster-connected",
    source: "X7, extension.md 7",
    check: ({ cluster }) => {
      const arc = cluster.kind === "arc" ? present(cluster.seen) : undefined;
      const status = arc?.properties.connectivityStatus ?? "Connected";
      if (sameText(status, "Connected")) return undefined;
      const since = arc?.properties.lastConnectivityTime;
      return {
        severity: "error",
        seen: `The Arc cluster is ${status}${since ? `, last heard of at ${since}` : ""}.`,
        remedy:
          "Check the Arc agents in namespace azure-arc and the cluster's way to Azure, then run this step again.",
        ...(sameText(status, "Connecting") && { pending: true }),
      };
    },
  },
  {
    id: "cluster-managed-identity",
    source: "extension.md 7",
    check: ({ cluster }) => {
      const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
      if (!aks || !usesServicePrincipal(aks)) return undefined;
      return {
        severity: "error",
        seen: "The AKS cluster uses a service principal; Azure ML needs a cluster with a managed identity.",
        remedy: "Run `az aks update --enable-managed-identity`, then recreate its node pools.",
        link: attachPage,
      };
    },
  },
];

/** What a cluster must be like before Azure ML can take it. */
export const clusterRules: readonly Rule<AttachFacts>[] = [
  {
    id: "cluster-exists",
    source: "A1, L1",
    check: ({ cluster, request }) => clusterExists(cluster, request.attachment.clusterId),
  },
  {
    id: "cluster-subscription",
    source: "A4, extension.md 7",
    check: ({ cluster, request }) => {
      const own = parseResourceId(request.attachment.clusterId)?.subscriptionId ?? "";
      if (sameText(own, request.workspace.subscriptionId)) return undefined;
      return {
        severity: cluster.kind === "aks" ? "error" : "warning",
        seen: `The cluster is in the subscription ${own}, the workspace in ${request.workspace.subscriptionId}.`,
        remedy:
          cluster.kind === "aks"
            ? "Use a workspace of the cluster's subscription, or connect the cluster to Azure Arc and attach that."
            : "Attaching over subscriptions has been seen to hang for an hour (AML-Kubernetes#155); prefer one subscription.",
        link: attachPage,
      };
    },
  },
  ...clusterStateRules,
  {
    id: "cluster-local-accounts",
    source: "peers 1.6, extension.md 7",
    check: ({ cluster, request, workspace }) => letIn(cluster, workspace.id, request.azureEnvironment),
  },
];

/** The cluster of that id is there and can be read. */
export function clusterExists(cluster: ObservedCluster, id: string): Verdict | undefined {
  if (cluster.seen.is === "absent") {
    return {
      severity: "error",
      seen: `There is no cluster ${id}.`,
      remedy: "Check its resource id or name.",
    };
  }
  if (cluster.seen.is === "denied") {
    return {
      severity: "warning",
      seen: `The cluster ${id} can't be read, so that its rules were not checked.`,
      remedy: "Give the identity that this step signs in with Reader on the cluster.",
      unread: true,
    };
  }
  return undefined;
}

/** Where a cluster has no local accounts, the workspace gets in by Trusted Access. */
export function letIn(
  cluster: ObservedCluster,
  workspaceId: string,
  azureEnvironment: string,
): Verdict | undefined {
  const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
  if (cluster.kind !== "aks" || !aks?.properties.disableLocalAccounts) return undefined;
  return trustedAccess(cluster.trustedAccess, workspaceId, azureEnvironment);
}

/** `msi` stands in the place of the client id where there is no service principal. */
function usesServicePrincipal(aks: ManagedCluster): boolean {
  const clientId = aks.properties.servicePrincipalProfile?.clientId ?? "msi";
  const identity = aks.identity?.type ?? "None";
  return sameText(identity, "None") && !sameText(clientId, "msi");
}

function trustedAccess(
  bindings: (ObservedCluster & { kind: "aks" })["trustedAccess"],
  workspaceId: string,
  azureEnvironment: string,
): Verdict | undefined {
  const name = "The AKS cluster has local accounts disabled";
  if (bindings?.is === "denied") {
    return {
      severity: "warning",
      seen: `${name}, and its Trusted Access role bindings can't be read.`,
      remedy: "Give the identity that this step signs in with Reader on the cluster.",
      unread: true,
    };
  }
  const held = bindings?.is === "present" ? bindings.value : [];
  if (held.some((binding) => admits(binding, workspaceId))) return undefined;
  const elsewhere =
    azureEnvironment === "AzureUSGovernment" || azureEnvironment === "AzureChinaCloud"
      ? " Trusted Access is for the public cloud only: here local accounts must be enabled."
      : "";
  return {
    severity: "error",
    seen: `${name} and no Trusted Access role binding for this workspace, so that Azure ML can't get in.`,
    remedy: `Run \`az aks trustedaccess rolebinding create --roles ${trustedRole} --source-resource-id ${workspaceId} …\`.${elsewhere}`,
    link: trustedAccessPage,
  };
}

/** A binding that lets a workspace in. */
export function admits(binding: TrustedAccessRoleBinding, workspaceId: string): boolean {
  const { sourceResourceId = "", roles = [], provisioningState = "Succeeded" } = binding.properties;
  return (
    sameText(sourceResourceId, workspaceId) &&
    roles.some((role) => sameText(role, trustedRole)) &&
    sameText(provisioningState, "Succeeded")
  );
}

import type { VerifyFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { formatResourceId } from "../../model/resource-id.ts";
import { clusterExists, clusterStateRules, letIn } from "../cluster.ts";
import type { GateRule } from "../rule.ts";

/** The cluster is there, runs and is connected: everything else stands on it. */
export const clusterGateRules: readonly GateRule<VerifyFacts>[] = [
  {
    id: "cluster-exists",
    subject: "cluster",
    source: "X7",
    check: ({ cluster, request }) => clusterExists(cluster, request.clusterId),
  },
  ...clusterStateRules.map((rule): GateRule<VerifyFacts> => ({ ...rule, subject: "cluster" })),
];

/** Where the cluster has no local accounts, Azure ML gets in by Trusted Access alone. */
export const trustedAccessRule: GateRule<VerifyFacts> = {
  id: "cluster-local-accounts",
  subject: "access",
  source: "peers 1.6, extension.md 7",
  check: ({ cluster, request }) => {
    if (request.compute) {
      return letIn(cluster, formatResourceId(request.compute.workspace), request.azureEnvironment);
    }
    const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
    if (cluster.kind !== "aks" || !aks?.properties.disableLocalAccounts || !cluster.trustedAccess)
      return undefined;
    const bindings = present(cluster.trustedAccess) ?? [];
    const isAny = bindings.some(({ properties }) =>
      (properties.roles ?? []).some((role) => /\/mlworkload$/i.test(role)),
    );
    if (isAny || cluster.trustedAccess.is === "denied") return undefined;
    return {
      severity: "warning",
      seen: "The AKS cluster has local accounts disabled and lets no workspace in by Trusted Access.",
      remedy:
        "Run `az aks trustedaccess rolebinding create --roles Microsoft.MachineLearningServices/workspaces/mlworkload --source-resource-id <workspace id> …`, or name the compute in this step to have its workspace checked.",
      link: "https://learn.microsoft.com/azure/aks/trusted-access-feature",
    };
  },
};

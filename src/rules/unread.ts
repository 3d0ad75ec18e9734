import type { ClusterContents } from "../model/cluster-contents.ts";
import type { Failure } from "../model/failure.ts";
import type { Observed } from "../model/observed.ts";
import type { Verdict } from "./rule.ts";
import { sentence, short } from "./wording.ts";

/** What each part is, and the rule of Kubernetes' access control that lets it be read. */
const parts: Readonly<Record<Exclude<keyof ClusterContents, "way">, readonly [what: string, rule: string]>> =
  {
    nodes: ["nodes", "list nodes"],
    namespace: ["namespace azureml", "get namespaces"],
    workloads: [
      "workloads of namespace azureml",
      "list deployments, daemonsets, statefulsets (apps) in azureml",
    ],
    pods: ["pods of namespace azureml", "list pods in azureml"],
    events: ["events of namespace azureml", "list events in azureml"],
    services: ["services of namespace azureml", "list services in azureml"],
    healthReport: ["extension's health report", "get configmaps in azureml"],
    others: [
      "workloads of other namespaces",
      "list deployments, daemonsets, statefulsets (apps) in all namespaces",
    ],
    legacyRouter: [
      "leftovers of the legacy router",
      "get serviceaccounts, services, secrets, configmaps and deployments (apps) in default, clusterroles and clusterrolebindings (rbac.authorization.k8s.io)",
    ],
    used: ["pods of all namespaces", "list pods in all namespaces"],
    tlsSecret: ["secret of `sslSecret`", "get secrets in azureml"],
    computeNamespace: ["namespace of the compute", "get namespaces"],
    instanceTypes: ["instance types", "list instancetypes (amlarc.azureml.com)"],
    privileged: [
      "security context constraint `privileged`",
      "get securitycontextconstraints (security.openshift.io)",
    ],
  };

const rbacPage = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/";

/** Refused for want of a right; anything else is the server's or the network's trouble. */
function isForbidden({ code }: Failure): boolean {
  return /Forbidden|Unauthorized|40[13]$/.test(code);
}

/** One warning for each part that could not be read, with the missing rule; nothing fails by it. */
export function unreadIn(
  contents: ClusterContents,
  matters: (part: keyof ClusterContents) => boolean = () => true,
): readonly Verdict[] {
  const names = Object.keys(parts) as (keyof typeof parts)[];
  return names.flatMap((part): Verdict[] => {
    const seen: Observed<unknown> | undefined = contents[part];
    if (seen?.is !== "denied" || !matters(part)) return [];
    const [what, rule] = parts[part];
    return [
      {
        severity: "warning",
        seen: `Not checked: the ${what} can't be read. ${sentence(short(seen.why.message))}`,
        ...(isForbidden(seen.why)
          ? {
              remedy: seen.why.remedy ?? `Let the identity ${rule}, by a Role or ClusterRole.`,
              link: rbacPage,
            }
          : { remedy: "Run the step again; if it goes on, look at the cluster's API server." }),
        unread: true,
      },
    ];
  });
}

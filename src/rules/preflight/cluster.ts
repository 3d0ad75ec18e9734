import type { DeployFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { clusterExists, clusterStateRules } from "../cluster.ts";
import { healthCode } from "../health-codes.ts";
import { clusterPermissionRule } from "../permissions.ts";
import type { Rule } from "../rule.ts";
import { list } from "../wording.ts";
import { planned } from "./planned.ts";

/** What Azure itself must have and allow before an installation. */
export const clusterPreflightRules: readonly Rule<DeployFacts>[] = [
  {
    id: "cluster-exists",
    source: "X1, X7",
    check: ({ cluster, request }) => clusterExists(cluster, request.clusterId),
  },
  ...clusterStateRules,
  clusterPermissionRule("Microsoft.KubernetesConfiguration/extensions/write"),
  {
    id: "providers-registered",
    source: "X7, extension.md 9",
    check: ({ providers }) => {
      if (providers.is !== "present") {
        return {
          severity: "warning",
          seen: "Not checked: the registration of the resource providers can't be read.",
          remedy: "Give the identity that this step signs in with Reader on the subscription.",
          unread: true,
        };
      }
      const off = providers.value.filter(
        ({ registrationState = "Registered" }) => !/^registered$/i.test(registrationState),
      );
      const names = off.map(({ namespace = "" }) => namespace);
      if (off.length === 0) return undefined;
      const isUnderWay = off.every(({ registrationState }) => /^registering$/i.test(registrationState ?? ""));
      return {
        severity: isUnderWay ? "warning" : "error",
        seen: `Not registered in the subscription: ${list(off.map(({ namespace, registrationState }) => `${namespace} (${registrationState})`))}.`,
        remedy: `Run ${names.map((name) => `\`az provider register -n ${name} --wait\``).join(", ")}.`,
        link: "https://learn.microsoft.com/azure/azure-arc/kubernetes/extensions#prerequisites",
        ...(isUnderWay && { pending: true }),
      };
    },
  },
  {
    id: "cluster-used-both-ways",
    source: "extension.md 9",
    check: ({ cluster, inside }) => {
      const contents = present(inside);
      const nodes = (contents && present(contents.nodes)) ?? [];
      // AKS puts this label on every node.
      const isAks = nodes.some(({ labels }) => "kubernetes.azure.com/cluster" in labels);
      if (cluster.kind !== "arc" || !isAks) return undefined;
      return {
        severity: "warning",
        seen: "This Arc cluster is an AKS cluster; the extension must not be used through Arc and through AKS.",
        remedy: "Deploy it to the AKS cluster (`cluster-type: managedClusters`), unless Arc is meant.",
      };
    },
  },
  {
    id: "internal-load-balancer",
    source: "X4, extension.md 2a, 6 (E40003)",
    check: (facts) => {
      const arc = facts.cluster.kind === "arc" ? present(facts.cluster.seen) : undefined;
      const { settings, isNew } = planned(facts);
      if (!arc || !isNew || !settings.inference || !settings.internalLoadBalancer) return undefined;
      // AKS and AKS Engine below Arc have one as well.
      if (/^aks/i.test(arc.properties.distribution ?? "")) return undefined;
      return {
        severity: "error",
        seen: "An internal load balancer (internalLoadBalancerProvider=azure) is for AKS; on this Arc cluster the installation fails with E40003.",
        remedy: healthCode("E40003").remedy,
        link: healthCode("E40003").link,
      };
    },
  },
  {
    id: "load-balancer-possible",
    source: "X4, extension.md 6 (E40001)",
    check: (facts) => {
      const { settings, isNew } = planned(facts);
      const arc = facts.cluster.kind === "arc" ? present(facts.cluster.seen) : undefined;
      if (!arc || !isNew || !settings.inference || settings.routerService !== "LoadBalancer")
        return undefined;
      const distribution = arc.properties.distribution ?? "";
      // These bring a load balancer of their own.
      if (/^(aks|eks|gke|k3s|tkg)/i.test(distribution)) return undefined;
      return {
        severity: "warning",
        seen: `The router is to have a load balancer, and nothing shows that this cluster${distribution ? ` (${distribution})` : ""} has one; without it the installation fails with E40001.`,
        remedy: healthCode("E40001").remedy,
        link: healthCode("E40001").link,
      };
    },
  },
];

import type { CreateComputeFacts } from "../model/create-cluster.ts";
import { sameText } from "../model/resource-id.ts";
import { defaultVersion } from "./create-version.ts";
import type { Rule } from "./rule.ts";

const createPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";
const balancerPage =
  "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet#use-an-internal-load-balancer";

/** Rules of a cluster that a workspace creates. */
export const createWorkspaceRules: readonly Rule<CreateComputeFacts>[] = [
  {
    id: "create-way",
    source: "C5",
    check: ({ wanted, versions }) => {
      if (!wanted) return undefined;
      const version = defaultVersion(versions);
      return {
        severity: "warning",
        seen: `The workspace chooses the Kubernetes version, the region's default${version ? ` (${version} now)` : ""}, and asks for a Basic load balancer, which AKS makes for no new cluster since 2025-03-31.`,
        remedy:
          "Where that fails, or another version, a Standard load balancer or a private cluster is wanted: create the cluster with `via: aks`, then attach it with `compute-type: aks`.",
        link: createPage,
      };
    },
  },
  {
    id: "create-tls-internal",
    source: "T5",
    check: ({ wanted, request }) => {
      const { tls, loadBalancer } = request.creation;
      if (!wanted || !tls || loadBalancer.type !== "InternalLoadBalancer") return undefined;
      return {
        severity: "error",
        seen: "TLS is not supported with an internal load balancer: its private address may be in another network, where the certificate is refused.",
        remedy: "Leave the `ssl-*` inputs out, or give `load-balancer-type: PublicIp`.",
        link: balancerPage,
      };
    },
  },
  {
    id: "create-internal-subnet",
    source: "B1",
    check: ({ wanted, request }) => {
      const { subnet } = request.creation.loadBalancer;
      if (!wanted || !subnet) return undefined;
      const holds = wanted.subnetId?.split("/").at(-1);
      if (holds && sameText(holds, subnet)) return undefined;
      return {
        severity: "warning",
        seen: holds
          ? `The internal load balancer is to be in the subnet "${subnet}", the nodes are in "${holds}".`
          : `The internal load balancer is to be in the subnet "${subnet}", and the cluster gets a network of its own.`,
        remedy: holds
          ? "See to it that the subnet is of the same virtual network, and that the cluster's identity has `Network Contributor` on it."
          : "Give the six settings of the network, or leave `load-balancer-subnet` out.",
        link: balancerPage,
      };
    },
  },
];

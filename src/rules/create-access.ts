import { parseRange } from "../model/cidr.ts";
import type { CreateClusterFacts } from "../model/create-cluster.ts";
import { refusedIn } from "./permissions.ts";
import type { Rule } from "./rule.ts";
import { count, list } from "./wording.ts";

const attachPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";
const groupAction = "Microsoft.ContainerService/managedClusters/write";

/** Rules of a cluster that is created through AKS: where, by whom, and who may reach it. */
export const createAccessRules: readonly Rule<CreateClusterFacts>[] = [
  {
    id: "create-resource-group",
    source: "C1",
    check: ({ wanted, group }) =>
      wanted && group.is === "absent"
        ? {
            severity: "error",
            seen: "The resource group of the cluster does not exist.",
            remedy:
              "Check `cluster-resource-group` and `subscription-id`, or make it with `az group create`.",
          }
        : undefined,
  },
  {
    id: "create-authorized-ranges",
    source: "A8",
    check: ({ wanted, request }) => {
      const ranges = request.creation.authorizedRanges ?? [];
      if (!wanted || ranges.length === 0 || request.creation.privateCluster) return undefined;
      const inner = ranges.filter(isInner);
      return [
        ...(inner.length > 0
          ? [
              {
                severity: "warning",
                seen: `Private addresses (${list(inner)}) are among those that may reach the API server, which sees public ones alone.`,
                remedy: "Give the public addresses that traffic comes from.",
                link: attachPage,
              } as const,
            ]
          : []),
        {
          severity: "warning",
          seen: `The API server lets ${count(ranges.length, "address range")} in alone (${list(ranges)}); the control plane of Azure ML must be among them before the cluster is attached.`,
          remedy:
            "Add the ranges of the service tag AzureMachineLearning of the workspace's region and of the region that it is paired with.",
          link: attachPage,
        },
      ];
    },
  },
  {
    id: "create-private-ranges",
    source: "A9",
    check: ({ wanted, request }) => {
      const { authorizedRanges = [], privateCluster } = request.creation;
      if (!wanted || !privateCluster || authorizedRanges.length === 0) return undefined;
      return {
        severity: "error",
        seen: "Authorized IP ranges are for API servers with a public address; that of a private cluster has none.",
        remedy: "Leave out `api-server-authorized-ip-ranges` or `enable-private-cluster`.",
        link: "https://learn.microsoft.com/azure/aks/private-clusters",
      };
    },
  },
  {
    id: "create-subnet-role",
    source: "B1",
    check: ({ wanted }) =>
      wanted?.subnetId
        ? {
            severity: "info",
            seen: "The cluster gets an identity of its own, which is not known before; for an internal load balancer in your subnet it needs a role there.",
            remedy:
              "Give the cluster's identity `Network Contributor` on the subnet once the cluster is there, before a compute with an internal load balancer is attached.",
            link: "https://learn.microsoft.com/azure/aks/internal-lb",
          }
        : undefined,
  },
  {
    id: "permission-managedClusters-write",
    source: "C1, arm-contract 5",
    check: ({ wanted, permissions }) =>
      wanted &&
      refusedIn(permissions, groupAction, {
        where: "in the resource group of the cluster",
        remedy:
          "Give it `Azure Kubernetes Service Contributor Role`, Contributor or a custom role with that action on the resource group; a new role takes some minutes to work.",
        link: "https://learn.microsoft.com/azure/aks/concepts-identity",
      }),
  },
];

/** Ranges that don't exist in public (RFC 1918). */
const innerRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((one) => parseRange(one) ?? []);

function isInner(text: string): boolean {
  const range = parseRange(text);
  return (
    range !== undefined && innerRanges.some(({ first, last }) => first <= range.first && range.last <= last)
  );
}

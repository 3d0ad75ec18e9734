import { glance, observe } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { getResourceGroup, ManagedClusters } from "../azure/managed-clusters.ts";
import { listPermissions } from "../azure/resources.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import { type Difference, stateOf } from "../model/compute.ts";
import type { CreateClusterFacts, CreateClusterRequest, NewCluster } from "../model/create-cluster.ts";
import { asFailure } from "../model/failure.ts";
import {
  clusterDefaults,
  firstPool,
  kubernetesVersionOf,
  managedClusterBody,
  managedClusterDifferences,
  podCidr,
} from "../model/managed-cluster.ts";
import { present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import { parseResourceId, resourceName } from "../model/resource-id.ts";
import type { Performed, Sight, Tools, Way } from "../reconcile/action.ts";
import { clusterFailure } from "../reconcile/cluster-failure.ts";
import { ClusterSteps } from "../reconcile/cluster-steps.ts";
import { explainPolicy } from "../reconcile/policy-failure.ts";
import { createAccessRules } from "../rules/create-access.ts";
import { createCapacityRules } from "../rules/create-capacity.ts";
import { createNetworkRules } from "../rules/create-network.ts";
import { createVersionRule, defaultVersion } from "../rules/create-version.ts";
import { isToCreate, machinesOf, offerIn } from "./create-offer.ts";
import { type Once, planOnce, provenOnce } from "./create-plan.ts";

/** Creates an AKS cluster through Microsoft.ContainerService, or finds it there and changes nothing (C1, C7). */
export const createAks: Way<CreateClusterRequest, CreateClusterFacts> = {
  observe: observeAks,
  sight: ({ cluster }) => clusterSight(present(cluster)),
  describe,
  rules: [...createAccessRules, ...createCapacityRules, createVersionRule, ...createNetworkRules],
  plan: (facts) => planOnce(present(facts.cluster), once(facts)),
  perform: async (step, facts, tools) => {
    try {
      return await perform(step, facts, tools);
    } catch (error) {
      tools.azure.arm.signal.throwIfAborted();
      throw explainPolicy(asFailure(error), {
        routing:
          "`outbound-type: userDefinedRouting`, with `vnet-resource-group`, `vnet-name` and `subnet-name` of a subnet whose route table leads to the firewall.",
      });
    }
  },
};

async function perform(step: Step, facts: CreateClusterFacts, { azure, watcher }: Tools): Promise<Performed> {
  const { creation, wait } = facts.request;
  const steps = new ClusterSteps(azure.arm, creation.clusterId, watcher);
  if (step.kind === "await-gone") {
    await steps.gone();
    return { ended: "done" };
  }
  const creates = step.kind === "create-cluster";
  const accepted = creates ? await steps.create(bodyOf(facts)) : undefined;
  if (!wait) {
    const shown = await steps.shown();
    return { ended: "accepted", sight: shown && clusterSight(shown) };
  }
  return { ended: "done", sight: clusterSight(provenOnce(once(facts), await steps.ready(accepted))) };
}

async function observeAks(request: CreateClusterRequest, { arm }: Azure): Promise<CreateClusterFacts> {
  const { clusterId, location } = request.creation;
  const { subscriptionId = "" } = parseResourceId(clusterId) ?? {};
  const groupId = clusterId.slice(0, clusterId.toLowerCase().indexOf("/providers/"));
  const [cluster, group, permissions] = await Promise.all([
    observe(() => new ManagedClusters(arm).get(clusterId)),
    observe(() => getResourceGroup(arm, groupId)),
    glance(() => listPermissions(arm, groupId), arm.signal),
  ]);
  if (cluster.is === "denied") throw cluster.why;
  // Without its group nobody knows where the cluster would be.
  const where = location ?? present(group)?.location;
  if (!where && group.is === "denied") throw group.why;
  const wanted = isToCreate(present(cluster)) ? newCluster(request, where ?? "") : undefined;
  const offer = await offerIn(arm, subscriptionId, wanted?.location);
  return {
    request,
    cluster,
    group,
    permissions,
    notes: request.notes,
    ...offer,
    ...(wanted && { wanted }),
  };
}

function newCluster(request: CreateClusterRequest, location: string): NewCluster {
  const { creation, purpose } = request;
  const { serviceCidr, dnsServiceIP, kubernetesVersion, subnetId } = creation;
  return {
    way: "aks",
    ...machinesOf(request, {
      purpose,
      location,
      nodeCount: creation.nodeCount ?? clusterDefaults.nodeCount,
      vmSize: creation.vmSize ?? clusterDefaults.vmSize,
    }),
    kubernetesVersion,
    addresses: { serviceCidr, dnsServiceIP, podCidr },
    subnetId,
  };
}

function bodyOf({ request, wanted }: CreateClusterFacts) {
  return managedClusterBody(request.creation, wanted?.location ?? "");
}

function once(facts: CreateClusterFacts): Once<ManagedCluster> {
  const { creation } = facts.request;
  const name = resourceName(creation.clusterId);
  const title = `create AKS cluster "${name}"`;
  return {
    noun: `AKS cluster "${name}"`,
    create: {
      kind: "create-cluster",
      title,
      reason: "there is no cluster of that name",
      body: bodyOf(facts),
    },
    awaiting: "await-cluster",
    differences: (found) => managedClusterDifferences(creation, found),
    remedy: (rows, found) => remedyOf(creation.clusterId, rows, found),
    failed: (found) => clusterFailure(name, found),
  };
}

/** What AKS itself can change; this action changes no cluster (C7, C9). */
function remedyOf(clusterId: string, rows: readonly Difference[], found: ManagedCluster): string {
  const { name = "", resourceGroup = "" } = parseResourceId(clusterId) ?? {};
  const fields = rows.map(({ field }) => field);
  const nodes = rows.find(({ field }) => field === "nodeCount");
  const pool = firstPool(found)?.name ?? "nodepool1";
  const scale = nodes
    ? `The number of nodes can be changed: \`az aks scale --resource-group ${resourceGroup} --name ${name} --nodepool-name ${pool} --node-count ${nodes.wanted}\`. `
    : "";
  const size = fields.includes("vmSize") ? "The VM size of a cluster can never be changed. " : "";
  const upgrade = fields.includes("kubernetesVersion") ? "A version is changed with `az aks upgrade`. " : "";
  return `${scale}${size}${upgrade}This action changes no cluster that is there: give the settings that it has, or another \`cluster-name\`.`;
}

/** How a cluster stands. */
function clusterSight(cluster: ManagedCluster | undefined): Sight {
  return cluster
    ? { state: stateOf(cluster), kubernetesVersion: kubernetesVersionOf(cluster) }
    : { state: "Absent" };
}

function describe({ request, cluster, group, wanted, versions }: CreateClusterFacts): string[] {
  const found = present(cluster);
  const pool = found && firstPool(found);
  const version = found && kubernetesVersionOf(found);
  const usual = defaultVersion(versions);
  const shown = found
    ? [
        stateOf(found),
        found.location,
        version && `Kubernetes ${version}`,
        pool && `${pool.count} x ${pool.vmSize}`,
      ]
    : ["absent"];
  return [
    `AKS cluster "${resourceName(request.creation.clusterId)}": ${shown.filter(Boolean).join(", ")}`,
    `its resource group: ${present(group)?.location ?? group.is}`,
    ...(wanted && usual ? [`default version in ${wanted.location}: Kubernetes ${usual}`] : []),
  ];
}

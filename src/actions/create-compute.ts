import { type Arm, glance } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { getManagedCluster } from "../azure/resources.ts";
import { aksCreateBody, shownBody } from "../model/aks-compute.ts";
import { aksCreationDifferences } from "../model/aks-differences.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import { type Compute, type Difference, stateOf } from "../model/compute.ts";
import type { CreateComputeFacts, CreateComputeRequest, NewCluster } from "../model/create-cluster.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { kubernetesVersionOf } from "../model/managed-cluster.ts";
import { type Observed, present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { scoringEndpoint } from "../model/scoring-endpoint.ts";
import type { Performed, Sight, Tools, Way } from "../reconcile/action.ts";
import { computeFailure } from "../reconcile/compute-failure.ts";
import { ComputeSteps } from "../reconcile/compute-steps.ts";
import { explainPolicy } from "../reconcile/policy-failure.ts";
import { createCapacityRules } from "../rules/create-capacity.ts";
import { createNetworkRules } from "../rules/create-network.ts";
import { createWorkspaceRules } from "../rules/create-workspace.ts";
import { nameRules } from "../rules/names.ts";
import { permissionRule } from "../rules/permissions.ts";
import { workspaceRules } from "../rules/workspace.ts";
import { isToCreate, machinesOf, offerIn } from "./create-offer.ts";
import { type Once, planOnce, provenOnce } from "./create-plan.ts";
import { computeSight, observeCompute } from "./observe.ts";

/** What the service takes where nobody says otherwise (peers 3). */
const serviceDefaults = { nodeCount: 3, vmSize: "Standard_D3_v2" } as const;

/** Has the workspace create a cluster as a legacy AKS compute, or finds it there and changes nothing (C2, C5, C7). */
export const createCompute: Way<CreateComputeRequest, CreateComputeFacts> = {
  observe: observeCreation,
  sight: ({ compute, cluster }) => sightOf(present(compute), present(cluster)),
  describe,
  rules: [
    ...nameRules,
    ...workspaceRules,
    ...createCapacityRules,
    ...createNetworkRules,
    ...createWorkspaceRules,
    permissionRule("Microsoft.MachineLearningServices/workspaces/computes/write"),
  ],
  plan: (facts) => planOnce(present(facts.compute), once(facts)),
  perform: async (step, facts, tools) => {
    try {
      return await perform(step, facts, tools);
    } catch (error) {
      tools.azure.arm.signal.throwIfAborted();
      throw explainPolicy(withLeftovers(asFailure(error), facts.request.computeName), {
        routing:
          "the workspace can't do that, so create the cluster with `via: aks` and `outbound-type: userDefinedRouting` in a subnet whose route table leads to the firewall, then attach it.",
      });
    }
  },
};

async function perform(step: Step, facts: CreateComputeFacts, { azure, watcher }: Tools): Promise<Performed> {
  const { request, workspace } = facts;
  const steps = new ComputeSteps(azure.arm, request, watcher);
  if (step.kind === "await-gone") {
    await steps.gone();
    return { ended: "done" };
  }
  const creates = step.kind === "create-compute";
  const accepted = creates
    ? await steps.create(aksCreateBody(request.creation, workspace.location))
    : undefined;
  if (!request.wait) {
    const shown = await steps.shown();
    return { ended: "accepted", sight: shown && sightOf(shown, undefined) };
  }
  const compute = provenOnce(once(facts), await steps.ready(accepted));
  return { ended: "done", sight: sightOf(compute, present(await clusterOf(compute, azure.arm))) };
}

async function observeCreation(request: CreateComputeRequest, azure: Azure): Promise<CreateComputeFacts> {
  const common = await observeCompute(request, azure);
  const compute = present(common.compute);
  const wanted = isToCreate(compute) ? newCluster(request, common.workspace.location) : undefined;
  const [offer, cluster] = await Promise.all([
    offerIn(azure.arm, request.workspace.subscriptionId, wanted?.location),
    clusterOf(compute, azure.arm),
  ]);
  return { ...common, cluster, notes: request.notes, ...offer, ...(wanted && { wanted }) };
}

/** The cluster that the workspace made; that it may not be read is no reason to fail. */
async function clusterOf(compute: Compute | undefined, arm: Arm): Promise<Observed<ManagedCluster>> {
  const id = compute?.properties.resourceId;
  return id ? glance(() => getManagedCluster(arm, id), arm.signal) : { is: "absent" };
}

function newCluster(request: CreateComputeRequest, location: string): NewCluster {
  const { creation } = request;
  const { clusterPurpose, agentCount, agentVmSize, network } = creation;
  return {
    way: "workspace",
    ...machinesOf(request, {
      purpose: clusterPurpose,
      location: creation.location ?? location,
      nodeCount: agentCount ?? serviceDefaults.nodeCount,
      vmSize: agentVmSize ?? serviceDefaults.vmSize,
    }),
    addresses: {
      serviceCidr: network?.serviceCidr,
      dnsServiceIP: network?.dnsServiceIP,
      dockerBridgeCidr: network?.dockerBridgeCidr,
    },
    subnetId: network?.subnetId,
  };
}

function once({ request, workspace }: CreateComputeFacts): Once<Compute> {
  const { computeName, creation } = request;
  const noun = `compute "${computeName}"`;
  return {
    noun,
    create: {
      kind: "create-compute",
      title: `have the workspace "${workspace.name}" create an AKS cluster as ${noun}`,
      reason: "there is no compute of that name",
      body: shownBody(aksCreateBody(creation, workspace.location)),
    },
    awaiting: "await-compute",
    differences: (found) => [...attachedRow(found), ...aksCreationDifferences(creation, found)],
    remedy: remedyOf,
    failed: (found) => withLeftovers(computeFailure(computeName, found), computeName),
  };
}

/** A creation that failed can't be repeated while its compute is there, and may leave a cluster behind (C7: J21). */
function withLeftovers(failure: Failure, computeName: string): Failure {
  if (failure.code !== "ComputeFailed") return failure;
  const { message, details, link, requestId } = failure;
  return new Failure(failure.code, message, {
    details,
    link,
    requestId,
    cause: failure,
    remedy: `Mend what the errors name. Then take the compute "${computeName}" off the workspace with \`detach\` and \`allow-created: true\`, delete what is left of its cluster with \`az aks delete\`, and run this step again.`,
  });
}

/** A compute that was attached is not one that the workspace made, however alike they are. */
function attachedRow({ properties }: Compute): Difference[] {
  if (properties.isAttachedCompute !== true) return [];
  return [{ field: "isAttachedCompute", wanted: "false", found: "true" }];
}

function remedyOf(rows: readonly Difference[], found: Compute): string {
  const fields = rows.map(({ field }) => field);
  const nodes = rows.find(({ field }) => field === "agentCount");
  const { name = "", resourceGroup = "" } = parseResourceId(found.properties.resourceId ?? "") ?? {};
  const scale = nodes
    ? `The number of nodes can be changed: \`az aks scale --resource-group ${resourceGroup} --name ${name} --node-count ${nodes.wanted}\`. `
    : "";
  const size = fields.includes("agentVmSize") ? "The VM size of a cluster can never be changed. " : "";
  return `${scale}${size}This action changes no compute that is there: give the settings that it has, or another \`compute-name\`.`;
}

function sightOf(compute: Compute | undefined, cluster: ManagedCluster | undefined): Sight {
  const { ip, host } = compute ? scoringEndpoint(compute) : {};
  return {
    ...computeSight(compute),
    scoringIp: ip,
    scoringHost: host,
    clusterId: compute?.properties.resourceId ?? undefined,
    kubernetesVersion: cluster && kubernetesVersionOf(cluster),
  };
}

function describe({ workspace, compute, cluster, request }: CreateComputeFacts): string[] {
  const found = present(compute);
  const id = found?.properties.resourceId;
  const seen = present(cluster);
  return [
    `workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`,
    `compute "${request.computeName}": ${found ? stateOf(found) : "absent"}`,
    ...(id ? [`its cluster: ${id}, ${seen ? stateOf(seen) : cluster.is}`] : []),
  ];
}

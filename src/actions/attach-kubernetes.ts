import { observe } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Extensions } from "../azure/extensions.ts";
import { attachBody, type Compute, differences, stateOf } from "../model/compute.ts";
import type { AttachFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import type { AttachRequest } from "../model/request.ts";
import { resourceName } from "../model/resource-id.ts";
import type { Way } from "../reconcile/action.ts";
import { ComputeSteps } from "../reconcile/compute-steps.ts";
import { clusterRules } from "../rules/cluster.ts";
import { azureMlExtension, extensionRules } from "../rules/extension.ts";
import { identityRules } from "../rules/identity.ts";
import { nameRules } from "../rules/names.ts";
import { permissionRule } from "../rules/permissions.ts";
import { workspaceRules } from "../rules/workspace.ts";
import { planAttachment, proven, type Wanted } from "./attach-plan.ts";
import { computeSight, observeCluster, observeCompute } from "./observe.ts";

/** Attaches a cluster as a Kubernetes compute, or finds it attached and changes nothing (L1 to L5). */
export const attachKubernetes: Way<AttachRequest, AttachFacts> = {
  observe: observeAttachment,
  sight: ({ compute }) => computeSight(present(compute)),
  describe,
  rules: [
    ...nameRules,
    ...workspaceRules,
    ...clusterRules,
    ...extensionRules,
    ...identityRules,
    permissionRule("Microsoft.MachineLearningServices/workspaces/computes/write"),
  ],
  plan: (facts) => planAttachment(present(facts.compute), wanted(facts)),
  perform: async (step, facts, { azure, watcher }) => {
    const { request, workspace } = facts;
    const steps = new ComputeSteps(azure.arm, request, watcher);
    if (step.kind === "await-gone") {
      await steps.gone();
      return { ended: "done" };
    }
    const creating = step.kind === "create-compute";
    const accepted = creating
      ? await steps.create(attachBody(request.attachment, workspace.location))
      : undefined;
    if (!request.wait) {
      const shown = await steps.shown();
      return { ended: "accepted", sight: shown && computeSight(shown) };
    }
    return { ended: "done", sight: computeSight(proven(wanted(facts), await steps.ready(accepted))) };
  },
};

function wanted({ request, workspace }: AttachFacts): Wanted {
  const { attachment, computeName } = request;
  return {
    computeName,
    clusterId: attachment.clusterId,
    body: attachBody(attachment, workspace.location),
    differences: (found: Compute) => differences(attachment, found),
  };
}

async function observeAttachment(request: AttachRequest, azure: Azure): Promise<AttachFacts> {
  const { arm } = azure;
  const { clusterId } = request.attachment;
  const [common, cluster, extensions] = await Promise.all([
    observeCompute(request, azure),
    observeCluster(arm, clusterId),
    observe(() => new Extensions(arm, clusterId).list()),
  ]);
  return { ...common, cluster, extensions };
}

function describe({ workspace, compute, cluster, extensions, request }: AttachFacts): string[] {
  const found = present(compute);
  const extension = azureMlExtension(present(extensions) ?? []);
  const thing = cluster.kind === "aks" ? "AKS cluster" : "Arc cluster";
  return [
    `workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`,
    `compute "${request.computeName}": ${found ? stateOf(found) : "absent"}`,
    `${thing} "${resourceName(request.attachment.clusterId)}": ${cluster.seen.is === "present" ? stateOf(cluster.seen.value) : cluster.seen.is}`,
    `Azure ML extension: ${extension ? `"${extension.name}", ${stateOf(extension)}, version ${extension.properties.currentVersion ?? "unknown"}` : "none seen"}`,
  ];
}

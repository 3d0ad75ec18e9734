import { observe } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Extensions } from "../azure/extensions.ts";
import {
  attachBody,
  type Compute,
  differenceLines,
  differences,
  isFinal,
  stateOf,
} from "../model/compute.ts";
import type { AttachFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { AttachRequest } from "../model/request.ts";
import { parseResourceId, sameText } from "../model/resource-id.ts";
import type { Action } from "../reconcile/action.ts";
import { computeFailure } from "../reconcile/compute-failure.ts";
import { ComputeSteps } from "../reconcile/compute-steps.ts";
import { clusterRules } from "../rules/cluster.ts";
import { azureMlExtension, extensionRules } from "../rules/extension.ts";
import { identityRules } from "../rules/identity.ts";
import { nameRules } from "../rules/names.ts";
import { permissionRule } from "../rules/permissions.ts";
import { workspaceRules } from "../rules/workspace.ts";
import { attachRequest } from "./attach-request.ts";
import { computeSight, computeTarget, observeCluster, observeCompute } from "./observe.ts";

/** Attaches a cluster as a Kubernetes compute, or finds it attached and changes nothing (L1 to L5). */
export const attach: Action<AttachRequest, AttachFacts> = {
  name: "attach",
  subject: "compute",
  request: attachRequest,
  target: computeTarget,
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
  plan: planAttachment,
  perform: async (step, { request, workspace }, { azure, watcher }) => {
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
    return { ended: "done", sight: computeSight(proven(request, await steps.ready(accepted))) };
  },
};

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
    `${thing} "${clusterName(request)}": ${cluster.seen.is === "present" ? stateOf(cluster.seen.value) : cluster.seen.is}`,
    `Azure ML extension: ${extension ? `"${extension.name}", ${stateOf(extension)}, version ${extension.properties.currentVersion ?? "unknown"}` : "none seen"}`,
  ];
}

function clusterName(request: AttachRequest): string {
  return parseResourceId(request.attachment.clusterId)?.name ?? request.attachment.clusterId;
}

/** Pure. @throws Failure `Different` with every field, `ComputeFailed` with every error. */
function planAttachment({ compute, request, workspace }: AttachFacts): Plan {
  const name = `compute "${request.computeName}"`;
  const create: Step = {
    kind: "create-compute",
    title: `attach cluster "${clusterName(request)}" as ${name}`,
    reason: "there is no compute of that name",
    body: attachBody(request.attachment, workspace.location),
  };
  const found = present(compute);
  if (!found) return { summary: create.title, steps: [create] };
  const state = stateOf(found);
  if (sameText(state, "Deleting")) {
    const gone: Step = {
      kind: "await-gone",
      title: `wait until ${name} is gone`,
      reason: "it is being detached",
    };
    return { summary: `${gone.title}, then ${create.title}`, steps: [gone, create] };
  }
  const rows = differences(request.attachment, found);
  if (rows.length > 0) throw different(request, found, differenceLines(rows));
  if (!isFinal(state)) {
    const ready: Step = {
      kind: "await-compute",
      title: `wait for ${name}`,
      reason: `it is ${state} with the settings asked for, begun by another run or tool`,
    };
    return { summary: ready.title, steps: [ready] };
  }
  if (!sameText(state, "Succeeded")) throw computeFailure(request.computeName, found);
  return { summary: `nothing to do; ${name} is attached with these settings.`, steps: [] };
}

/** Azure may report success and change nothing (peers 0.1), so a difference is never mended by a PUT. */
function different(request: AttachRequest, found: Compute, lines: readonly string[]): Failure {
  return new Failure(
    "Different",
    `The compute "${request.computeName}" (${stateOf(found)}) exists with other settings.`,
    {
      details: lines,
      remedy:
        "Azure can't change an attached compute. Give the settings that it has, choose another `compute-name`, or detach it and attach it again; what runs on it stops meanwhile.",
      link: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute",
    },
  );
}

/** The read that proves the write: field by field what was asked for (peers 0.1). */
function proven(request: AttachRequest, compute: Compute): Compute {
  const lines = differenceLines(differences(request.attachment, compute));
  if (lines.length === 0) return compute;
  throw new Failure(
    "NotApplied",
    `Azure reported success, but the compute "${request.computeName}" is not what was asked for.`,
    {
      details: lines,
      remedy:
        "Somebody else may have attached a compute of that name at the same time, and Azure changes no existing one. Detach it, then run this step again.",
    },
  );
}

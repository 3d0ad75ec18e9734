import { stateOf } from "../model/compute.ts";
import type { DetachFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { DetachRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import type { Action } from "../reconcile/action.ts";
import { ComputeSteps } from "../reconcile/compute-steps.ts";
import { permissionRule } from "../rules/permissions.ts";
import { detachRequest } from "./detach-request.ts";
import { computeSight, computeTarget, observeCompute } from "./observe.ts";

/** Takes a compute off its workspace and waits until it is gone. The cluster is never deleted (D1, D2). */
export const detach: Action<DetachRequest, DetachFacts> = {
  name: "detach",
  subject: "compute",
  request: detachRequest,
  target: computeTarget,
  observe: observeCompute,
  sight: ({ compute }) => computeSight(present(compute)),
  describe: ({ compute, request, workspace }) => {
    const found = present(compute);
    const cluster = found?.properties.resourceId;
    return [
      `workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`,
      `compute "${request.computeName}": ${found ? stateOf(found) : "absent"}`,
      ...(cluster ? [`its cluster: ${cluster}`] : []),
    ];
  },
  rules: [permissionRule("Microsoft.MachineLearningServices/workspaces/computes/delete")],
  plan: planDetach,
  perform: async (step, { request }, { azure, watcher }) => {
    const steps = new ComputeSteps(azure.arm, request, watcher);
    const accepted = step.kind === "detach-compute" ? await steps.detach() : undefined;
    if (!request.wait) {
      await steps.look();
      return { ended: "accepted" };
    }
    await steps.gone(accepted);
    return { ended: "done" };
  },
};

/** Pure. @throws Failure `CreatedByWorkspace`. */
function planDetach({ compute, request }: DetachFacts): Plan {
  const name = `compute "${request.computeName}"`;
  const found = present(compute);
  if (!found) return { summary: `nothing to do; there is no ${name}.`, steps: [] };
  if (sameText(stateOf(found), "Deleting")) {
    const title = `wait until ${name} is gone`;
    return { summary: title, steps: [{ kind: "await-gone", title, reason: "it is being detached already" }] };
  }
  if (found.properties.isAttachedCompute !== true && !request.allowCreated) throw created(request);
  const title = `detach ${name}`;
  const reason = "it is attached; its cluster stays as it is";
  return { summary: title, steps: [{ kind: "detach-compute", title, reason }] };
}

/** A compute that the workspace made is not one that was brought (arm-contract 1.4, extension.md 7). */
function created(request: DetachRequest): Failure {
  return new Failure(
    "CreatedByWorkspace",
    `The workspace created the compute "${request.computeName}" itself; it was not attached.`,
    {
      remedy:
        "Give `allow-created: true` to detach it all the same: its cluster then goes on running, and costing, outside the workspace.",
    },
  );
}

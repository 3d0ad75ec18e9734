import { stateOf } from "../model/compute.ts";
import type { ComputeFacts } from "../model/facts.ts";
import type { ComputeRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import type { Rule } from "./rule.ts";

/** Rules of the workspace that is to take the compute. */
export const workspaceRules: readonly Rule<ComputeFacts<ComputeRequest>>[] = [
  {
    id: "workspace-succeeded",
    source: "arm-contract 1.8",
    check: ({ workspace }) =>
      sameText(stateOf(workspace), "Succeeded")
        ? undefined
        : {
            severity: "error",
            seen: `The workspace "${workspace.name}" is ${stateOf(workspace)}.`,
            remedy: "Wait until it is Succeeded, or mend it, then run this step again.",
          },
  },
];

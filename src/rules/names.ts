import type { ComputeFacts } from "../model/facts.ts";
import type { ComputeRequest } from "../model/request.ts";
import type { Rule } from "./rule.ts";

/** Rules of names that the service applies late, or that other tools stumble over. */
export const nameRules: readonly Rule<ComputeFacts<ComputeRequest>>[] = [
  {
    id: "compute-name-digits",
    source: "A2, arm-contract 1.2",
    check: ({ request }) =>
      /-\d+$/.test(request.computeName)
        ? {
            severity: "error",
            seen: `The compute name "${request.computeName}" ends in a dash and digits, which the service refuses since 2025-12.`,
            remedy: `Choose a name like "${request.computeName.replace(/(-\d+)+$/, (end) => end.replaceAll("-", ""))}".`,
          }
        : undefined,
  },
  {
    id: "compute-name-length",
    source: "A2, peers 1.3",
    check: ({ request }) =>
      request.computeName.length > 16
        ? {
            severity: "warning",
            seen: `The compute name "${request.computeName}" has ${request.computeName.length} characters; some Azure tools take 16 at most.`,
            remedy: "Choose a name of at most 16 characters if other tools use this compute.",
          }
        : undefined,
  },
  {
    id: "workspace-name-dash",
    source: "extension.md 7",
    check: ({ request }) => endsInDash("workspace", request.workspace.name),
  },
  {
    id: "resource-group-dash",
    source: "extension.md 7",
    check: ({ request }) => endsInDash("resource group", request.workspace.resourceGroup),
  },
];

function endsInDash(what: string, name: string) {
  if (!name.endsWith("-")) return undefined;
  return {
    severity: "error",
    seen: `The name of the ${what} "${name}" ends in a dash; attached computes then fail with InternalServerError.`,
    remedy: `Use a ${what} whose name does not end in a dash.`,
    link: "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace",
  } as const;
}

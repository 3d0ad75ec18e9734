import type { Permission } from "../model/azure-resources.ts";
import type { CommonFacts } from "../model/facts.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Rule } from "./rule.ts";

/** The caller may do that action with the workspace. */
export function permissionRule(action: string): Rule<CommonFacts<CommonRequest>> {
  return {
    id: `permission-${action.split("/").slice(-2).join("-")}`,
    source: "A4, arm-contract 5",
    check: ({ permissions, request }) => {
      if (permissions.is !== "present" || permits(permissions.value, action)) return undefined;
      return {
        severity: "error",
        seen: `The identity that this step signs in with may not do ${action} in the workspace "${request.workspace.name}".`,
        remedy:
          "Give it `AzureML Compute Operator`, Contributor or a custom role with that action on the workspace; a new role takes some minutes to work.",
        link: "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles",
      };
    },
  };
}

/** `notActions` subtract within one element only; `*` stands for any text (arm-contract 5). */
export function permits(permissions: readonly Permission[], action: string): boolean {
  return permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((pattern) => matches(pattern, action)) &&
      !notActions.some((pattern) => matches(pattern, action)),
  );
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}

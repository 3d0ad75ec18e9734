import type { Permission } from "../model/azure-resources.ts";
import type { ComputeFacts } from "../model/facts.ts";
import type { Observed } from "../model/observed.ts";
import type { ComputeRequest } from "../model/request.ts";
import type { Rule, Verdict } from "./rule.ts";

/** The caller may do that action with the workspace. */
export function permissionRule(action: string): Rule<ComputeFacts<ComputeRequest>> {
  return {
    id: ruleId(action),
    source: "A4, arm-contract 5",
    check: ({ permissions, request }) =>
      refusedIn(permissions, action, {
        where: `in the workspace "${request.workspace.name}"`,
        remedy:
          "Give it `AzureML Compute Operator`, Contributor or a custom role with that action on the workspace; a new role takes some minutes to work.",
        link: "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles",
      }),
  };
}

/** The caller may do that action with the extensions of the cluster. */
export function clusterPermissionRule(
  action: string,
): Rule<{ readonly permissions: Observed<readonly Permission[]> }> {
  return {
    id: ruleId(action),
    source: "X7, arm-contract 5",
    check: ({ permissions }) =>
      refusedIn(permissions, action, {
        where: "on the cluster",
        remedy:
          "Give it `Kubernetes Extension Contributor`, Contributor or a custom role with that action on the cluster; a new role takes some minutes to work.",
        link: "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension",
      }),
  };
}

function ruleId(action: string): string {
  return `permission-${action.split("/").slice(-2).join("-")}`;
}

/** Permissions that can't be read say nothing: the write itself will tell. */
export function refusedIn(
  permissions: Observed<readonly Permission[]>,
  action: string,
  { where, remedy, link }: { where: string; remedy: string; link: string },
): Verdict | undefined {
  if (permissions.is !== "present" || permits(permissions.value, action)) return undefined;
  return {
    severity: "error",
    seen: `The identity that this step signs in with may not do ${action} ${where}.`,
    remedy,
    link,
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

import { type ArmError, gatewayError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import type { Application, Grant } from "../identity/directory.ts";
import { keyOf } from "../ids.ts";
import type { Call } from "./call.ts";

/** arm-contract 5: wildcards match any run of characters, `notActions` subtract within one element, case is ignored. */
export function isAllowed(application: Application, action: string, scope: string): boolean {
  return application.grants.some(
    (grant) =>
      covers(grant, scope) &&
      grant.actions.some((pattern) => matchesAction(pattern, action)) &&
      !grant.notActions.some((pattern) => matchesAction(pattern, action)),
  );
}

/** testbed 7 (real-arm): the wording of 403. */
export function authorizationFailed(application: Application, action: string, scope: string): ArmError {
  return gatewayError(
    403,
    "AuthorizationFailed",
    `The client '${application.clientId}' with object id '${application.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** arm-contract 5: the caller's own permissions at a scope, one element for each role. */
export function listPermissions(call: Call, scope: string): Reply {
  const value = call.principal.grants
    .filter((grant) => covers(grant, scope))
    .map(({ actions, notActions }) => ({ actions, notActions, dataActions: [], notDataActions: [] }));
  return json(200, { value });
}

function covers(grant: Grant, scope: string): boolean {
  const granted = keyOf(grant.scope);
  const asked = keyOf(scope);
  return granted === "" || asked === granted || asked.startsWith(`${granted}/`);
}

function matchesAction(pattern: string, action: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${source}$`, "i").test(action);
}

import type { ErrorBody } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { type InstallFailure, installFailure } from "../kubernetes/breakage-table.ts";
import type { ExtensionKnobs } from "./extension-knobs.ts";
import type { Cause } from "./extension-outcome.ts";

/** A failure in the places where it shows (arm-contract 3): the monitor's `error`, and two of the resource. */
export interface ShownFailure {
  error: ErrorBody;
  errorInfo: ErrorBody | undefined;
  statuses: JsonObject[];
}

export interface FailedWrite {
  name: string;
  settings: JsonObject;
  updating: boolean;
  time: string;
}

/** How a cause is told. Those that the table of breakages knows are in its words, the others wrapped as users quote them. */
export function shownFailure(cause: Cause, write: FailedWrite, knobs: ExtensionKnobs): ShownFailure {
  const broken = cause.kind === undefined || cause.says !== undefined ? [] : [{ kind: cause.kind }];
  const failure = installFailure(broken, write) ?? wrapped(cause.says ?? "", write);
  const { failureShownIn: where, statusLevel } = knobs;
  const level = statusLevel === "null" ? null : statusLevel;
  return {
    error: failure.error,
    errorInfo: where === "statuses" ? undefined : failure.errorInfo,
    statuses: where === "errorInfo" ? [] : failure.statuses.map((status) => ({ ...status, level })),
  };
}

/** Helm's words in Azure's, as terraform-provider-azurerm#24547 quotes them. */
function wrapped(says: string, { name, updating, time }: FailedWrite): InstallFailure {
  const inner = says
    .replaceAll("{ext}", name)
    .replaceAll("{undone}", updating ? "rolled back" : "uninstalled");
  const what = updating ? "Helm Upgrade Failed" : "Helm installation failed";
  const message = `Error: [ InnerError: [${what} : : InnerError [${inner}]]] occurred while doing the operation : [${updating ? "Update" : "Create"}] on the config, For general troubleshooting visit: https://aka.ms/k8s-extensions-TSG`;
  const code = updating ? "UpgradeFailed" : "InstallationFailed";
  return {
    error: {
      code: "ExtensionOperationFailed",
      message: `The extension operation failed with the following error:  ${message}`,
    },
    errorInfo: { code, message },
    statuses: [{ code, displayStatus: null, level: "Error", message, time }],
  };
}

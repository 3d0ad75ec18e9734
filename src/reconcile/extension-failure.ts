import type { Extension } from "../model/azure-resources.ts";
import { stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import { troubles } from "../rules/extension.ts";
import { knownError } from "../rules/gate/known-errors.ts";

const troubleshooting =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension";

/**
 * The failure of an extension, with every error that Azure holds: the operation's own, `errorInfo` and the statuses
 * of the agent (arm-contract 3), and what they mean where it is known.
 */
export function extensionFailure(extension: Extension, operation: readonly string[] = []): Failure {
  const details = [...new Set([...operation, ...troubles(extension)])];
  const known = knownError(details, extension.name);
  const name = `The extension "${extension.name}" is ${stateOf(extension)}.`;
  return new Failure("ExtensionFailed", known ? `${name} ${known.means}` : name, {
    details: details.length > 0 ? details : ["Azure gave no reason."],
    remedy:
      known?.remedy ??
      "Run `verify-extension`: it reads the cluster and names the cause. Mend that, then run this step again with `on-failed: recreate`.",
    link: troubleshooting,
  });
}

/** The failure of an extension that does not go. */
export function removalFailure(
  name: string,
  extension: Extension | undefined,
  operation: readonly string[],
): Failure {
  return new Failure("ExtensionNotRemoved", `Azure did not remove the extension "${name}".`, {
    details: [...new Set([...operation, ...(extension ? troubles(extension) : [])])],
    remedy:
      "Check that the cluster's agents reach Azure (AKS: kube-system, Arc: azure-arc), then run the step again.",
    link: troubleshooting,
  });
}

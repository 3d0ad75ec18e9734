import { errorLines, oneLine } from "../model/arm-error.ts";
import type { Extension } from "../model/azure-resources.ts";
import { isFinal, stateOf } from "../model/compute.ts";
import type { AttachFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import type { Rule } from "./rule.ts";

/** The type of the Azure ML extension; some tools write it in lower case (testbed 8). */
export const extensionType = "Microsoft.AzureML.Kubernetes";

/** How to deploy the extension and what its settings mean. */
export const deployPage =
  "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension";

/** The Azure ML extension of a cluster, under whatever name. */
export function azureMlExtension(extensions: readonly Extension[]): Extension | undefined {
  return extensions.find(({ properties }) => sameText(properties.extensionType ?? "", extensionType));
}

/** What the Azure ML extension must be like before its cluster can be attached. */
export const extensionRules: readonly Rule<AttachFacts>[] = [
  {
    id: "extension-installed",
    source: "X1, K1",
    check: ({ cluster, extensions }) => {
      if (cluster.seen.is !== "present") return undefined;
      if (extensions.is === "denied") {
        return {
          severity: "warning",
          seen: "The extensions of the cluster can't be read, so that their rules were not checked.",
          remedy:
            "Give the identity that this step signs in with `Kubernetes Extension Contributor` or Reader on the cluster.",
        };
      }
      if (azureMlExtension(present(extensions) ?? [])) return undefined;
      return {
        severity: "error",
        seen: `The cluster has no extension of type ${extensionType}.`,
        remedy: "Deploy it first, with the action `deploy-extension`.",
        link: deployPage,
      };
    },
  },
  {
    id: "extension-succeeded",
    source: "K1",
    check: ({ extensions }) => {
      const extension = azureMlExtension(present(extensions) ?? []);
      if (!extension || sameText(stateOf(extension), "Succeeded")) return undefined;
      return {
        severity: "error",
        seen: [`The extension "${extension.name}" is ${stateOf(extension)}.`, ...troubles(extension)].join(
          " ",
        ),
        remedy: isFinal(stateOf(extension))
          ? "Mend what its errors name, then update or reinstall the extension."
          : "Wait until the extension is Succeeded, then run this step again.",
        link: deployPage,
      };
    },
  },
  {
    id: "extension-statuses",
    source: "arm-contract 3",
    check: ({ extensions }) => {
      const extension = azureMlExtension(present(extensions) ?? []);
      if (!extension || !sameText(stateOf(extension), "Succeeded")) return undefined;
      const lines = troubles(extension);
      if (lines.length === 0) return undefined;
      return {
        severity: "warning",
        seen: [`The extension "${extension.name}" is Succeeded and reports errors:`, ...lines].join(" "),
        remedy: "Look at the pods of namespace azureml in the cluster.",
      };
    },
  },
];

/** A failure can show in `errorInfo` and in `statuses`, each without the other (arm-contract 3). */
export function troubles({ properties }: Extension): string[] {
  // The level of a status may be missing; its code then tells.
  const bad = (properties.statuses ?? []).filter(
    ({ level, code }) => sameText(level ?? "", "Error") || (!level && /failed$/i.test(code ?? "")),
  );
  const statuses = bad.map(({ code, displayStatus, message }) =>
    oneLine(`${code ?? displayStatus ?? "Error"}: ${message ?? ""}`),
  );
  const lines = [
    ...(properties.errorInfo ? errorLines(properties.errorInfo).map((line) => line.trim()) : []),
    ...statuses,
  ];
  // Azure mostly writes the same into both, under codes that differ.
  const words = lines.map((line) => line.replace(/^\S+: /, ""));
  return lines.filter((_, index) => words.indexOf(words[index] ?? "") === index);
}

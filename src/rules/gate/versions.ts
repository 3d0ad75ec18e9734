import type { VerifyFacts } from "../../model/facts.ts";
import { compareVersions, newest } from "../../model/kubernetes-version.ts";
import { sameText } from "../../model/resource-id.ts";
import type { GateRule } from "../rule.ts";
import { offered, unsupportedKubernetes } from "../versions.ts";
import { type Installed, installed } from "./installed.ts";

const subject = "versions";
const upgradePage =
  "https://learn.microsoft.com/azure/azure-arc/kubernetes/extensions#upgrade-an-extension-instance";

/** The extension's version supports the cluster's Kubernetes. */
export const kubernetesSupported: GateRule<VerifyFacts> = {
  id: "kubernetes-supported",
  subject,
  source: "extension.md 4, arm-contract 3",
  check: (facts) => {
    const extension = installed(facts);
    const kubernetes = extension && unsupportedKubernetes(facts, extension.version);
    if (!extension || kubernetes === undefined) return undefined;
    return {
      // What runs nonetheless is worth a warning.
      severity: extension.standing === "succeeded" ? "warning" : "error",
      seen: `Version ${extension.version} of the extension does not support Kubernetes ${kubernetes}.`,
      remedy: "Upgrade the extension (leave the input `version` out), or the cluster.",
      link: "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#supported-kubernetes-version-and-region",
    };
  },
};

/** Rules on the version itself: none of them is why something does not work now. */
export const versionRules: readonly GateRule<VerifyFacts>[] = [
  {
    id: "version-latest",
    subject,
    source: "extension.md 4",
    check: (facts) => {
      const extension = installed(facts);
      if (extension && facts.versions.is === "denied") {
        return {
          severity: "warning",
          seen: "The versions that Azure offers can't be read, so that the installed one was not compared.",
          remedy: "Give the identity that this step signs in with Reader on the cluster.",
          unread: true,
        };
      }
      const latest = newest(offered(facts));
      if (!extension?.version || !latest || compareVersions(extension.version, latest) >= 0) return undefined;
      const seen = `Version ${extension.version} of the extension is installed; ${latest} is the latest.`;
      return isPinned(extension)
        ? {
            severity: "warning",
            seen: `${seen} Auto-upgrade is off, so that it stays.`,
            remedy:
              "Run `deploy-extension` with the input `version` of the latest one, or without it and with `auto-upgrade: true`.",
            link: upgradePage,
          }
        : { severity: "info", seen, remedy: "Nothing: auto-upgrade brings it.", link: upgradePage };
    },
  },
  {
    id: "release-train-stable",
    subject,
    source: "extension.md 4",
    check: (facts) => {
      const extension = installed(facts);
      const train = extension?.extension.properties.releaseTrain ?? "stable";
      if (!extension || sameText(train, "stable")) return undefined;
      return {
        severity: "warning",
        seen: `The extension is of the release train "${train}"${isPinned(extension) ? `, pinned to ${extension.version}` : ""}, which is not for production.`,
        remedy: "Run `deploy-extension` with `release-train: stable` and `auto-upgrade: true`.",
      };
    },
  },
];

/** Azure's default is to upgrade (extension.md 4). */
function isPinned({ extension }: Installed): boolean {
  return extension.properties.autoUpgradeMinorVersion === false;
}

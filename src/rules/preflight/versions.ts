import type { DeployFacts } from "../../model/facts.ts";
import { compareVersions } from "../../model/kubernetes-version.ts";
import type { Rule } from "../rule.ts";
import { offered, unsupportedKubernetes } from "../versions.ts";
import { list } from "../wording.ts";
import { planned } from "./planned.ts";

/** The version that would be installed exists and suits the cluster. */
export const versionRules: readonly Rule<DeployFacts>[] = [
  {
    id: "version-offered",
    source: "extension.md 4, 6 (chart path not found)",
    check: (facts) => {
      const { version, releaseTrain = "stable" } = facts.request.wanted;
      if (facts.versions.is === "denied") {
        return {
          severity: "warning",
          seen: "Not checked: the versions that Azure offers can't be read.",
          remedy: "Give the identity that this step signs in with Reader on the cluster.",
          unread: true,
        };
      }
      const versions = [...offered(facts)].sort((one, other) => compareVersions(other, one));
      if (facts.versions.is === "absent" || (versions.length > 0 && !version)) return undefined;
      if (versions.length === 0) {
        return {
          // The default train is never empty: then it is the list that is not to be trusted.
          severity: releaseTrain === "stable" ? "warning" : "error",
          seen: `Azure offers no version of the extension on release train "${releaseTrain}" for this cluster.`,
          remedy: "Leave `release-train` out, or give one that has versions.",
        };
      }
      if (!version || versions.includes(version)) return undefined;
      return {
        severity: "error",
        seen: `Azure does not offer version ${version} of the extension on release train "${releaseTrain}" for this cluster.`,
        remedy: `Leave \`version\` out for the latest one, or give one of these: ${list(versions)}.`,
      };
    },
  },
  {
    id: "kubernetes-supported",
    source: "extension.md 4, arm-contract 3",
    check: (facts) => {
      const { version, isNew } = planned(facts);
      const kubernetes = unsupportedKubernetes(facts, version);
      if (kubernetes === undefined) return undefined;
      return {
        severity: isNew || facts.request.wanted.version !== undefined ? "error" : "warning",
        seen: `Version ${version} of the extension does not support Kubernetes ${kubernetes}.`,
        remedy: "Upgrade the cluster, or give a `version` of the extension that supports it.",
        link: "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#supported-kubernetes-version-and-region",
      };
    },
  },
];

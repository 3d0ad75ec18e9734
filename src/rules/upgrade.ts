import {
  isPinned,
  type PassedOver,
  passedOver,
  trainOf,
  type UpgradeCase,
} from "../model/extension-upgrade.ts";
import type { KubernetesUpdateFacts } from "../model/kubernetes-update.ts";
import { present } from "../model/observed.ts";
import { clusterExists, clusterStateRules } from "./cluster.ts";
import { azureMlExtension } from "./extension.ts";
import { clusterPermissionRule } from "./permissions.ts";
import type { Rule, Verdict } from "./rule.ts";
import { unsupportedKubernetes } from "./versions.ts";

const permission = clusterPermissionRule("Microsoft.KubernetesConfiguration/extensions/write");

/** What decides about an upgrade, from what was seen; `undefined` where there is no extension. */
export function upgradeCase(facts: KubernetesUpdateFacts): UpgradeCase | undefined {
  const extension = azureMlExtension(present(facts.extensions) ?? []);
  return (
    extension && {
      extension,
      offered: present(facts.versions),
      unsupported: (version) => unsupportedKubernetes(facts, version),
      policy: facts.request.policy,
    }
  );
}

/** What must be right before an extension is upgraded, and what is worth saying about the version that is taken. */
export const upgradeRules: readonly Rule<KubernetesUpdateFacts>[] = [
  {
    id: "cluster-exists",
    source: "X7",
    check: ({ cluster, request }) => clusterExists(cluster, request.clusterId),
  },
  ...clusterStateRules,
  { ...permission, check: ({ clusterPermissions: permissions }) => permission.check({ permissions }) },
  {
    id: "versions-read",
    source: "extension.md 4",
    check: ({ versions, request, extensions }) => {
      if (versions.is === "denied") {
        return {
          severity: "warning",
          seen: "The versions that Azure offers can't be read, so that the installed one was not compared.",
          remedy: "Give the identity that this step signs in with Reader on the cluster.",
          unread: true,
        };
      }
      const train = trainOf(request.policy, azureMlExtension(present(extensions) ?? []));
      if ((present(versions) ?? []).length > 0) return undefined;
      return {
        severity: "warning",
        seen: `Azure offers no version of the extension on the release train "${train}" for this cluster.`,
        remedy: "Leave `release-train` out, or give one that has versions.",
      };
    },
  },
  {
    id: "newer-version-left",
    source: "extension.md 4, arm-contract 3",
    check: (facts) => {
      const given = upgradeCase(facts);
      return given && passedOver(given).map((passed) => leftVerdict(passed, given));
    },
  },
  {
    id: "auto-upgrade-has-no-limit",
    source: "extension.md 4",
    check: (facts) => {
      const given = upgradeCase(facts);
      const { maxVersion } = facts.request.policy;
      if (!given || maxVersion === undefined || isPinned(given.extension)) return undefined;
      return {
        severity: "warning",
        seen: `Auto-upgrade of the extension is on: Azure itself goes beyond \`max-version\` ${maxVersion} when it likes.`,
        remedy:
          "To stay below it, run `deploy-extension` with the input `version`, which pins the extension.",
      };
    },
  },
];

function leftVerdict({ version, why }: PassedOver, { unsupported, policy }: UpgradeCase): Verdict {
  const seen = `Version ${version} of the extension is not taken`;
  switch (why) {
    case "kubernetes":
      return {
        severity: "warning",
        seen: `${seen}: it does not support Kubernetes ${unsupported(version)}.`,
        remedy: "Upgrade the cluster first.",
        link: "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#supported-kubernetes-version-and-region",
      };
    case "max-version":
      return {
        severity: "info",
        seen: `${seen}: \`max-version\` is ${policy.maxVersion}.`,
        remedy: "Give a higher `max-version` once it was tried out.",
      };
    case "major":
      return {
        severity: "info",
        seen: `${seen}: it is a new major version, which auto-upgrade would not take either.`,
        remedy: `Give \`max-version: ${version}\` to go there.`,
      };
  }
}

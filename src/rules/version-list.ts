import type { VersionsFacts } from "../model/facts.ts";
import {
  type ClusterVersion,
  type ExtensionVersions,
  newestFirst,
  supportOf,
  upgradesOf,
} from "../model/kubernetes-versions.ts";
import { type Observed, present } from "../model/observed.ts";
import { aksVersionRule } from "./aks-cluster.ts";
import { azureMlExtension } from "./extension.ts";
import type { Rule, Verdict } from "./rule.ts";
import { offered, unsupportedKubernetes } from "./versions.ts";
import { sentence, short } from "./wording.ts";

/** What is to be said of a cluster's versions. Nothing of it fails a run that only lists. */
export const versionRules: readonly Rule<VersionsFacts>[] = [
  {
    ...aksVersionRule,
    check: ({ cluster, versions }) =>
      // What can't be read is told below, with the reason.
      cluster.kind === "aks" && versions.is === "present"
        ? aksVersionRule.check({ cluster, versions })
        : undefined,
  },
  { id: "versions-unread", source: "V1", check: unread },
  {
    id: "release-train-empty",
    source: "extension.md 4",
    check: (facts) =>
      present(facts.extensionVersions)?.length === 0
        ? {
            severity: "warning",
            seen: `Azure offers this cluster no version of the Azure ML extension on the release train "${facts.releaseTrain}".`,
            remedy: "Check `release-train`; `stable` is the usual one.",
          }
        : undefined,
  },
];

/** One warning for each list that could not be had. */
function unread({
  cluster,
  versions,
  upgrades,
  extensions,
  extensionVersions: own,
}: VersionsFacts): Verdict[] {
  const aks: [string, Observed<unknown>, string][] = [
    ["Kubernetes versions of the region", versions, "subscription"],
    ["versions that the cluster can upgrade to", upgrades, "cluster"],
  ];
  const lists: [string, Observed<unknown>, string][] = [
    ...(cluster.kind === "aks" ? aks : []),
    ["extensions of the cluster", extensions, "cluster"],
    ["versions of the extension that Azure offers", own, "cluster"],
  ];
  return lists.flatMap(([what, seen, scope]): Verdict[] => {
    if (seen.is === "present") return [];
    const why = seen.is === "denied" ? seen.why : undefined;
    const role = `Give the identity that this step signs in with Reader on the ${scope}, then run the step again.`;
    return [
      {
        severity: "warning",
        seen: `Not told: the ${what} can't be read. ${why ? sentence(short(why.message)) : "Azure has no such list."}`,
        remedy: why?.code === "AuthorizationFailed" ? role : (why?.remedy ?? "Run the step again."),
        unread: true,
      },
    ];
  });
}

/** How the cluster stands among the versions of its region. */
export function clusterVersion({ cluster, versions, upgrades }: VersionsFacts): ClusterVersion {
  if (cluster.kind === "arc") {
    const version = present(cluster.seen)?.properties.kubernetesVersion;
    return { kind: "arc", ...(version && { version }) };
  }
  const { currentKubernetesVersion: version, supportPlan } = present(cluster.seen)?.properties ?? {};
  const known = present(versions);
  const support = version && known ? supportOf(version, supportPlan, known) : undefined;
  const profile = present(upgrades);
  return {
    kind: "aks",
    ...(version && { version, attachable: support?.attachable ?? "unknown" }),
    ...(supportPlan && { supportPlan }),
    ...(support && { supportedVersions: support.supported }),
    ...(profile && { upgrades: upgradesOf(profile) }),
  };
}

/** The extension that the cluster has, and those that Azure offers it. */
export function extensionVersions(facts: VersionsFacts): ExtensionVersions {
  const { cluster, releaseTrain, extensions, extensionVersions: versions } = facts;
  const installed = azureMlExtension(present(extensions) ?? [])?.properties.currentVersion;
  const list = newestFirst(
    offered({ versions }).map((version) => ({
      version,
      runsOnCluster: unsupportedKubernetes({ cluster, versions }, version) === undefined,
    })),
  );
  const [latest] = list;
  return {
    releaseTrain,
    ...(installed && { installed }),
    ...(latest && { latest: latest.version }),
    ...(present(versions) && { offered: list }),
  };
}

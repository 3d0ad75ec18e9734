import type { RootContent } from "mdast";
import type {
  Attachable,
  ClusterVersion,
  ExtensionVersions,
  MinorVersion,
  Upgrade,
  Versions,
} from "../model/kubernetes-versions.ts";
import { heading, paragraph, phrases, table } from "./markdown.ts";

/** A line of the list, as a person reads it. */
interface Row {
  readonly version: string;
  /** `default`, `preview` or nothing. */
  readonly mark: string;
  readonly support: string;
  readonly upgrades: string;
}

const supportPlans: Readonly<Record<string, string>> = {
  KubernetesOfficial: "community",
  AKSLongTermSupport: "long-term",
};

const attachability: Readonly<Record<Attachable, string>> = {
  supported: "It can be attached as a legacy compute.",
  preview:
    "It is a preview version: it can be attached as a legacy compute, without a service level agreement.",
  unsupported: "It can't be attached as a legacy compute.",
  unknown: "Whether it can be attached as a legacy compute is not known.",
};

/** What `list-versions` found, for the page of the run (V1). */
export function versionBlocks({ location, kubernetes, cluster, extension }: Versions): RootContent[] {
  return [
    ...(cluster ? said("The cluster", clusterSentences(cluster)) : []),
    ...(extension ? extensionBlocks(extension) : []),
    ...(kubernetes
      ? [
          heading(4, `Kubernetes versions of AKS in ${location}`),
          table(
            ["Version", "Note", "Support", "Upgrades to"],
            rowsOf(kubernetes).map(({ version, mark, support, upgrades }) => [
              version,
              mark,
              support,
              upgrades,
            ]),
          ),
        ]
      : []),
  ];
}

/** The same for the log. */
export function versionLines({ location, kubernetes, cluster, extension }: Versions): string[] {
  return [
    ...(kubernetes ? [`Kubernetes versions of AKS in ${location}:`, ...kubernetesLines(kubernetes)] : []),
    ...(cluster ? ["The cluster:", ...indented(clusterSentences(cluster))] : []),
    ...(extension
      ? [
          "The Azure ML extension:",
          ...indented(extensionSentences(extension)),
          ...indented((extension.offered ?? []).map(offeredText)),
        ]
      : []),
  ];
}

/** What a run of `list-versions` came to, in a few words. */
export function versionsHeadline({ location, kubernetes, defaultVersion, cluster }: Versions): string {
  if (cluster) {
    const { version, attachable } = cluster;
    const words = { supported: "supported", preview: "a preview", unsupported: "not supported" };
    const standing = !attachable || attachable === "unknown" ? "" : `, ${words[attachable]}`;
    return `Kubernetes ${version ?? "of unknown version"}${standing}`;
  }
  const count = kubernetes?.length ?? 0;
  const many = count === 1 ? "1 minor version" : `${count} minor versions`;
  return `${many} in ${location}${defaultVersion ? `, default ${defaultVersion}` : ""}`;
}

function said(title: string, sentences: readonly string[]): RootContent[] {
  return [heading(4, title), paragraph(phrases(sentences.join(" ")))];
}

function clusterSentences(cluster: ClusterVersion): string[] {
  const { version, attachable, supportedVersions = [], upgrades } = cluster;
  const own = version ? `It runs Kubernetes ${version}.` : "Its Kubernetes version is not known.";
  const others = attachable === "unsupported" ? [`Supported are ${supportedVersions.join(", ")}.`] : [];
  return [
    own,
    ...(attachable ? [attachability[attachable], ...others] : []),
    ...(upgrades
      ? [upgrades.length > 0 ? `It can upgrade to ${listed(upgrades)}.` : "It can't be upgraded now."]
      : []),
  ];
}

function extensionBlocks(extension: ExtensionVersions): RootContent[] {
  const { offered = [] } = extension;
  const rows = offered.map((one) => [one.version, one.runsOnCluster ? "yes" : "no"]);
  return [
    ...said("The Azure ML extension", extensionSentences(extension)),
    ...(rows.length > 0 ? [table(["Version", "Runs on this Kubernetes version"], rows)] : []),
  ];
}

function extensionSentences({ releaseTrain, installed, latest }: ExtensionVersions): string[] {
  return [
    installed ? `Installed is ${installed}.` : "No version of it was found on the cluster.",
    latest
      ? `The latest on the release train \`${releaseTrain}\` is ${latest}.`
      : `The latest on the release train \`${releaseTrain}\` is not known.`,
  ];
}

function offeredText({ version, runsOnCluster }: NonNullable<ExtensionVersions["offered"]>[number]): string {
  return `${version}${runsOnCluster ? "" : " (does not run on the cluster's Kubernetes version)"}`;
}

/** One row for each patch version: what a cluster runs, and what can be upgraded. */
function rowsOf(kubernetes: readonly MinorVersion[]): Row[] {
  return kubernetes.flatMap(({ version, isDefault, isPreview, supportPlans: plans, patches }) => {
    // AKS takes the name of a minor version for its newest patch.
    const mark = (index: number) => (isPreview ? "preview" : isDefault && index === 0 ? "default" : "");
    const support = plans.map((plan) => supportPlans[plan] ?? plan).join(", ");
    const own = patches.length > 0 ? patches : [{ version, upgrades: [] }];
    return own.map((patch, index) => ({
      version: patch.version,
      mark: mark(index),
      support,
      upgrades: listed(patch.upgrades),
    }));
  });
}

function listed(upgrades: readonly Upgrade[]): string {
  if (upgrades.length === 0) return "none";
  return upgrades.map(({ version, isPreview }) => `${version}${isPreview ? " (preview)" : ""}`).join(", ");
}

function kubernetesLines(kubernetes: readonly MinorVersion[]): string[] {
  return indented(
    rowsOf(kubernetes).map(({ version, mark, support, upgrades }) => {
      const about = [mark, support].filter(Boolean).join(", ");
      return `${version.padEnd(9)} ${about.padEnd(24)} upgrades: ${upgrades}`;
    }),
  );
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

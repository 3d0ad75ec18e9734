import type { OfferedVersion, UpgradeProfile } from "./azure-resources.ts";
import { compareVersions } from "./kubernetes-version.ts";
import { sameText } from "./resource-id.ts";

/** What `list-versions` found (V1, V2). What could not be read is absent; a finding says why. */
export interface Versions {
  /** The region, as ARM's paths have it: `westeurope`. */
  readonly location: string;
  /** Minor versions that AKS offers there, the newest first; absent for an Arc cluster. */
  readonly kubernetes?: readonly MinorVersion[];
  /** The minor version that a new cluster gets; AKS takes it as a name for its newest patch. */
  readonly defaultVersion?: string;
  readonly cluster?: ClusterVersion;
  readonly extension?: ExtensionVersions;
}

/** A minor version of Kubernetes in a region. */
export interface MinorVersion {
  readonly version: string;
  readonly isDefault: boolean;
  readonly isPreview: boolean;
  /** As Azure names them: `KubernetesOfficial`, `AKSLongTermSupport`. */
  readonly supportPlans: readonly string[];
  /** The newest first. */
  readonly patches: readonly PatchVersion[];
}

/** A patch version, and what a cluster that runs it can upgrade to. */
export interface PatchVersion {
  readonly version: string;
  readonly upgrades: readonly Upgrade[];
}

/** A version that a cluster can upgrade to. Lists of them begin with the oldest. */
export interface Upgrade {
  readonly version: string;
  readonly isPreview: boolean;
}

/** Whether a version can be attached as a legacy compute (A7); `unknown` where the region's versions can't be read. */
export type Attachable = "supported" | "preview" | "unsupported" | "unknown";

/** The version of one cluster. The last four are of AKS alone. */
export interface ClusterVersion {
  readonly kind: "aks" | "arc";
  readonly version?: string;
  readonly supportPlan?: string;
  readonly attachable?: Attachable;
  /** The minor versions that can be attached, the oldest first. */
  readonly supportedVersions?: readonly string[];
  readonly upgrades?: readonly Upgrade[];
}

/** The Azure ML extension: what the cluster has, and what Azure offers it on a release train. */
export interface ExtensionVersions {
  readonly releaseTrain: string;
  readonly installed?: string;
  readonly latest?: string;
  /** The newest first. */
  readonly offered?: readonly OfferedExtension[];
}

/** A version of the extension. */
export interface OfferedExtension {
  readonly version: string;
  /** `false` where Azure lists the cluster's Kubernetes version as one that it does not run on. */
  readonly runsOnCluster: boolean;
}

/** The versions of a region, the newest first. Azure leaves out what is false (arm-contract 2). */
export function minorVersions(offered: readonly OfferedVersion[]): MinorVersion[] {
  const previews = new Set(offered.filter(({ isPreview }) => isPreview).map(({ version }) => version));
  return newestFirst(offered).map(({ version, isDefault, isPreview, capabilities, patchVersions }) => ({
    version,
    isDefault: isDefault ?? false,
    isPreview: isPreview ?? false,
    supportPlans: capabilities?.supportPlan ?? [],
    patches: newestFirst(
      Object.entries(patchVersions ?? {}).map(([patch, about]) => ({
        version: patch,
        upgrades: oldestFirst(
          (about?.upgrades ?? []).map((one) => ({ version: one, isPreview: previews.has(minorOf(one)) })),
        ),
      })),
    ),
  }));
}

/** What a cluster can upgrade to. */
export function upgradesOf({ properties }: UpgradeProfile): Upgrade[] {
  const upgrades = properties.controlPlaneProfile?.upgrades ?? [];
  return oldestFirst(
    upgrades.flatMap(({ kubernetesVersion, isPreview }) =>
      kubernetesVersion ? [{ version: kubernetesVersion, isPreview: isPreview ?? false }] : [],
    ),
  );
}

/** Whether a version can be attached, and which ones can, the oldest first. */
export interface Support {
  readonly attachable: Exclude<Attachable, "unknown">;
  readonly supported: readonly string[];
}

/**
 * Whether a cluster's version is among those of its region (A7). `1.33` stands for all patches of it; old versions are
 * for clusters with long-term support alone (arm-contract 2: `supportPlan`).
 */
export function supportOf(
  version: string,
  supportPlan: string | null | undefined,
  offered: readonly OfferedVersion[],
): Support {
  const longTerm = sameText(supportPlan ?? "", "AKSLongTermSupport");
  const open = offered.filter((one) => longTerm || isOfficial(one));
  const known = open.find((one) => one.version === minorOf(version));
  return {
    attachable: known ? (known.isPreview ? "preview" : "supported") : "unsupported",
    supported: open.map((one) => one.version).sort(compareVersions),
  };
}

function isOfficial({ capabilities }: OfferedVersion): boolean {
  return capabilities?.supportPlan?.includes("KubernetesOfficial") ?? true;
}

/** `1.33` of `1.33.4`. */
function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** The newest first. */
export function newestFirst<One extends { readonly version: string }>(versions: readonly One[]): One[] {
  return versions.toSorted((one, other) => compareVersions(other.version, one.version));
}

function oldestFirst<One extends { readonly version: string }>(versions: readonly One[]): One[] {
  return versions.toSorted((one, other) => compareVersions(one.version, other.version));
}

/** The releases of the Azure ML extension, and which of them a request gets. */

/** How the extension types API names kinds of clusters (arm-contract 3, example of the official file). */
export type ClusterTypeName = "managedCluster" | "connectedCluster";

/** Which Kubernetes versions of which distributions a release doesn't run on: `>1.33`, `1.18..1.21`, `1.30`. */
export interface UnsupportedVersions {
  distributions: string[];
  unsupportedVersions: string[];
}

export interface ExtensionRelease {
  version: string;
  /** `stable`, `preview` ... */
  train: string;
  unsupported?: Partial<Record<ClusterTypeName, UnsupportedVersions[]>>;
}

/** extension 4: those that documents and issues name, on the trains that are seen there. */
const KNOWN: readonly ExtensionRelease[] = [
  ...["1.0.51", "1.0.58", "1.0.88", "1.1.5", "1.1.17", "1.1.26", "1.1.35", "1.1.44", "1.1.84"].map(
    (version) => ({ version, train: "stable" }),
  ),
  { version: "1.2.0-preview", train: "preview" },
];

/** All releases, newest first. Those of the knob `extensionReleases` are added, or stand for the known one. */
export function releases(added: readonly ExtensionRelease[]): ExtensionRelease[] {
  const known = KNOWN.filter((one) => !added.some((other) => sameRelease(one, other)));
  return [...added, ...known].sort((a, b) => compareVersions(b.version, a.version));
}

/** What an installation asks for. */
export interface ReleaseWish {
  version: string | undefined;
  train: string;
  /** The one that runs already. */
  current: string | undefined;
  autoUpgrade: boolean;
}

/**
 * extension 4: a pinned version counts on every train, since the train counts with auto-upgrade alone (recorded:
 * `--version 1.1.44 --release-train staging` succeeded). Without a pin it is the newest of the train; what runs and is
 * not to be upgraded stays.
 */
export function pickRelease(
  all: readonly ExtensionRelease[],
  wish: ReleaseWish,
): ExtensionRelease | undefined {
  const stays = wish.autoUpgrade ? undefined : wish.current;
  const version = wish.version ?? stays;
  if (version !== undefined) return all.find((one) => one.version === version);
  return all.find(({ train }) => train.toLowerCase() === wish.train.toLowerCase());
}

/** Whether a release refuses a cluster by its Kubernetes version. */
export function refusesCluster(
  release: ExtensionRelease,
  cluster: { type: ClusterTypeName; distribution: string; kubernetesVersion: string },
): boolean {
  const rows = release.unsupported?.[cluster.type] ?? [];
  return rows
    .filter(({ distributions }) =>
      distributions.some((one) => one.toLowerCase() === cluster.distribution.toLowerCase()),
    )
    .some(({ unsupportedVersions }) =>
      unsupportedVersions.some((range) => isWithin(cluster.kubernetesVersion, range)),
    );
}

/** The three forms that the official example shows. A bound names a whole minor version: 1.22.9 is not above 1.22. */
function isWithin(version: string, range: string): boolean {
  const [from, to] = range.split("..");
  if (from !== undefined && to !== undefined) {
    return compareUpTo(version, from) >= 0 && compareUpTo(version, to) <= 0;
  }
  if (range.startsWith(">=")) return compareUpTo(version, range.slice(2)) >= 0;
  if (range.startsWith("<=")) return compareUpTo(version, range.slice(2)) <= 0;
  if (range.startsWith(">")) return compareUpTo(version, range.slice(1)) > 0;
  if (range.startsWith("<")) return compareUpTo(version, range.slice(1)) < 0;
  return compareUpTo(version, range) === 0;
}

/** Compares as many parts as the bound has. */
function compareUpTo(version: string, bound: string): number {
  const length = numbers(bound).length;
  return compareNumbers(numbers(version).slice(0, length), numbers(bound));
}

/** Order of versions; a preview comes before what it is a preview of. */
export function compareVersions(a: string, b: string): number {
  const byNumbers = compareNumbers(numbers(a), numbers(b));
  return byNumbers === 0 ? Number(b.includes("-")) - Number(a.includes("-")) : byNumbers;
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  const differences = Array.from({ length }, (_, index) => (a[index] ?? 0) - (b[index] ?? 0));
  return differences.find((one) => one !== 0) ?? 0;
}

function numbers(version: string): number[] {
  const [release = ""] = version.trim().replace(/^v/, "").split("-");
  return release.split(".").map(Number);
}

function sameRelease(a: ExtensionRelease, b: ExtensionRelease): boolean {
  return a.version === b.version && a.train.toLowerCase() === b.train.toLowerCase();
}

import type { Fleet, FleetCluster } from "../src/model/fleet.ts";

/** A bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly count: number;
  /** How it is painted. */
  readonly tone: "pass" | "warn" | "fail" | "unknown" | "plain";
}

/** More bars than these are one, of all others. */
const mostBars = 8;

/** How many clusters have which version of the extension, the newest first. */
export function versionBars({ clusters }: Fleet): readonly Bar[] {
  const latest = new Set(clusters.map(({ latestVersion }) => latestVersion));
  const groups = new Map<string, number>();
  for (const { extensionVersion } of clusters) {
    if (extensionVersion) groups.set(extensionVersion, (groups.get(extensionVersion) ?? 0) + 1);
  }
  const natural = new Intl.Collator("en", { numeric: true }).compare;
  const bars = [...groups]
    .sort(([one], [other]) => natural(other, one))
    .map(([label, count]): Bar => ({ label, count, tone: latest.has(label) ? "pass" : "warn" }));
  const missing = clusters.filter(({ extensionVersion }) => !extensionVersion).length;
  const none: Bar[] = missing > 0 ? [{ label: "not known", count: missing, tone: "unknown" }] : [];
  return [...shortened(bars), ...none];
}

function shortened(bars: readonly Bar[]): readonly Bar[] {
  if (bars.length <= mostBars) return bars;
  const rest = bars.slice(mostBars - 1);
  const count = rest.reduce((sum, bar) => sum + bar.count, 0);
  return [...bars.slice(0, mostBars - 1), { label: `${rest.length} older`, count, tone: "warn" }];
}

const day = 24 * 3_600_000;

/** Ends of certificates by how soon somebody must act. */
const terms = [
  { label: "ended", days: 0, tone: "fail" },
  { label: "30 days", days: 30, tone: "fail" },
  { label: "60 days", days: 60, tone: "warn" },
  { label: "90 days", days: 90, tone: "plain" },
  { label: "6 months", days: 182, tone: "pass" },
  { label: "1 year", days: 366, tone: "pass" },
  { label: "later", days: Number.POSITIVE_INFINITY, tone: "pass" },
] as const;

/** How many certificates end within which time. */
export function certificateBars({ clusters, madeAt }: Fleet): readonly Bar[] {
  const now = Date.parse(madeAt);
  const left = clusters.flatMap((cluster) => daysLeft(cluster, now));
  return terms.map(({ label, days, tone }, index) => {
    const after = terms[index - 1]?.days ?? Number.NEGATIVE_INFINITY;
    return { label, tone, count: left.filter((one) => one > after && one <= days).length };
  });
}

function daysLeft({ certificateEnds }: FleetCluster, now: number): number[] {
  const ends = Date.parse(certificateEnds ?? "");
  return Number.isNaN(ends) ? [] : [(ends - now) / day];
}

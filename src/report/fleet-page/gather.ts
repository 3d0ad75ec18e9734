import {
  countStandings,
  type Fleet,
  type FleetCheck,
  type FleetCluster,
  type FleetDay,
  type FleetFinding,
  letters,
  type Standing,
} from "../../model/fleet.ts";
import type { Check, Gate } from "../../model/gate.ts";
import type { Report } from "../../model/report.ts";
import { parseResourceId, resourceTypes } from "../../model/resource-id.ts";
import { product } from "../../model/version.ts";

/** How the clusters of a fleet stood on an earlier day, by their keys. */
export interface PastDay {
  /** As `2026-11-21`, in UTC. */
  readonly day: string;
  readonly standings: ReadonlyMap<string, Standing>;
}

/** More days than these make no picture. */
const longestPast = 90;

/** A fleet from the reports of its clusters; of two about the same cluster the later one counts. */
export function gatherFleet(reports: readonly Report[], past: readonly PastDay[], now: Date): Fleet {
  // A run about several computes tells of each in a report of its own.
  const single = reports.flatMap(
    ({ targets, ...report }) => targets?.filter(({ target }) => target.computeName) ?? [report],
  );
  const groups = [...grouped(single.filter(isAboutCluster), keyOf)];
  const gates = groups.flatMap(([, group]) => latestGate(group)?.gate ?? []);
  const checks = allChecks(gates);
  const today = isoDay(now);
  const bare = groups.map(([key, group]) => clusterOf(key, group, checks));
  const days = pastDays(past, today, standingsOf(bare));
  const clusters = bare.map((cluster) => ({ ...cluster, past: pastOf(cluster.key, days) }));
  return {
    product: `${product.name} ${product.version}`,
    madeAt: now.toISOString(),
    checks,
    clusters: clusters.sort(byName),
    days: days.map(({ day, standings }) => dayOf(day, standings)),
  };
}

/** How each cluster of a fleet stands, by its key. */
export function standingsOf(
  clusters: readonly Pick<FleetCluster, "key" | "standing">[],
): PastDay["standings"] {
  return new Map(clusters.map(({ key, standing }) => [key, standing]));
}

/** The day of a time, in UTC. */
export function isoDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Actions whose reports say nothing of one cluster. */
const aboutNone: readonly string[] = ["discover", "list-versions", "merge-reports"];

function isAboutCluster({ action }: Report): boolean {
  return !aboutNone.includes(action);
}

/** The same cluster may be attached as several computes, each with a standing of its own. */
export function keyOf({ target, correlationId }: Pick<Report, "target" | "correlationId">): string {
  const { clusterId, computeId, computeName } = target;
  const parts = [clusterId, computeId ?? computeName].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(" ").toLowerCase() : `run ${correlationId}`;
}

function latestGate(group: readonly Report[]): Report | undefined {
  return group.filter(({ gate }) => gate).reduce<Report | undefined>(later, undefined);
}

function later(one: Report | undefined, other: Report): Report {
  return one && Date.parse(one.startedAt) > Date.parse(other.startedAt) ? one : other;
}

/** In the order of the longest gate, since a gate of one way in knows fewer checks than another. */
function allChecks(gates: readonly Gate[]): FleetCheck[] {
  const longestFirst = gates.toSorted((one, other) => other.checks.length - one.checks.length);
  const checks = longestFirst.flatMap((gate) => gate.checks);
  const byId = new Map(checks.map(({ id, subject, source }) => [id, { id, subject, source }]));
  return [...byId.values()];
}

function clusterOf(
  key: string,
  group: readonly Report[],
  checks: readonly FleetCheck[],
): Omit<FleetCluster, "past"> {
  const latest = group.reduce<Report | undefined>(later, undefined);
  const judged = latestGate(group) ?? latest;
  const { gate, extensionVersion, latestVersion, startedAt = "" } = judged ?? {};
  const { kubernetesVersion, certificate } = gate?.sight ?? {};
  return {
    key,
    ...place(judged),
    standing: standing(gate, group),
    results: checks.map(({ id }) => letterOf(gate?.checks.find((check) => check.id === id))).join(""),
    findings: (gate?.checks ?? []).flatMap(findingsOf),
    errors: errorsOf(group),
    ...(extensionVersion && { extensionVersion }),
    ...(latestVersion && { latestVersion }),
    ...(kubernetesVersion && { kubernetesVersion }),
    ...(certificate && { certificateEnds: certificate.ends }),
    lookedAt: startedAt,
  };
}

function place(report: Report | undefined) {
  const { clusterId, subscriptionId, resourceGroup, workspaceName, computeName } = report?.target ?? {};
  const cluster = clusterId === undefined ? undefined : parseResourceId(clusterId);
  return {
    name: cluster?.name ?? computeName ?? "?",
    kind: kindOf(cluster?.type),
    ...(clusterId && { clusterId }),
    subscription: cluster?.subscriptionId ?? subscriptionId ?? "",
    resourceGroup: cluster?.resourceGroup ?? resourceGroup ?? "",
    region: report?.gate?.sight?.region ?? "",
    workspace: workspaceName ?? "",
    compute: computeName ?? "",
  };
}

function kindOf(type: string | undefined): FleetCluster["kind"] {
  if (type === undefined) return "";
  return type === resourceTypes.arc ? "Arc" : "AKS";
}

/** A cluster whose update failed does not stand well, whatever the gate says of what the update left. */
function standing(gate: Gate | undefined, group: readonly Report[]): Standing {
  const broken = group.some(({ action, error }) => error && action !== "verify-extension");
  return broken ? "fail" : (gate?.verdict ?? "unknown");
}

function letterOf(check: Check | undefined): string {
  return check ? letters[check.result] : "-";
}

function findingsOf({ id, findings }: Check): FleetFinding[] {
  return findings.map(({ severity, seen, object, remedy, link }) => ({
    check: id,
    severity,
    text: object && !seen.startsWith(object) ? `${object}: ${seen}` : seen,
    remedy,
    ...(link && { link }),
  }));
}

/** A gate that fails says itself what is wrong; any other failure has something to add. */
function errorsOf(group: readonly Report[]): FleetCluster["errors"] {
  return group.flatMap(({ action, error, gate }) => {
    if (!error || gate?.verdict === "fail") return [];
    const { code, message, remedy, link } = error;
    return [{ action, code, message, ...(remedy && { remedy }), ...(link && { link }) }];
  });
}

/** Today as the reports have it, and the days before it; nothing where there is none before it. */
function pastDays(past: readonly PastDay[], today: string, now: PastDay["standings"]): PastDay[] {
  const earlier = past.filter(({ day }) => day < today);
  if (earlier.length === 0) return [];
  const days = [...grouped(earlier, ({ day }) => day)].map(([day, same]) => ({
    day,
    standings: new Map(same.flatMap(({ standings }) => [...standings])),
  }));
  const ordered = days.sort((one, other) => (one.day < other.day ? -1 : 1));
  return [...ordered, { day: today, standings: now }].slice(-longestPast);
}

function pastOf(key: string, days: readonly PastDay[]): string {
  const letter = (standing: Standing | undefined) => (standing ? letters[standing] : "-");
  return days.map(({ standings }) => letter(standings.get(key))).join("");
}

function dayOf(day: string, standings: PastDay["standings"]): FleetDay {
  return { day, ...countStandings([...standings.values()]) };
}

/** `Map.groupBy`, which Node 20 has not. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function byName(one: FleetCluster, other: FleetCluster): number {
  return one.name === other.name ? (one.key < other.key ? -1 : 1) : one.name < other.name ? -1 : 1;
}

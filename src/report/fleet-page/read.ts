import * as v from "valibot";
import type { Standing } from "../../model/fleet.ts";
import type { Report } from "../../model/report.ts";
import { isoDay, keyOf, type PastDay } from "./gather.ts";

/** What was found in files, and which of them hold nothing that is known. */
export interface Read<T> {
  readonly found: readonly T[];
  readonly strange: readonly string[];
}

const finding = v.looseObject({
  severity: v.picklist(["error", "warning", "info"]),
  seen: v.string(),
  remedy: v.string(),
  link: v.optional(v.string()),
  object: v.optional(v.string()),
});
const result = v.picklist(["pass", "warn", "fail", "unknown"]);
const check = v.looseObject({
  id: v.string(),
  subject: v.string(),
  source: v.string(),
  result,
  findings: v.array(finding),
});
const sight = v.looseObject({
  region: v.optional(v.string()),
  kubernetesVersion: v.optional(v.string()),
  certificate: v.optional(v.looseObject({ ends: v.string() })),
});
const gate = v.looseObject({
  verdict: v.picklist(["pass", "warn", "fail"]),
  checks: v.array(check),
  sight: v.optional(sight),
});
const error = v.looseObject({
  code: v.string(),
  message: v.string(),
  remedy: v.optional(v.string()),
  link: v.optional(v.string()),
});
const names = ["subscriptionId", "resourceGroup", "workspaceName", "computeName", "computeId", "clusterId"];

/** As much of a report as a fleet needs of it; what else is in it is the writer's. */
const report = v.looseObject({
  reportVersion: v.literal(1),
  action: v.string(),
  target: v.looseObject(Object.fromEntries(names.map((name) => [name, v.optional(v.string())]))),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  correlationId: v.string(),
  extensionVersion: v.optional(v.string()),
  latestVersion: v.optional(v.string()),
  gate: v.optional(gate),
  error: v.optional(error),
});

const day = v.object({
  fleetDayVersion: v.literal(1),
  day: v.pipe(v.string(), v.isoDate()),
  standings: v.record(v.string(), result),
});

/** The reports in files. */
export function readReports(files: Readonly<Record<string, string>>): Read<Report> {
  return readAll(files, (data) => reportsIn(data));
}

/** How clusters stood, from what earlier runs left; reports of earlier runs tell it too. */
export function readPast(files: Readonly<Record<string, string>>): Read<PastDay> {
  return readAll(files, (data) => {
    const known = v.safeParse(day, data);
    if (known.success) {
      const { day, standings } = known.output;
      return [{ day, standings: new Map(Object.entries(standings)) }];
    }
    return reportsIn(data)?.map(dayOf);
  });
}

/** A day as it is left for later runs. */
export function pastFile({ day, standings }: PastDay): string {
  return `${JSON.stringify({ fleetDayVersion: 1, day, standings: Object.fromEntries(standings) })}\n`;
}

/** The reports in a file: one, or that of many targets, which holds one of each. */
function reportsIn(data: unknown): readonly Report[] | undefined {
  // The schema is of a part; that nothing else is read of it, `gather.ts` sees to.
  return v.is(report, data) ? ofTargets(data as unknown as Report) : undefined;
}

/** The reports of each target, where a run had many. */
export function ofTargets(whole: Report): readonly Report[] {
  const { targets } = whole;
  return Array.isArray(targets) ? targets.filter((one): one is Report => v.is(report, one)) : [whole];
}

function dayOf(earlier: Report): PastDay {
  const standing: Standing = earlier.gate?.verdict ?? "unknown";
  return { day: isoDay(new Date(earlier.startedAt)), standings: new Map([[keyOf(earlier), standing]]) };
}

function readAll<T>(
  files: Readonly<Record<string, string>>,
  understand: (data: unknown) => readonly T[] | undefined,
): Read<T> {
  const read = Object.entries(files).map(([file, text]) => ({ file, value: understand(parsed(text)) }));
  return {
    found: read.flatMap(({ value }) => value ?? []),
    strange: read.filter(({ value }) => value === undefined).map(({ file }) => file),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import { formatDuration } from "../model/duration.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Gate, Part } from "../model/gate.ts";
import type { ErrorReport, Report, StepReport, Verdict } from "../model/report.ts";
import type { Style } from "./terminal.ts";

/** How a text is made for a terminal. */
export interface Look {
  readonly width: number;
  readonly paint: (style: Style | readonly Style[], text: string) => string;
  /** The text as the console words it: inputs by the names of their options. */
  readonly worded: (text: string) => string;
}

/** A row: what stands before its last column, which takes the rest of the line, and how wide each of that is. */
export type Row = readonly string[];

/** Rows in columns; in a terminal the last column is broken between words and stays in its place. */
export function columns(rows: readonly Row[], widths: readonly number[], width: number): string {
  return rows.map((row) => rowLines(row, widths, width)).join("\n");
}

function rowLines(row: Row, widths: readonly number[], width: number): string {
  const before = row.slice(0, -1).map((text, index) => `  ${padded(text, widths[index] ?? 0)}`);
  const indent = before.map((text) => stringWidth(text)).reduce((sum, one) => sum + one, 2);
  const lines = broken(row.at(-1) ?? "", width - indent);
  return lines
    .map((line, index) => `${index === 0 ? before.join("") : " ".repeat(indent - 2)}  ${line}`.trimEnd())
    .join("\n");
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** The lines of a text: where a terminal has an end, none goes beyond it but a long word, which stays whole to be copied. */
export function broken(text: string, room: number): string[] {
  return (Number.isFinite(room) ? wrapAnsi(text, Math.max(room, 20)) : text).split("\n");
}

/** A text with inputs by the names of their options, as they are written here. */
export function worded(text: string, inputNames: readonly string[]): string {
  const named = text.replaceAll(/`([a-z0-9-]+)`/g, (whole, name) =>
    inputNames.includes(name) ? `--${name}` : whole,
  );
  // The problems of inputs begin with the input's name.
  return named.replace(/^([a-z0-9-]+)(?=: | \()/, (name) => (inputNames.includes(name) ? `--${name}` : name));
}

const severityStyle: Readonly<Record<Severity, Style>> = {
  error: "red",
  warning: "yellow",
  info: "blue",
};

/** A finding: what was seen, what to do, and where it is from. */
export function findingView(
  { severity, seen, remedy, id, source, link }: FindingText,
  { width, paint, worded }: Look,
): string {
  const what = [
    worded(seen),
    ...(remedy ? [`→ ${worded(remedy)}`] : []),
    ...(link ? [`→ ${paint("underline", link)}`] : []),
    paint("dim", `[${id}: ${source}]`),
  ];
  return columns([[paint(severityStyle[severity], severity), what.join("\n")]], [8], width);
}

type FindingText = Pick<Finding, "severity" | "seen" | "remedy" | "id" | "source" | "link">;

const verdictWords: Readonly<Record<Verdict, string>> = {
  done: "done",
  unchanged: "nothing to do",
  planned: "planned, nothing written",
  accepted: "accepted, not waited for",
  failed: "failed",
  cancelled: "cancelled",
};

/** How a run ended: findings that were not told yet, steps, parts, verdict, and what went wrong. */
export function reportView(report: Report, untold: readonly Finding[], look: Look): string {
  if (report.error?.code === "InvalidInput") return refusalView(report.action, report.error, look);
  return [
    ...untold.map((finding) => findingView(finding, look)),
    ...stepViews(report.steps, look),
    ...(report.gate ? [gateView(report.gate, look)] : []),
    headline(report, look),
    known(report, look),
    ...(report.error ? [errorView(report.error, report.findings, look)] : []),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

const marks = { good: "✓", bad: "✗", open: "–", careful: "!" } as const;

/** The mark of a thing that is well, wrong, or not known. */
export function mark(kind: keyof typeof marks, { paint }: Look): string {
  const styles = { good: "green", bad: "red", open: "dim", careful: "yellow" } as const;
  return paint(styles[kind], marks[kind]);
}

function stepViews(steps: readonly StepReport[], look: Look): string[] {
  const rows = steps.map(({ title, result, milliseconds }) => {
    const kind = { done: "good", accepted: "good", failed: "bad", "not-started": "open" } as const;
    const took = result === "not-started" ? "not started" : `${result}, ${formatDuration(milliseconds)}`;
    return [mark(kind[result], look), `${title}: ${took}`];
  });
  return rows.length > 0 ? [look.paint("bold", "Steps"), columns(rows, [1], look.width)] : [];
}

function gateView({ parts, checks }: Gate, look: Look): string {
  const kinds = { pass: "good", warn: "careful", fail: "bad", unknown: "open" } as const;
  const rows = parts.map(({ kind, name, state, health }: Part) => [
    mark(kinds[health], look),
    kind,
    `${name}: ${state}`,
  ]);
  const passed = checks.filter(({ result }) => result === "pass").length;
  return [
    look.paint("bold", `Parts (${passed} of ${checks.length} checks passed)`),
    columns(rows, [1, 9], look.width),
  ].join("\n");
}

function headline({ action, verdict, error, state, milliseconds, gate }: Report, look: Look): string {
  const kind = error ? "bad" : gate && gate.verdict !== "pass" ? "careful" : "good";
  const word = gate && !error ? gate.verdict : verdictWords[verdict];
  const said = look.paint(["bold", error ? "red" : "green"], `${action}: ${word}`);
  return `${mark(kind, look)} ${said}, state ${state}, ${formatDuration(milliseconds)}`;
}

/** What the run is about, as far as it is known. */
function known(report: Report, look: Look): string {
  const { target, extensionVersion, latestVersion, gate } = report;
  const newest = latestVersion && latestVersion !== extensionVersion ? ` (latest ${latestVersion})` : "";
  const rows: (readonly [string, string | undefined])[] = [
    ["compute", target.computeName],
    ["workspace", target.workspaceName],
    ["cluster", target.clusterId],
    ["extension", extensionVersion && `${target.extensionName ?? "azureml"} ${extensionVersion}${newest}`],
    ["principal id", report.principalId],
    ["diagnostics", gate?.diagnostics],
    ["correlation id", report.correlationId],
  ];
  const there = rows.flatMap(([name, value]) => (value ? [[look.paint("dim", name), value]] : []));
  return columns(there, [14], look.width);
}

/** What is wrong with how a run was called: nothing else is known. */
export function refusalView(command: string, { message, details }: RefusalText, look: Look): string {
  const { paint, worded, width } = look;
  return [
    `${mark("bad", look)} ${paint(["bold", "red"], `${command}: ${message}`)} Nothing was written.`,
    columns(
      details.map((line) => [paint("red", "-"), worded(line)]),
      [1],
      width,
    ),
    `azureml-clusters ${command} --help tells what it takes.`,
  ].join("\n");
}

type RefusalText = Pick<ErrorReport, "message" | "details">;

/** What went wrong. What stands above as a finding already is not said again. */
function errorView(
  { code, message, details, remedy, link, requestId }: ErrorReport,
  findings: readonly Finding[],
  { paint, worded, width }: Look,
): string {
  const said = new Set(findings.flatMap(({ seen, remedy }) => [`${seen} ${remedy}`, remedy]));
  const rows = [
    [paint("red", "error"), paint("bold", `${code}: ${worded(message)}`)],
    ...details.filter((line) => !said.has(line)).map((line) => ["", worded(line.trim())]),
    ...(remedy && !said.has(remedy) ? [["what to do", worded(remedy)]] : []),
    ...(link ? [["read on", paint("underline", link)]] : []),
    ...(requestId ? [["request id", requestId]] : []),
  ];
  return columns(rows, [14], width);
}

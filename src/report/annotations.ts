import type { Annotation } from "../host/host.ts";
import { type Finding, type Severity, sentenceOf } from "../model/finding.ts";
import { cut } from "./budget.ts";

/** Annotations that a check run gets at most: nobody reads more, and each page of 50 is a request. */
const most = 200;
const levels: Readonly<Record<Severity, Annotation["level"]>> = {
  error: "failure",
  warning: "warning",
  info: "notice",
};

/** Findings as the lines of a check run, the worst first. */
export function annotations(findings: readonly Finding[]): Annotation[] {
  const order: readonly Severity[] = ["error", "warning", "info"];
  const sorted = order.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  if (sorted.length <= most) return sorted.map(annotation);
  const left = sorted.length - (most - 1);
  const note: Annotation = {
    level: "notice",
    title: `${left.toLocaleString("en")} more findings`,
    message: "They are left out here; the JSON report has them all.",
  };
  return [...sorted.slice(0, most - 1).map(annotation), note];
}

function annotation(finding: Finding): Annotation {
  const { id, source, severity, remedy, link } = finding;
  const lines = [sentenceOf(finding), remedy && `What to do: ${remedy}`, link && `Read on: ${link}`];
  return {
    level: levels[severity],
    title: cut(`${id} (${source})`, 255),
    // GitHub takes 64 KB (REST, checks/runs).
    message: cut(lines.filter(Boolean).join("\n"), 4_000),
  };
}

import type { RootContent } from "mdast";
import { formatDuration } from "../model/duration.ts";
import type { Finding } from "../model/finding.ts";
import type { GateVerdict } from "../model/gate.ts";
import type { Report, Target, Verdict } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { jobSummaryLimit, leftOut, type Shortening, withinBudget } from "./budget.ts";
import { findingsOf, gateBlocks, gateSteps } from "./gate-summary.ts";
import { code, heading, link, paragraph, phrases, strong, table, text } from "./markdown.ts";
import { icons as gateIcons } from "./mermaid.ts";
import { versionBlocks, versionsHeadline } from "./versions-summary.ts";

/** The verdict in words a person reads first. */
export const verdicts: Readonly<Record<Verdict, string>> = {
  done: "Done",
  unchanged: "Nothing to do",
  planned: "Planned, nothing written",
  accepted: "Accepted, not waited for",
  failed: "Failed",
  cancelled: "Cancelled",
};

const icons: Readonly<Record<Verdict, string>> = {
  done: "✅",
  unchanged: "✅",
  planned: "📝",
  accepted: "⏳",
  failed: "❌",
  cancelled: "⏹️",
};

/** What a release gate says, in words. */
export const gateVerdicts: Readonly<Record<GateVerdict, string>> = {
  pass: "Pass",
  warn: "Pass, with warnings",
  fail: "Fail",
};

/** Where a page is shown. */
export interface Place {
  /** Bytes of UTF-8 that it may have. */
  readonly limit?: number;
  /** `true` where Mermaid becomes a picture: GitHub's job summaries do that, Azure Pipelines' don't. */
  readonly mermaid?: boolean;
}

/**
 * The page of a run, in GitHub's Markdown: verdict, what is wrong and how to mend it, plan, steps, findings.
 * Built as a syntax tree, so that text of others (names, messages of Azure) can't become markup.
 */
export function summary(report: Report, { limit = jobSummaryLimit, mermaid = true }: Place = {}): string {
  return withinBudget(report.gate ? gatePage(report, mermaid) : page(report), limit);
}

function page(report: Report): Shortening {
  const { findings: all } = report;
  const form = (step: number) => [
    title(report),
    ...lead(report.target),
    ...error(report),
    ...(report.versions ? versionBlocks(report.versions) : []),
    ...plan(report),
    ...findings(all.slice(0, all.length - step)),
    ...leftOut(step, all.length),
    colophon(report),
  ];
  return { form, steps: all.length };
}

function gatePage(report: Report, mermaid: boolean): Shortening {
  const { gate, target } = report;
  if (!gate) return page(report);
  const found = findingsOf(gate, report.findings);
  const steps = gateSteps(found, mermaid ? "picture" : "table");
  const form = (step: number) => {
    const detail = steps[step];
    return [
      title(report),
      ...lead(target),
      ...(saysMore(report) ? error(report) : []),
      ...(detail ? gateBlocks(report, gate, found, detail) : []),
      colophon(report),
    ];
  };
  return { form, steps: steps.length - 1 };
}

/** A gate that failed says itself what is wrong; any other failure has something to add. */
function saysMore({ gate, findings: found }: Report): boolean {
  const wrong: readonly Finding[] = gate ? findingsOf(gate, found) : found;
  return gate?.verdict !== "fail" || wrong.every((finding) => finding.severity === "info");
}

/** The first line of a page, without the icon: `attach gpu: Done`. */
export function headline({ action, target, verdict, gate, versions }: Report): string {
  const cluster = target.clusterId && parseResourceId(target.clusterId)?.name;
  if (versions) {
    return `${action}${cluster ? ` ${cluster}` : ""}: ${versionsHeadline(versions)}`;
  }
  const { computeName, extensionName } = target;
  const name = gate ? (extensionName ?? computeName) : (computeName ?? extensionName ?? cluster);
  const cut = verdict === "cancelled" ? ` (${verdicts.cancelled.toLowerCase()})` : "";
  return `${action}${name ? ` ${name}` : ""}: ${gate ? gateVerdicts[gate.verdict] + cut : verdicts[verdict]}`;
}

function title(report: Report): RootContent {
  const { gate, versions, verdict } = report;
  // What lists does not fail by what it finds, and yet that is not well.
  const found = versions && report.findings.some(({ severity }) => severity !== "info");
  const icon = gate ? gateIcons[gate.verdict] : found ? gateIcons.warn : icons[verdict];
  return heading(3, `${icon} ${headline(report)}`);
}

function lead(target: Target): RootContent[] {
  const { computeName, workspaceName, resourceGroup, clusterId, extensionName } = target;
  const cluster = clusterId === undefined ? undefined : parseResourceId(clusterId);
  // Of an attachment the compute is what people know; the cluster stands in its plan.
  const extension =
    cluster && (extensionName || !workspaceName)
      ? [
          paragraph([
            ...(extensionName
              ? [text("Extension "), strong(extensionName), text(" on the cluster ")]
              : [text("Cluster ")]),
            strong(cluster.name),
            text(` (resource group ${cluster.resourceGroup})`),
          ]),
        ]
      : [];
  if (!workspaceName) return extension;
  return [
    ...extension,
    paragraph([
      text("Compute "),
      strong(computeName ?? ""),
      text(` of the workspace ${workspaceName} (resource group ${resourceGroup ?? ""})`),
      // Of one that the workspace made, nobody knew the name before.
      ...(cluster && extension.length === 0
        ? [text("; its cluster "), strong(cluster.name), text(` (resource group ${cluster.resourceGroup})`)]
        : []),
    ]),
  ];
}

function error({ error: failure }: Report): RootContent[] {
  if (!failure) return [];
  const parts: RootContent[] = [paragraph([strong(failure.code), text(`: ${failure.message}`)])];
  if (failure.details.length > 0) parts.push({ type: "code", value: failure.details.join("\n") });
  if (failure.remedy) parts.push(paragraph([strong("What to do:"), text(" "), ...phrases(failure.remedy)]));
  if (failure.link) parts.push(paragraph([link(failure.link, "Read on")]));
  if (failure.requestId) parts.push(paragraph([text("Request id "), code(failure.requestId)]));
  return parts;
}

function plan({ plan: made, steps }: Report): RootContent[] {
  if (!made || made.steps.length === 0) return made ? [paragraph([text(`Plan: ${made.summary}`)])] : [];
  const rows = made.steps.map((step, index) => {
    const went = steps[index];
    const took = went && went.result !== "not-started" ? formatDuration(went.milliseconds) : "";
    return [step.title, step.reason, went?.result ?? "not-started", took];
  });
  return [table(["Step", "Why", "Result", "Took"], rows)];
}

function findings(found: readonly Finding[]): RootContent[] {
  if (found.length === 0) return [];
  const rows = found.map(({ severity, seen, remedy, id, source }) => [
    severity,
    seen,
    remedy,
    `${id} (${source})`,
  ]);
  return [table(["Finding", "What was seen", "What to do", "Rule"], rows)];
}

function colophon(report: Report): RootContent {
  const { state, milliseconds, correlationId, versions, kubernetesVersion, scoringIp, scoringHost } = report;
  const endpoint = [scoringHost, scoringIp].filter(Boolean).join(" at ");
  const facts = [
    ...(versions ? [] : [`State ${state}`]),
    ...(kubernetesVersion ? [`Kubernetes ${kubernetesVersion}`] : []),
    ...(endpoint ? [`scoring endpoint ${endpoint}`] : []),
    formatDuration(milliseconds),
    "correlation id ",
  ];
  return paragraph([text(facts.join(", ")), code(correlationId)]);
}

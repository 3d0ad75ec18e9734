import type { RootContent } from "mdast";
import type { Discovery } from "../model/discovery.ts";
import { formatDuration } from "../model/duration.ts";
import type { Finding } from "../model/finding.ts";
import type { FleetReport } from "../model/fleet.ts";
import type { GateVerdict } from "../model/gate.ts";
import { stepName } from "../model/plan.ts";
import type { Report, Target, Verdict } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import type { Rollout } from "../model/rollout.ts";
import { jobSummaryLimit, leftOut, type Shortening, withinBudget } from "./budget.ts";
import { discoveryBlocks, discoveryHeadline } from "./discovery-summary.ts";
import { fleetBlocks, fleetHeadline } from "./fleet-summary.ts";
import { findingsOf, gateBlocks, gateSteps } from "./gate-summary.ts";
import { code, heading, link, paragraph, phrases, strong, table, text } from "./markdown.ts";
import { icons as gateIcons } from "./mermaid.ts";
import { rolloutBlocks, rolloutHeadline } from "./rollout-summary.ts";
import { targetBlocks, targetsHeadline } from "./targets-summary.ts";
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

const words = { verdicts, gates: gateVerdicts };

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
  return withinBudget(shortening(report, mermaid), limit);
}

function shortening(report: Report, mermaid: boolean): Shortening {
  if (report.gate) return gatePage(report, mermaid);
  if (report.discovery) return discoveryPage(report, report.discovery);
  if (report.rollout) return rolloutPage(report, report.rollout);
  return report.fleet ? fleetPage(report, report.fleet) : page(report);
}

function discoveryPage(report: Report, discovery: Discovery): Shortening {
  const form = (step: number) => [
    title(report),
    ...error(report),
    ...discoveryBlocks(discovery, step),
    ...findings(report.findings),
    colophon(report),
  ];
  return { form, steps: discovery.found.length };
}

/** What is wrong with each target is in its row; only another failure has something to add. */
function rolloutPage(report: Report, rollout: Rollout): Shortening {
  const { targets = [], error: failure } = report;
  const form = (step: number) => [
    title(report),
    ...(failure?.code === "TargetsFailed" ? [] : error(report)),
    ...rolloutBlocks(rollout, targets, words, step),
    colophon(report),
  ];
  return { form, steps: targets.length };
}

/** What is wrong is in the table already; the error would say it again. */
function fleetPage(report: Report, fleet: FleetReport): Shortening {
  const form = (step: number) => [
    title(report),
    ...fleetBlocks(fleet, step),
    ...findings(report.findings),
    colophon(report),
  ];
  return { form, steps: fleet.wrong.length };
}

function page(report: Report): Shortening {
  const { findings: all } = report;
  const form = (step: number) => [
    title(report),
    ...lead(report.target),
    ...(report.targets && report.error?.code === "ComputesFailed" ? [] : error(report)),
    ...(report.targets ? targetBlocks(report.targets, words) : []),
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
      // A run that did something before it judged tells that first.
      ...plan(report),
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
export function headline(report: Report): string {
  const { action, target, verdict, gate, versions, fleet, discovery, plan, targets } = report;
  if (fleet) return `${action}: ${fleetHeadline(fleet)}`;
  if (discovery) return `${action}: ${discoveryHeadline(discovery)}`;
  const cluster = target.clusterId && parseResourceId(target.clusterId)?.name;
  if (versions) {
    return `${action}${cluster ? ` ${cluster}` : ""}: ${versionsHeadline(versions)}`;
  }
  if (report.rollout) return `${action}: ${rolloutHeadline(report.rollout)}`;
  if (targets) return `${action}: ${targetsHeadline(targets, verdict, words)}`;
  const { computeName, extensionName } = target;
  const name = gate && !plan ? (extensionName ?? computeName) : (computeName ?? extensionName ?? cluster);
  const cut = verdict === "cancelled" ? ` (${verdicts.cancelled.toLowerCase()})` : "";
  const said = gate ? gateVerdicts[gate.verdict] + cut : verdicts[verdict];
  const done = gate && plan && verdict !== "failed" ? `${verdicts[verdict]}, gate: ` : "";
  return `${action}${name ? ` ${name}` : ""}: ${done}${said}`;
}

function title(report: Report): RootContent {
  const { gate, versions, verdict, fleet } = report;
  // What lists does not fail by what it finds, and yet that is not well.
  const found = versions && report.findings.some(({ severity }) => severity !== "info");
  const judged = gate ?? fleet;
  const icon = judged ? gateIcons[judged.verdict] : found ? gateIcons.warn : icons[verdict];
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
  if (!computeName) {
    return [
      ...extension,
      paragraph([text(`Workspace ${workspaceName} (resource group ${resourceGroup ?? ""})`)]),
    ];
  }
  return [
    ...extension,
    paragraph([
      text("Compute "),
      strong(computeName),
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
    return [stepName(step), step.reason, went?.result ?? "not-started", took];
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
  const { state, milliseconds, correlationId, kubernetesVersion, scoringIp, scoringHost } = report;
  const { versions, fleet, discovery, rollout } = report;
  const endpoint = [scoringHost, scoringIp].filter(Boolean).join(" at ");
  const facts = [
    ...(versions || fleet || discovery || rollout ? [] : [`State ${state}`]),
    ...(kubernetesVersion ? [`Kubernetes ${kubernetesVersion}`] : []),
    ...(endpoint ? [`scoring endpoint ${endpoint}`] : []),
    formatDuration(milliseconds),
    "correlation id ",
  ];
  return paragraph([text(facts.join(", ")), code(correlationId)]);
}

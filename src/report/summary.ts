import type { PhrasingContent, Root, RootContent, Table } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { toMarkdown } from "mdast-util-to-markdown";
import { formatDuration } from "../model/duration.ts";
import type { Report, Verdict } from "../model/report.ts";

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

/**
 * The page of a run, in GitHub's Markdown: verdict, what is wrong and how to mend it, plan, steps, findings.
 * Built as a syntax tree, so that text of others (names, messages of Azure) can't become markup.
 */
export function summary(report: Report): string {
  const { target, verdict, state } = report;
  const name = target.computeName ? ` ${target.computeName}` : "";
  const title = `${icons[verdict]} ${report.action}${name}: ${verdicts[verdict]}`;
  const children: RootContent[] = [
    { type: "heading", depth: 3, children: [text(title)] },
    ...lead(report),
    ...error(report),
    ...plan(report),
    ...findings(report),
    paragraph([
      text(`State ${state}, ${formatDuration(report.milliseconds)}, correlation id `),
      code(report.correlationId),
    ]),
  ];
  const root: Root = { type: "root", children };
  return toMarkdown(root, { extensions: [gfmTableToMarkdown()], bullet: "-" });
}

function lead({ target }: Report): RootContent[] {
  if (!target.workspaceName) return [];
  return [
    paragraph([
      text("Compute "),
      strong(target.computeName ?? ""),
      text(` of the workspace ${target.workspaceName} (resource group ${target.resourceGroup ?? ""})`),
    ]),
  ];
}

function error({ error: failure }: Report): RootContent[] {
  if (!failure) return [];
  const parts: RootContent[] = [paragraph([strong(failure.code), text(`: ${failure.message}`)])];
  if (failure.details.length > 0) parts.push({ type: "code", value: failure.details.join("\n") });
  if (failure.remedy) parts.push(paragraph([strong("What to do:"), text(" "), ...phrases(failure.remedy)]));
  if (failure.link) parts.push(paragraph([{ type: "link", url: failure.link, children: [text("Read on")] }]));
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

function findings({ findings: found }: Report): RootContent[] {
  if (found.length === 0) return [];
  const rows = found.map(({ severity, seen, remedy, id, source }) => [
    severity,
    seen,
    remedy,
    `${id} (${source})`,
  ]);
  return [table(["Finding", "What was seen", "What to do", "Rule"], rows)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): Table {
  const row = (cells: readonly string[]) => ({
    type: "tableRow" as const,
    children: cells.map((cell) => ({ type: "tableCell" as const, children: phrases(cell) })),
  });
  return { type: "table", children: [row(head), ...rows.map(row)] };
}

function strong(value: string): PhrasingContent {
  return { type: "strong", children: [text(value)] };
}

/** What stands between backticks is code, as in the remedies. */
function phrases(value: string): PhrasingContent[] {
  return value
    .split(/`([^`]+)`/)
    .map((part, index): PhrasingContent => (index % 2 === 1 ? code(part) : text(part)))
    .filter((node) => "value" in node && node.value !== "");
}

function paragraph(children: PhrasingContent[]): RootContent {
  return { type: "paragraph", children };
}

function text(value: string): PhrasingContent {
  return { type: "text", value: unbroken(value) };
}

function code(value: string): PhrasingContent {
  return { type: "inlineCode", value: unbroken(value) };
}

/** A line break could start a block of its own. */
function unbroken(value: string): string {
  return value.replace(/\s+/g, " ");
}

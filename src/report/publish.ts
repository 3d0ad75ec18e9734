import type { Host } from "../host/host.ts";
import { oneLine } from "../model/arm-error.ts";
import type { Report } from "../model/report.ts";
import { publishOnDemand } from "./on-demand.ts";
import { outputsOf } from "./outputs.ts";
import { gateVerdicts, summary, verdicts } from "./summary.ts";
import { tolerant } from "./tolerant.ts";

/**
 * Tells the pipeline how a run ended: outputs (on failure too), JSON report, summary, and one error
 * annotation. @returns the exit code.
 */
export async function publish(report: Report, host: Host): Promise<0 | 1> {
  const { error } = report;
  // Of a thousand targets nobody reads it line by line, and it is half as large.
  const json = `${JSON.stringify(report, undefined, report.rollout ? undefined : 2)}\n`;
  const path = await tolerant(host, "The JSON report", () => host.writeReport(report.action, json));
  for (const [name, value] of Object.entries(outputsOf(report, path))) host.output(name, value);
  // GitHub's summaries show Mermaid as a picture; those of Azure Pipelines show its source.
  const mermaid = host.name !== "azure-pipelines";
  await tolerant(host, "The summary", () => host.summary(summary(report, { mermaid })));
  await publishOnDemand(report, json, host);
  if (host.conclude) {
    await host.conclude(report);
    return error ? 1 : 0;
  }
  if (!error) {
    const judged = report.gate && gateVerdicts[report.gate.verdict];
    const did = report.gate && !report.plan ? [] : [verdicts[report.verdict]];
    const said = [...did, ...(judged ? [judged] : [])].join(". ");
    // What only lists has no state of its own to tell.
    host.info(
      report.versions || report.fleet || report.discovery || report.rollout
        ? `${said}.`
        : `${said}. State: ${report.state}.`,
    );
    return 0;
  }
  for (const line of error.details) host.info(`  ${line}`);
  if (error.remedy) host.info(`What to do: ${error.remedy}`);
  if (error.link) host.info(`Read on: ${error.link}`);
  const details = error.details.map((line) => ` ${line.trim()}${/[.:!?]$/.test(line) ? "" : "."}`).join("");
  const request = error.requestId ? ` [request id ${error.requestId}]` : "";
  const remedy = error.remedy ? ` ${error.remedy}` : "";
  host.error(
    `${report.action} failed`,
    oneLine(`${error.code}: ${error.message}${details}${remedy}${request}`),
  );
  return 1;
}

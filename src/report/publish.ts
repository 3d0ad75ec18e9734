import type { Host } from "../host/host.ts";
import { oneLine } from "../model/arm-error.ts";
import { type ActionName, doors, type OutputName } from "../model/doors.ts";
import type { Report } from "../model/report.ts";
import { summary, verdicts } from "./summary.ts";

/**
 * Tells the pipeline how a run ended: outputs (on failure too), JSON report, summary, and one error
 * annotation. @returns the exit code.
 */
export async function publish(report: Report, host: Host): Promise<0 | 1> {
  const { error, target } = report;
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  const path = await tolerant(host, "The JSON report", () => host.writeReport(report.action, json));
  const outputs: Record<OutputName<ActionName>, string | undefined> = {
    changed: String(report.changed),
    state: report.state,
    "compute-name": target.computeName,
    "resource-group": target.resourceGroup,
    "workspace-name": target.workspaceName,
    "compute-id": target.computeId,
    "principal-id": report.principalId,
    plan: report.plan && JSON.stringify(report.plan),
    findings: JSON.stringify(report.findings),
    report: path,
    "error-code": error?.code,
    "request-id": error?.requestId,
  };
  for (const name of doors[report.action].outputs) {
    const value = outputs[name];
    if (value !== undefined) host.output(name, value);
  }
  await tolerant(host, "The summary", () => host.summary(summary(report)));
  if (!error) {
    host.info(`${verdicts[report.verdict]}. Compute state: ${report.state}.`);
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

/** What can't be written, on a full disk say, costs no more than itself: how the run ended is told all the same. */
async function tolerant<T>(host: Host, what: string, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    host.info(`${what} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

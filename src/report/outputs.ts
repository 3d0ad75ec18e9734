import { type ActionName, doors, type OutputName } from "../model/doors.ts";
import type { Report } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { worstGate } from "./targets-summary.ts";

/** The outputs of an action, as its report tells them. `path`: where the report lies, if it could be written. */
export function outputsOf(report: Report, path?: string): Readonly<Record<string, string>> {
  const { error, target } = report;
  const all: Record<OutputName<ActionName>, string | undefined> = {
    changed: String(report.changed),
    state: report.state,
    "compute-name": target.computeName,
    "resource-group": target.resourceGroup,
    "workspace-name": target.workspaceName,
    "compute-id": target.computeId,
    "principal-id": report.principalId,
    "cluster-id": target.clusterId,
    "cluster-name": target.clusterId && parseResourceId(target.clusterId)?.name,
    "kubernetes-version": report.kubernetesVersion,
    "extension-name": target.extensionName,
    "extension-version": report.extensionVersion,
    "latest-version": report.latestVersion,
    "scoring-ip": report.scoringIp,
    "scoring-host": report.scoringHost,
    verdict: report.gate?.verdict ?? report.fleet?.verdict ?? worstGate(report.targets ?? []),
    count: textOf((report.fleet ?? report.discovery ?? report.rollout)?.count),
    matrix: report.discovery?.matrix,
    interrupted: textOf(report.discovery?.interrupted),
    failed: textOf((report.fleet ?? report.rollout)?.failed),
    untouched: textOf(report.rollout?.untouched.length),
    page: report.fleet?.page,
    issue: report.fleet?.issue,
    diagnostics: report.gate?.diagnostics,
    versions: report.versions?.kubernetes && JSON.stringify(report.versions.kubernetes),
    "default-version": report.versions?.defaultVersion,
    "cluster-version": report.versions?.cluster?.version,
    attachable: report.versions?.cluster?.attachable,
    upgrades: report.versions?.cluster?.upgrades && JSON.stringify(report.versions.cluster.upgrades),
    "extension-versions":
      report.versions?.extension?.offered && JSON.stringify(report.versions.extension.offered),
    "window-opens": report.plan?.notBefore,
    plan: report.plan && JSON.stringify(report.plan),
    findings: JSON.stringify(report.findings),
    report: path,
    "error-code": error?.code,
    "request-id": error?.requestId,
  };
  return Object.fromEntries(
    doors[report.action].outputs.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
  );
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

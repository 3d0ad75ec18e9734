import { uuidFrom } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { breakageTable } from "./breakage-table.ts";
import { EXTENSION_NAMESPACE, isToday } from "./components.ts";
import type { ClusterFacts, InstalledExtension } from "./facts.ts";
import { type Plan, type ReportLine, zulu } from "./plan.ts";

/** Checks that reports name (extension 6). */
const CHECKS = ["service", "helmchart", "instancetype", "clusterresource", "info", "inferencev1"];

/** The health reports that an outcome leaves behind (extension 6): which key to read is told by how it ended. */
export function reportsOf(facts: ClusterFacts, extension: InstalledExtension): Map<string, ReportLine[]> {
  const inference = extension.settings.on("enableInference");
  const passed = CHECKS.filter((check) => inference || check !== "inferencev1").map((check) => ({ check }));
  const judged = withFailures(facts, passed);
  if (extension.state === "uninstalled") {
    return new Map([
      ["reports-pre-install", judged],
      ["reports-pre-delete", passed],
    ]);
  }
  if (extension.state === "rolled-back") {
    return new Map([
      ["reports-pre-upgrade", judged],
      ["reports-pre-rollback", passed],
    ]);
  }
  if (extension.state === "installing") return new Map([["reports-pre-install", passed]]);
  return new Map([
    ["reports-pre-install", passed],
    ["reports-test", judged],
  ]);
}

function withFailures(facts: ClusterFacts, passed: readonly ReportLine[]): ReportLine[] {
  const failures = facts.broken.flatMap(({ kind }) => breakageTable[kind].report ?? []);
  const failed = failures.map(({ check, code, message }) => ({ check, failure: { code, message } }));
  return [...passed.filter(({ check }) => !failed.some((one) => one.check === check)), ...failed];
}

/** ConfigMap `arcml-healthcheck`. Before 1.0.75 it had another name and other keys (AMLK, docs/troubleshooting.md). */
export function healthConfigMap(plan: Plan, extension: InstalledExtension): JsonObject {
  const { version, createdAt } = extension;
  const reports = [...plan.reports].map(
    ([key, lines]) => [key, reportText(plan.facts, extension, lines)] as const,
  );
  const old = !isToday(version) && Number(version.split(".")[2] ?? 0) < 75;
  const data = Object.fromEntries(reports.map(([key, text]) => [old ? `${key}-success` : key, text]));
  const name = old ? "amlarc-healthcheck" : "arcml-healthcheck";
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: EXTENSION_NAMESPACE, creationTimestamp: zulu(createdAt) },
    data,
  };
}

/** The text as azure-sdk-for-python#33480 quotes it. */
function reportText(
  facts: ClusterFacts,
  { createdAt }: InstalledExtension,
  lines: readonly ReportLine[],
): string {
  const date = new Date(createdAt).toISOString().replace("T", " ").replace(/Z$/, "000000 +0000 UTC");
  const head = [
    "",
    "Report:",
    "Duration: 149.978981ms",
    `Date: ${date} m=+0.298028493`,
    `K8sDistribution: ${facts.onAks ? "" : facts.distribution}`.trimEnd(),
    "K8sInfrastructure:",
    `CorrelationId: ${uuidFrom(`${facts.id} health`)}`,
    "TroubleShootingGuide: https://aka.ms/arcmltsg",
    "",
  ];
  const told = lines.map(({ check, failure }) =>
    failure
      ? `Status: Failed Name: ${check} ErrorCode: ${failure.code} ErrorMessage: ${failure.message}`
      : `Status: Passed Name: ${check}`,
  );
  return [...head, ...told, ""].join("\n");
}

/** ConfigMap `healthcheck-config`: what the check was told (terraform-provider-azurerm#24547). */
export function healthConfig({ name, settings, createdAt }: InstalledExtension): JsonObject {
  const config = [
    `extensionName: ${name}`,
    `extensionNamespace: ${EXTENSION_NAMESPACE}`,
    `enableInference: ${settings.on("enableInference")}`,
    `enableTraining: ${settings.on("enableTraining")}`,
    "",
  ];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "healthcheck-config",
      namespace: EXTENSION_NAMESPACE,
      creationTimestamp: zulu(createdAt),
    },
    data: { "config.yaml": config.join("\n") },
  };
}

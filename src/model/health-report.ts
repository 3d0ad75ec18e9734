import { oneLine } from "./arm-error.ts";

/** What a run of the extension's own health check was about (extension.md 6). */
export type HealthOccasion = "pre-install" | "pre-upgrade" | "pre-rollback" | "pre-delete" | "test";

/** One check that the extension's own health check came to. */
export interface HealthCheck {
  readonly occasion: HealthOccasion;
  /** `service`, `helmchart`, `inferencev1` ... */
  readonly name: string;
  readonly passed: boolean;
  /** `E45002`, or a word such as `AgentWarning` of older versions. */
  readonly code: string | undefined;
  readonly message: string;
}

/** The report of the extension's own health check, of all occasions that it tells of. */
export interface HealthReport {
  readonly checks: readonly HealthCheck[];
  /** When each occasion was, where the report says so. */
  readonly dates: Readonly<Partial<Record<HealthOccasion, number>>>;
}

/** What happened to the extension, as far as it decides which part of the report counts. */
export type HealthOutcome = "healthy" | "install-failed" | "update-failed" | "delete-failed" | "unknown";

const occasions: readonly HealthOccasion[] = [
  "pre-install",
  "pre-upgrade",
  "pre-rollback",
  "pre-delete",
  "test",
];

const counted: Readonly<Record<HealthOutcome, readonly HealthOccasion[]>> = {
  healthy: ["test"],
  "install-failed": ["pre-install", "pre-delete"],
  "update-failed": ["pre-upgrade", "pre-rollback"],
  "delete-failed": ["pre-delete"],
  unknown: occasions,
};

/**
 * Reads the texts of ConfigMap `arcml-healthcheck` by key. Never throws: what is no report has no checks. Both ways
 * of writing are read (extension.md 6): lines `Status: Failed Name: service ErrorCode: E40001 ErrorMessage: …`, and
 * of versions around 1.0.88 an object for each check with `code` and `message` (AML-Kubernetes#209).
 */
export function parseHealthReport(texts: Readonly<Record<string, string>>): HealthReport {
  const checks: HealthCheck[] = [];
  const dates: Partial<Record<HealthOccasion, number>> = {};
  for (const occasion of occasions) {
    // Before 1.0.88 the summary stood in `status-…`, and the names ended in `-success` (AMLK docs/troubleshooting.md).
    const keys = [`reports-${occasion}`, `status-${occasion}`, `reports-${occasion}-success`];
    const text = keys.map((key) => String(texts[key] ?? "")).find((given) => given.trim() !== "") ?? "";
    const lines = currentChecks(text, occasion);
    checks.push(...(lines.length > 0 ? lines : olderChecks(text, occasion)));
    const date = Date.parse(
      /^\s*Date:\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/m.exec(text)?.[1]?.concat("Z") ?? "",
    );
    if (!Number.isNaN(date)) dates[occasion] = date;
  }
  return { checks, dates };
}

/** The checks that failed on the occasions that count for an outcome (extension.md 6), each code and text once. */
export function failedChecks(report: HealthReport, outcome: HealthOutcome): readonly HealthCheck[] {
  const failed = report.checks.filter(
    ({ passed, occasion }) => !passed && counted[outcome].includes(occasion),
  );
  return [
    ...new Map(failed.map((check) => [`${check.name} ${check.code} ${check.message}`, check])).values(),
  ];
}

function currentChecks(text: string, occasion: HealthOccasion): HealthCheck[] {
  const entries = text.split(/(?=\bStatus:\s*\w+\s+Name:)/).slice(0, 1000);
  return entries.flatMap((entry) => {
    const {
      status,
      name,
      rest = "",
    } = /^Status:\s*(?<status>\w+)\s+Name:\s*(?<name>\S+)(?<rest>.*)$/s.exec(entry)?.groups ?? {};
    if (status === undefined || name === undefined) return [];
    return {
      occasion,
      name,
      passed: /^pass/i.test(status),
      code: /ErrorCode:\s*(\w+)/.exec(rest)?.[1],
      message: oneLine(/ErrorMessage:(.*)$/s.exec(rest)?.[1] ?? ""),
    };
  });
}

/** Objects as JSON, or as YAML of one level: `agent:` with `code:` and `message:` below. */
function olderChecks(text: string, occasion: HealthOccasion): HealthCheck[] {
  const objects = jsonObject(text) ?? yamlObjects(text);
  return Object.entries(objects).flatMap(([name, given]) => {
    const { code, message } = fields(given);
    if (code === undefined) return [];
    return {
      occasion,
      name,
      passed: /pass|success|^healthy$|^ok$/i.test(code),
      code,
      message: oneLine(agentMessage(message)),
    };
  });
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function yamlObjects(text: string): Record<string, unknown> {
  const objects = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split("\n").slice(0, 10_000)) {
    const [, indent = "", key = "", value = ""] = /^(\s*)([\w.-]+):(.*)$/.exec(line) ?? [];
    if (key === "") continue;
    if (indent === "" && value.trim() === "") {
      current = {};
      objects.set(key, current);
    } else if (indent !== "" && current) {
      current[key] ??= unquoted(value.trim());
    }
  }
  return Object.fromEntries(objects);
}

function unquoted(text: string): string {
  return /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;
}

function fields(given: unknown): { code: string | undefined; message: string } {
  if (typeof given !== "object" || given === null) return { code: undefined, message: "" };
  const { code, message = "" }: { code?: unknown; message?: unknown } = given;
  const text = typeof message === "string" ? message : (JSON.stringify(message) ?? "");
  return { code: typeof code === "string" ? code : undefined, message: text };
}

/** The agent's message counts what is wrong with each workload: those with nothing wrong are left out. */
function agentMessage(message: string): string {
  const counts = jsonObject(message);
  if (!counts) return message;
  const bad = Object.entries(counts).filter(([, count]) => count !== 0);
  return bad.map(([name, count]) => `${name}: ${JSON.stringify(count)}`).join(", ");
}

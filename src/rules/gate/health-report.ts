import {
  failedChecks,
  type HealthCheck,
  type HealthOutcome,
  parseHealthReport,
} from "../../model/health-report.ts";
import type { Pod } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import { troubles } from "../extension.ts";
import { type HealthCode, healthCode, healthLog } from "../health-codes.ts";
import type { Verdict } from "../rule.ts";
import { list, sentence, short } from "../wording.ts";
import { conflictsIn } from "./conflicts.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { type Installed, installed } from "./installed.ts";
import { isHealthCheck } from "./pod-trouble.ts";
import { podTroubles } from "./pods.ts";
import { tlsSecretProblems } from "./tls.ts";
import { workloadsSeen } from "./workloads.ts";

const object = "ConfigMap azureml/arcml-healthcheck";

/** A report of a day ago says little of a cluster in which everything runs. */
const stale = 24 * 60 * 60_000;

/** What the extension's own health check says, its codes explained (extension.md 6). */
export const healthReportRule: InsideRule = {
  id: "health-report",
  subject: "health report",
  source: "extension.md 6",
  looksAt: ({ healthReport }) => [healthReport],
  check: (facts) => {
    const failed = failedIn(facts);
    if (failed.length === 0) return checkPod(facts);
    return failed.map((check) => verdict(check, facts));
  },
};

/** The checks that failed when what happened last to the extension happened. */
function failedIn(facts: InsideFacts): readonly HealthCheck[] {
  const extension = installed(facts);
  const contents = present(facts.inside);
  const texts = contents && present(contents.healthReport);
  if (!extension || !texts) return [];
  return failedChecks(parseHealthReport(texts), outcomeOf(extension));
}

/** What happened last, from Helm's words: `failed pre-install: …`, `has been rolled back due to atomic …`. */
export function outcomeOf({ standing, extension, state }: Installed): HealthOutcome {
  if (standing === "succeeded") return "healthy";
  const text = `${state} ${troubles(extension).join(" ")}`;
  if (/pre-upgrade|pre-rollback|upgrade failed|rolled back/i.test(text)) return "update-failed";
  if (/pre-install|install(?:ation)? failed|uninstalled due to atomic/i.test(text)) return "install-failed";
  return /pre-delete|uninstall|delet/i.test(text) ? "delete-failed" : "unknown";
}

function verdict(check: HealthCheck, facts: InsideFacts): Verdict {
  const code = healthCode(check.code ?? "(no code)", check.message);
  const cause = causeOf(code, facts);
  const title = [code.code, code.name].filter(Boolean).join(" ");
  const message =
    check.message && !sameWords(check.message, code) ? ` It says: ${sentence(short(check.message))}` : "";
  return {
    severity: cause ? "info" : outlived(check, facts) ? "warning" : "error",
    seen: `The extension's health check "${check.name}" (${check.occasion}) failed with ${title}: ${sentence(code.meaning)}${message}${cause ? ` The cause is told by itself: ${cause}.` : ""}`,
    remedy: cause ? "Mend the cause." : remedyOf(code, facts),
    link: code.link,
    object,
    ...(installed(facts)?.standing === "working" && { pending: true }),
  };
}

/** Who has switched high availability off already must not be told to. */
function remedyOf({ code, remedy }: HealthCode, facts: InsideFacts): string {
  if (code !== "E40002" || installed(facts)?.settings.highlyAvailable !== false) return remedy;
  return "Add nodes, or label more nodes to match `nodeSelector.…`: the check counts nodes although `inferenceRouterHA` is off (AML-Kubernetes#271).";
}

function sameWords(message: string, { name }: HealthCode): boolean {
  return name !== "" && message.toUpperCase().replaceAll(" ", "_") === name;
}

/** What another rule has found that explains a code, so that the code is not told as a second cause. */
function causeOf(code: HealthCode, facts: InsideFacts): string | undefined {
  const conflicts: Readonly<Record<string, string>> = {
    E45002: "prometheus-operator-of-others",
    E45004: "legacy-router",
    E45005: "legacy-router",
  };
  const conflict = conflictsIn(facts).find(({ id }) => id === conflicts[code.code]);
  if (conflict) return conflict.verdict.object;
  if (code.name === "INVALID_SSL_SETTING" && tlsSecretProblems(facts).length > 0)
    return "the secret of `sslSecret`";
  if (!code.symptom) return undefined;
  const [pods] = podTroubles(facts).filter(({ harms }) => harms);
  return pods && `${pods.object} (${pods.kind})`;
}

/** A symptom that was seen long ago, while everything runs now. */
function outlived(check: HealthCheck, facts: InsideFacts): boolean {
  const contents = present(facts.inside);
  const texts = contents && present(contents.healthReport);
  const date = texts && parseHealthReport(texts).dates[check.occasion];
  const isSymptom = healthCode(check.code ?? "", check.message).symptom;
  if (!isSymptom || date === undefined || facts.now - date < stale) return false;
  const seen = workloadsSeen(facts) ?? [];
  return (
    installed(facts)?.standing === "succeeded" &&
    seen.length > 0 &&
    seen.every(({ expected, found }) => (found ? found.ready >= found.wanted : expected.optional))
  );
}

/** The pod of the check failed and left no report. */
function checkPod(facts: InsideFacts): Verdict | undefined {
  const contents = present(facts.inside);
  const pods: readonly Pod[] = (contents && present(contents.pods)) ?? [];
  const failed = pods.filter((pod) => isHealthCheck(pod) && pod.phase === "Failed");
  const [first] = failed;
  const extension = installed(facts);
  if (!first || !extension) return undefined;
  return {
    severity: extension.standing === "succeeded" ? "warning" : "error",
    seen: `The extension's health check failed and left no report (${list(failed.map(({ name }) => name))}).`,
    remedy: `Read its log: \`${healthLog}\`.`,
    object: `Pod ${first.namespace}/${first.name}`,
    ...(extension.standing === "working" && { pending: true }),
  };
}

import { oneLine } from "../../model/arm-error.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import type { Finding } from "../../model/finding.ts";
import type { Check, GateVerdict } from "../../model/gate.ts";
import { present } from "../../model/observed.ts";
import type { Verdict } from "../rule.ts";
import type { AnyGateRule } from "./inside.ts";

/** What every rule comes to, those that have nothing to say included, in the order of the rules. */
export function judgeGate(rules: readonly AnyGateRule[], facts: VerifyFacts): Check[] {
  return rules.map((rule) => {
    const { id, subject, source } = rule;
    const verdicts = [rule.check(facts) ?? []].flat();
    const findings = verdicts.map((verdict) => ({ id, source, ...verdict, ...folded(verdict) }));
    return { id, subject, source, result: resultOf(rule, findings, facts), findings };
  });
}

/** The gate's verdict: the worst that a rule came to. What could not be read is a warning at most. */
export function gateVerdict(checks: readonly Check[]): GateVerdict {
  const severities = new Set(gateFindings(checks).map(({ severity }) => severity));
  if (severities.has("error")) return "fail";
  return severities.has("warning") ? "warn" : "pass";
}

/** All findings, errors first; of one severity, those that name a cause before those that follow from it. */
export function gateFindings(checks: readonly Check[]): readonly Finding[] {
  const order = ["error", "warning", "info"];
  return checks
    .flatMap(({ findings }) => findings)
    .sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}

/** Names and messages of others may hold line breaks, at which an annotation would end. */
function folded({ seen, remedy, object }: Verdict): Pick<Verdict, "seen" | "remedy" | "object"> {
  return {
    seen: oneLine(seen),
    remedy: oneLine(remedy),
    ...(object !== undefined && { object: oneLine(object) }),
  };
}

function resultOf(rule: AnyGateRule, findings: readonly Finding[], facts: VerifyFacts): Check["result"] {
  if (findings.some(({ severity }) => severity === "error")) return "fail";
  if (findings.some(({ severity, unread }) => severity === "warning" && !unread)) return "warn";
  if (findings.some(({ unread }) => unread) || isBlind(rule, facts)) return "unknown";
  return "pass";
}

/** Nothing to say, since there was nothing to be seen. */
function isBlind({ looksAt }: AnyGateRule, { inside }: VerifyFacts): boolean {
  const contents = present(inside);
  if (!looksAt) return false;
  return !contents || looksAt(contents).some(({ is }) => is === "denied");
}

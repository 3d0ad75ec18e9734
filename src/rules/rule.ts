import type { Finding } from "../model/finding.ts";

/** What a rule says when it has something to say. */
export type Verdict = Omit<Finding, "id" | "source">;

/** A pure check of what was seen. */
export interface Rule<Facts> {
  /** In kebab-case; the `id` of its findings. */
  readonly id: string;
  /** Requirement id or fact that the rule stands on. */
  readonly source: string;
  readonly check: (facts: Facts) => Verdict | readonly Verdict[] | undefined;
}

/** A rule of the release gate: its result is told even where it has nothing to say. */
export interface GateRule<Facts> extends Rule<Facts> {
  /** What it is about: `extension`, `pods`, `router` ... */
  readonly subject: string;
}

/** Rules that speak of one kind of facts alone, as rules that say nothing of the others. */
export function only<All, Facts extends All>(
  are: (facts: All) => facts is Facts,
  rules: readonly Rule<Facts>[],
): Rule<All>[] {
  return rules.map(({ id, source, check }) => ({
    id,
    source,
    check: (facts) => (are(facts) ? check(facts) : undefined),
  }));
}

/** All that the rules have to say, errors first. */
export function judge<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Finding[] {
  const findings = rules.flatMap(({ id, source, check }) => {
    const verdicts = [check(facts) ?? []].flat();
    return verdicts.map((verdict) => ({ id, source, ...verdict }));
  });
  const order = ["error", "warning", "info"];
  return findings.sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}

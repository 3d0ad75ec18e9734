/** How much a finding matters: an `error` stops a run that would write, unless `preflight` says otherwise. */
export type Severity = "error" | "warning" | "info";

/** A finding in a sentence that names its object; most begin with it themselves. */
export function sentenceOf({ object, seen }: Pick<Finding, "object" | "seen">): string {
  return object && !seen.startsWith(object) ? `${object}: ${seen}` : seen;
}

/** The result of one rule that has something to say. */
export interface Finding {
  /** The rule, in kebab-case. */
  readonly id: string;
  readonly severity: Severity;
  /** Requirement id or fact that the rule stands on. */
  readonly source: string;
  /** What was seen. */
  readonly seen: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly link?: string;
  /** The object of the cluster that it speaks of, as `Pod azureml/gateway-…`. */
  readonly object?: string;
  /** `true` where what the rule looks at could not be read, so that nothing is known of it. */
  readonly unread?: boolean;
  /** `true` where it may pass by itself in the next minutes (K1): waiting is worth while. */
  readonly pending?: boolean;
}

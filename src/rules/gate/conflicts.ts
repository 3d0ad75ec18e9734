import { present } from "../../model/observed.ts";
import { clash, components, legacyRouterLeft } from "../conflicts.ts";
import type { Verdict } from "../rule.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { installed } from "./installed.ts";

/** Things of others that an extension can't live beside, the way it is set. */
export const conflictRules: readonly InsideRule[] = [
  ...components.map(
    ({ id, source }): InsideRule => ({
      id,
      subject: "conflicts",
      source,
      looksAt: ({ others }) => [others],
      check: (facts) => conflictOf(facts, id),
    }),
  ),
  {
    id: "legacy-router",
    subject: "conflicts",
    source: "extension.md 8 (E45004, E45005)",
    looksAt: ({ legacyRouter }) => [legacyRouter],
    check: (facts) => conflictOf(facts, "legacy-router"),
  },
];

/** All such things, by the id of the rule that tells of them. */
export function conflictsIn(
  facts: InsideFacts,
): readonly { readonly id: string; readonly verdict: Verdict }[] {
  const extension = installed(facts);
  if (!extension) return [];
  const contents = present(facts.inside);
  // Where the extension lives with it, it is worth a warning only.
  const severity = extension.standing === "failed" ? "error" : "warning";
  const found = [
    ...components.map((component) => ({
      id: component.id,
      verdict: clash(component, contents, extension.settings, severity),
    })),
    { id: "legacy-router", verdict: legacyRouterLeft(contents, extension.settings, severity) },
  ];
  return found.flatMap(({ id, verdict }) => (verdict ? [{ id, verdict }] : []));
}

function conflictOf(facts: InsideFacts, id: string): Verdict | undefined {
  return conflictsIn(facts).find((found) => found.id === id)?.verdict;
}

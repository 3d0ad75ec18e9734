import type { DeployFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { clash, components, legacyRouterLeft } from "../conflicts.ts";
import type { Rule } from "../rule.ts";
import { planned } from "./planned.ts";

/** Things of others that an installation would fail on. */
export const conflictRules: readonly Rule<DeployFacts>[] = [
  ...components.map(
    (component): Rule<DeployFacts> => ({
      id: component.id,
      source: component.source,
      check: (facts) => {
        const { settings, isNew } = planned(facts);
        return clash(component, present(facts.inside), settings, isNew ? "error" : "warning");
      },
    }),
  ),
  {
    id: "legacy-router",
    source: "extension.md 8 (E45004, E45005)",
    check: (facts) => {
      const { settings, isNew } = planned(facts);
      return legacyRouterLeft(present(facts.inside), settings, isNew ? "error" : "warning");
    },
  },
];

import type { Extension } from "../model/azure-resources.ts";
import type { ExtensionWish } from "../model/extension-change.ts";
import { keptNotes, lostSecrets } from "../model/extension-kept.ts";
import type { SettingNote } from "../model/extension-settings.ts";
import type { DeployFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { azureMlExtension } from "../rules/extension.ts";
import type { Rule, Verdict } from "../rules/rule.ts";
import { wishOf } from "./deploy-plan.ts";

/** What the settings themselves are worth saying, and what an update would leave or lose. */
export const deploySettingRules: readonly Rule<DeployFacts>[] = [
  {
    id: "settings",
    source: "X3, X4, extension.md 1b, 2b",
    check: ({ request }) => request.notes.map(verdict),
  },
  {
    id: "settings-kept",
    source: "extension.md 3",
    check: (facts) => onUpdate(facts, keptNotes),
  },
  {
    id: "protected-settings-lost",
    source: "X5, extension.md 3",
    // To lose a secret that nobody can read back is worth a stop.
    check: (facts) => onUpdate(facts, lostSecrets).map((lost) => ({ ...lost, severity: "error" })),
  },
];

function onUpdate(
  facts: DeployFacts,
  notes: (wish: ExtensionWish, found: Extension) => readonly SettingNote[],
): Verdict[] {
  const found = azureMlExtension(present(facts.extensions) ?? []);
  if (!found || facts.cluster.seen.is !== "present") return [];
  return notes(wishOf(facts), found).map(verdict);
}

function verdict({ severity, seen, remedy }: SettingNote): Verdict {
  return { severity, seen, remedy };
}

import type { AttachFacts } from "../model/facts.ts";
import type { Rule } from "./rule.ts";

/** Rules of the compute's own managed identity. */
export const identityRules: readonly Rule<AttachFacts>[] = [
  {
    id: "identity-first-only",
    source: "L2",
    check: ({ request }) => {
      const [first, ...others] = request.attachment.userAssignedIdentities;
      if (others.length === 0) return undefined;
      return {
        severity: "warning",
        seen: `${others.length + 1} user-assigned identities are given; Azure ML uses the first alone: ${first}.`,
        remedy: "Give one, and role assignments to that one.",
      };
    },
  },
];

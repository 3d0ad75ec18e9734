import type { DeployFacts } from "../../model/facts.ts";
import type { Rule } from "../rule.ts";
import { unreadIn } from "../unread.ts";
import { sentence, short } from "../wording.ts";

/** Says what was not checked, and fails by none of it. */
export const accessRules: readonly Rule<DeployFacts>[] = [
  {
    id: "cluster-looked-into",
    source: "issue 4, point 3",
    check: ({ inside }) => {
      if (inside.is === "present") return undefined;
      const what = "nodes, free capacity, conflicts and leftovers";
      const kubeconfig = "Give the input `kubeconfig`, for a user who may read nodes and namespaces.";
      return inside.is === "denied"
        ? {
            severity: "warning",
            seen: `Not checked: ${what}, since the inside of the cluster can't be read. ${sentence(short(inside.why.message))}`,
            remedy: inside.why.remedy ?? kubeconfig,
            unread: true,
          }
        : {
            severity: "info",
            seen: `Not checked: ${what}, since no way into the cluster was given.`,
            remedy: kubeconfig,
            unread: true,
          };
    },
  },
  {
    id: "cluster-reads",
    source: "issue 4, point 3",
    // What shows only once the extension is there is not missed before.
    check: ({ inside }) =>
      inside.is === "present"
        ? unreadIn(inside.value, (part) => !["pods", "events", "services", "healthReport"].includes(part))
        : undefined,
  },
];

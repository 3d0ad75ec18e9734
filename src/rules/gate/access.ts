import type { ClusterContents } from "../../model/cluster-contents.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import type { GateRule, Verdict } from "../rule.ts";
import { unreadIn } from "../unread.ts";
import { sentence, short } from "../wording.ts";
import { installed } from "./installed.ts";

/** Parts that matter where something went wrong only: what clashed, and what OpenShift grants. */
const ofFailures: ReadonlySet<keyof ClusterContents> = new Set([
  "others",
  "legacyRouter",
  "privileged",
  "used",
]);

/** What was not looked at, and how to let it be seen. */
export const accessRules: readonly GateRule<VerifyFacts>[] = [
  {
    id: "cluster-looked-into",
    subject: "access",
    source: "issue 4, point 2",
    check: ({ inside, cluster }) => notInside(inside, cluster.kind),
  },
  {
    id: "cluster-reads",
    subject: "access",
    source: "issue 4, point 2",
    check: (facts) => {
      if (facts.inside.is !== "present") return undefined;
      const isWell = installed(facts)?.standing === "succeeded";
      return unreadIn(facts.inside.value, (part) => !isWell || !ofFailures.has(part));
    },
  },
];

function notInside(inside: VerifyFacts["inside"], kind: "aks" | "arc"): Verdict | undefined {
  if (inside.is === "present") return undefined;
  if (inside.is === "denied") {
    return {
      severity: "warning",
      seen: `The inside of the cluster can't be read, so that Azure's word alone was judged. ${sentence(short(inside.why.message))}`,
      remedy: inside.why.remedy ?? "Give the input `kubeconfig`, for a user who may read namespace azureml.",
      unread: true,
    };
  }
  return {
    severity: "info",
    seen: "No way into the cluster was given, so that Azure's word alone was judged: pods, router and certificate were not looked at.",
    remedy:
      kind === "arc"
        ? "Give the input `kubeconfig`, for a user who may read namespace azureml."
        : "Give the identity that this step signs in with `Azure Kubernetes Service Cluster User Role` on the cluster, or the input `kubeconfig`.",
    unread: true,
  };
}

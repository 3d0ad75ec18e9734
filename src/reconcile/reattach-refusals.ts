import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { ReattachFacts } from "./reattach-facts.ts";

/** Why a re-attach can't be begun, or can't be finished: each with what to do. Nothing is changed then. */

/** The way out that is no way for a compute that is detached by now. */
function without({ compute }: ReattachFacts): string {
  if (compute.is !== "present") return "";
  return " `journal: none` does it all the same: then a run that dies after the detach leaves nothing that another one could finish.";
}

/**
 * The journal must have a place before anything is detached.
 * @throws Failure `KubeconfigElsewhere`, `JournalUnreachable`, `ClusterGone`, `ClusterRightsMissing`.
 */
export function needsCluster(facts: ReattachFacts): void {
  refuseElsewhere(facts);
  if (facts.cluster?.seen.is === "absent") throw clusterGone(facts);
  const api = present(facts.api);
  if (!api) throw unreachable(facts);
  if (!api.writes) {
    throw new Failure(
      "JournalUnreachable",
      "The cluster can be reached by run-command alone, and certificate and key must not pass through it. Nothing was changed.",
      {
        remedy: `Run the step where the cluster's API server can be reached, or give a \`kubeconfig\` there.${without(facts)}`,
      },
    );
  }
  if (facts.journal.is === "denied") throw refusedRead(facts.journal.why);
  if (facts.lacking.length > 0) {
    throw new Failure(
      "ClusterRightsMissing",
      `In the cluster, namespace default, the identity lacks rights that journal and lease need. Nothing was changed.`,
      {
        details: facts.lacking,
        remedy: `Give it a role with these rules: see docs/SIGN-IN.md.${without(facts)}`,
      },
    );
  }
}

/**
 * Journal, lease and deletes of leftovers must not go to another cluster.
 * @throws Failure `KubeconfigElsewhere`.
 */
export function refuseElsewhere({ identity, clusterId = "" }: ReattachFacts): void {
  if (identity.is === "other") throw elsewhere(clusterId, identity.why);
}

/** The failure of a kubeconfig that leads to another cluster. */
export function elsewhere(clusterId: string, why: string): Failure {
  return new Failure(
    "KubeconfigElsewhere",
    `The kubeconfig leads to another cluster than ${clusterId}: ${why}. Nothing was changed.`,
    {
      remedy:
        "Give the `kubeconfig` of that cluster. It may come from the variable KUBECONFIG, which an earlier step has set; of an AKS cluster none is needed.",
    },
  );
}

function unreachable(facts: ReattachFacts): Failure {
  const { api, request, pointer } = facts;
  const why = api.is === "denied" ? api.why.message : "No way to its API was given.";
  const kept = pointer
    ? ` The workspace's tag says that a journal of "${request.computeName}" lies in it.`
    : "";
  return new Failure(
    "JournalUnreachable",
    `The cluster can't be reached for the journal: ${why}${kept} Nothing was changed.`,
    {
      remedy: `${(api.is === "denied" && api.why.remedy) || "Give a `kubeconfig`."}${without(facts)}`,
      cause: api.is === "denied" ? api.why : undefined,
    },
  );
}

function refusedRead(why: Failure): Failure {
  return new Failure("JournalUnreachable", `The journal can't be read: ${why.message} Nothing was changed.`, {
    remedy: why.remedy,
    cause: why,
  });
}

/** The cluster that held the journal does not exist any more. */
export function clusterGone({ request, clusterId, pointer }: ReattachFacts): Failure {
  const with_ = pointer
    ? `The workspace's tag says that an interrupted run left the journal of "${request.computeName}" in it; that is gone with it.`
    : "";
  return new Failure("ClusterGone", `There is no cluster ${clusterId}. ${with_}`.trim(), {
    remedy: pointer
      ? "If the cluster was deleted for good, run the step again with `resume: discard`, which takes the tag away, and attach another cluster. If it comes back from a backup, run the step again then."
      : "Check the cluster of the compute.",
  });
}

/** The tag leads to a cluster that has no journal, and the compute is not attached. */
export function journalLost(facts: ReattachFacts): Failure {
  needsCluster(facts);
  return new Failure(
    "JournalLost",
    `The workspace's tag says that an interrupted run left the journal of "${facts.request.computeName}" in ${facts.clusterId}, but there is none, and the compute is not attached.`,
    {
      remedy:
        "Somebody has deleted the journal. Attach the compute with the action `attach`, under the same name; then, or to give it up, run this step with `resume: discard`, which takes the tag away.",
    },
  );
}

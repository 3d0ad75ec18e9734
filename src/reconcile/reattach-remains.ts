import type { Phase } from "../model/journal.ts";
import { present } from "../model/observed.ts";
import type { Unfinished } from "./action.ts";
import type { ReattachFacts } from "./reattach-facts.ts";
import { journalPlace } from "./reattach-plan.ts";

/** How far a re-attach has come, for the error of a run that ends there. */
const states: Readonly<Record<Phase, string>> = {
  planned: "is attached as it was",
  detaching: "may be detached by now",
  detached: "is detached",
  attaching: "is not attached again yet",
  verifying: "is attached again, but that was not verified",
};

/** What a run leaves that ends in a phase: never detached without a word, and how to go on. */
export function remains(phase: Phase, facts: ReattachFacts, where: string): Unfinished {
  const { request, clusterId } = facts;
  const { workspace, computeName } = request;
  const what = `The compute "${computeName}" ${states[phase]}.`;
  if (request.journal === "none") {
    return {
      what: `${what} With \`journal: none\` nothing of it was kept.`,
      remedy: `Attach it by hand, with the action \`attach\` and the settings that the plan of this run shows, to the cluster ${clusterId}.`,
    };
  }
  const { subscriptionId, resourceGroup, name } = workspace;
  const command = `azureml-clusters update-components --subscription-id ${subscriptionId} --resource-group ${resourceGroup} --workspace-name ${name} --compute-name ${computeName}`;
  return {
    what: `${what} Its settings, certificate and key are kept in the journal, ${where} of the cluster ${clusterId}.`,
    remedy: `To finish it, run the same step again, on any machine, or \`${command}\`.`,
  };
}

/** What an earlier run has left, for the error of one that can't go on with it. */
export function remainsOf(facts: ReattachFacts): Unfinished | undefined {
  const read = present(facts.journal);
  if (read?.is !== "readable" || facts.compute.is === "present") return undefined;
  return remains(
    "detached",
    { ...facts, request: { ...facts.request, journal: "cluster" } },
    journalPlace(facts),
  );
}

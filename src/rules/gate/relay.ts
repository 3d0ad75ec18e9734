import { stateOf } from "../../model/compute.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import type { GateRule } from "../rule.ts";
import { installed } from "./installed.ts";

/** X9: the Relay that Azure ML reaches an Arc cluster through is there. */
export const relayRule: GateRule<VerifyFacts> = {
  id: "relay-present",
  subject: "relay",
  source: "X9, extension.md 1d",
  check: (facts) => {
    const { relay, cluster } = facts;
    if (cluster.kind !== "arc" || !relay || !installed(facts)?.settings.relay) return undefined;
    if (relay.is === "denied") {
      return {
        severity: "warning",
        seen: "The Azure Relay of the extension can't be read, so that it was not checked.",
        remedy:
          "Give the identity that this step signs in with Reader on the Relay, or on the resource group of the cluster.",
        unread: true,
      };
    }
    if (relay.is === "absent") {
      return {
        severity: "error",
        seen: "The Azure Relay that the extension goes through is gone; Azure ML can't reach the cluster.",
        remedy:
          "Delete the extension, run `deploy-extension`, which makes the Relay again, then detach the computes of this cluster and attach them again.",
        link: "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension",
      };
    }
    const state = stateOf(relay.value);
    if (/^(succeeded|created|active)$/i.test(state)) return undefined;
    return {
      severity: "error",
      seen: `The Azure Relay that the extension goes through is ${state}.`,
      remedy: "Wait until it is Succeeded; if it stays, delete it and run `deploy-extension` again.",
      object: relay.value.id,
      ...(!/failed/i.test(state) && { pending: true }),
    };
  },
};

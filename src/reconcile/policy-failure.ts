import { Failure } from "../model/failure.ts";

const policyPage =
  "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes#azure-policy";

/** A policy of what exactly: of public IPs, in the wordings of AKS, of ARM and of policies (AKS#2993, AKS#3212). */
const publicIp = /public[\s-]?ip/i;

/** What can be done about a policy that forbids public IPs (C6). The way that creates knows how it is said there. */
export interface WaysOut {
  readonly routing: string;
}

/**
 * The refusal of an Azure Policy, which comes in two forms: at once, or late, as the end of the operation (C6). Both get
 * Azure's own code, so that programs need to know one alone. Any other failure stays as it is.
 */
export function explainPolicy(failure: Failure, { routing }: WaysOut): Failure {
  const text = [failure.code, failure.message, ...failure.details].join("\n");
  if (!/RequestDisallowedByPolicy/.test(text)) return failure;
  const names = new Set(
    [...text.matchAll(/"policyAssignmentDisplayName":"([^"]+)"/g)].map(([, name]) => name),
  );
  const named = names.size > 0 ? ` (${[...names].map((name) => `"${name}"`).join(", ")})` : "";
  const forbidsIp = publicIp.test(text);
  const what = forbidsIp ? "the public IP address that a new cluster gets" : "this cluster";
  const remedy = forbidsIp
    ? `There are two ways out. Let the policy allow the default public IP, by an exemption for the cluster's resource group and its node resource group \`MC_…\`. Or let traffic leave through a firewall, with user-defined routing: ${routing}`
    : "Ask those who assign the policy for an exemption, or give what it asks for.";
  return new Failure(
    "RequestDisallowedByPolicy",
    `An Azure Policy${named} forbids ${what}. ${failure.message}`,
    {
      details: failure.details,
      remedy,
      link: policyPage,
      requestId: failure.requestId,
      cause: failure,
    },
  );
}

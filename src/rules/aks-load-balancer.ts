import { aksProperties } from "../model/aks-compute.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import { isPrivateAddress, scoringEndpoint } from "../model/scoring-endpoint.ts";
import type { AttachedFacts } from "./aks-tls.ts";
import type { Rule } from "./rule.ts";
import { list } from "./wording.ts";

const balancerPage =
  "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet#use-an-internal-load-balancer";

/** Rules of where the scoring endpoint of a legacy compute is to listen. */
export const aksLoadBalancerRules: readonly Rule<AksAttachFacts>[] = [
  {
    id: "aks-tls-internal",
    source: "T5",
    check: (facts) => {
      if (!facts.request.attachment.tls || !willBeInternal(facts)) return undefined;
      return {
        severity: "error",
        seen: "TLS is not supported with an internal load balancer: its private address may be in another network, where the certificate is refused.",
        remedy: "Leave the `ssl-*` inputs out, or give `load-balancer-type: PublicIp`.",
        link: balancerPage,
      };
    },
  },
  {
    id: "aks-subnet-of-cluster",
    source: "B2",
    check: ({ request, cluster }) => {
      const { subnet } = request.attachment.loadBalancer;
      const ids = (present(cluster.seen)?.properties.agentPoolProfiles ?? []).map(
        (pool) => pool.vnetSubnetID,
      );
      const names = [...new Set(ids.flatMap((id) => id?.split("/").at(-1) ?? []))];
      if (!subnet || names.length === 0 || names.some((name) => sameText(name, subnet))) return undefined;
      return {
        severity: "warning",
        seen: `The subnet "${subnet}" is not one that holds the AKS cluster: ${list(names)}.`,
        remedy: `Give \`load-balancer-subnet: ${names[0]}\`.`,
        link: balancerPage,
      };
    },
  },
];

/** What was not given stays as it is. */
function willBeInternal({ request, compute }: AksAttachFacts): boolean {
  const found = present(compute);
  const has = found && aksProperties(found).loadBalancerType;
  return sameText(request.attachment.loadBalancer.type ?? has ?? "", "InternalLoadBalancer");
}

/** Behind an internal load balancer scoring endpoints have a private address: which, is told. */
export const privateAddressRule: Rule<AttachedFacts> = {
  id: "aks-private-address",
  source: "B3",
  check: ({ compute }) => {
    const found = present(compute);
    const type = (found && aksProperties(found).loadBalancerType) ?? "";
    if (!found || !sameText(type, "InternalLoadBalancer")) return undefined;
    const { ip } = scoringEndpoint(found);
    if (ip && isPrivateAddress(ip)) {
      return {
        severity: "info",
        seen: `The scoring endpoints are asked at the private address ${ip}.`,
        remedy: "Call them from within the virtual network, or one that is peered with it.",
      };
    }
    return {
      severity: "warning",
      seen: ip
        ? `The load balancer is internal, and Azure still shows the public address ${ip}.`
        : "The load balancer is internal, and Azure shows no address of it yet.",
      remedy: "Look at the service azureml-fe in the cluster: it may take some minutes to get its address.",
    };
  },
};

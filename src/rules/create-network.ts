import { covers, overlap, parseRange } from "../model/cidr.ts";
import type { NewCluster, NewClusterFacts } from "../model/create-cluster.ts";
import type { Rule, Verdict } from "./rule.ts";

const networkPage = "https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning";

/** The largest range of services that AKS takes (AKS documentation, "configure-azure-cni"). */
const largestServiceBits = 12;

/** Rules of the addresses of a new cluster (C2): AKS tells of them one at a time, the workspace late. */
export const createNetworkRules: readonly Rule<NewClusterFacts>[] = [
  { id: "create-service-range", source: "C2", check: of(serviceRange) },
  { id: "create-dns-address", source: "C2", check: of(dnsAddress) },
  { id: "create-docker-bridge", source: "C2", check: of(dockerBridge) },
  { id: "create-pod-range", source: "C2", check: of(podRange) },
];

type Addresses = NewCluster["addresses"];

function of(check: (addresses: Addresses) => Verdict | undefined) {
  return ({ wanted }: NewClusterFacts) => wanted && check(wanted.addresses);
}

function serviceRange({ serviceCidr }: Addresses): Verdict | undefined {
  const services = parseRange(serviceCidr ?? "");
  if (!services || services.bits >= largestServiceBits) return undefined;
  return {
    severity: "error",
    seen: `The range of services ${serviceCidr} is too large.`,
    remedy: `Give a \`service-cidr\` of /${largestServiceBits} or smaller, like 10.0.0.0/16.`,
    link: networkPage,
  };
}

/** The first address is that of the API itself (AKS documentation, "configure-kubenet"; AKS#2579). */
function dnsAddress({ serviceCidr, dnsServiceIP }: Addresses): Verdict | undefined {
  const [services, dns] = [parseRange(serviceCidr ?? ""), parseRange(dnsServiceIP ?? "")];
  if (!services || !dns) return undefined;
  const remedy = "Give a `dns-service-ip` further on in `service-cidr`; by custom the tenth, as 10.0.0.10.";
  if (!covers(services, dns)) {
    const seen = `The DNS address ${dnsServiceIP} does not lie in the range of services ${serviceCidr}.`;
    return { severity: "error", seen, remedy, link: networkPage };
  }
  if (dns.first > services.first + 1) return undefined;
  const seen = `The DNS address ${dnsServiceIP} is one of the first two of the range of services ${serviceCidr}, which are taken.`;
  return { severity: "error", seen, remedy, link: networkPage };
}

function dockerBridge({ serviceCidr, dockerBridgeCidr }: Addresses): Verdict | undefined {
  return apart(
    { what: "The Docker bridge", range: dockerBridgeCidr },
    { what: "the range of services", range: serviceCidr },
    "Give a `docker-bridge-cidr` outside of it, like 172.17.0.1/16.",
  );
}

function podRange({ serviceCidr, podCidr }: Addresses): Verdict | undefined {
  return apart(
    { what: "The range of services", range: serviceCidr },
    { what: "the range of the pods", range: podCidr },
    "Give another `service-cidr`, like 10.0.0.0/16, that overlaps with no network that the cluster reaches.",
  );
}

interface Named {
  readonly what: string;
  readonly range: string | undefined;
}

function apart(one: Named, other: Named, remedy: string): Verdict | undefined {
  const [left, right] = [parseRange(one.range ?? ""), parseRange(other.range ?? "")];
  if (!left || !right || !overlap(left, right)) return undefined;
  const seen = `${one.what} ${one.range} overlaps with ${other.what} ${other.range}.`;
  return { severity: "error", seen, remedy, link: networkPage };
}

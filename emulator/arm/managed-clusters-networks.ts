import type { ErrorBody } from "../errors.ts";
import { parseResourceId } from "../ids.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import { covers, overlap, type Range, rangeOf } from "./managed-clusters-addresses.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import type { WantedCluster } from "./managed-clusters-rules.ts";

/** What AKS refuses about networks. Codes without a source are guesses. */
export function networkProblem(wanted: WantedCluster): ErrorBody | undefined {
  const { world, body, existing, basicAllowed } = wanted;
  const network = objectAt(body, "properties", "networkProfile");
  if (
    textAt(network, "loadBalancerSku") === "basic" &&
    !existing &&
    !(basicAllowed ?? world.knobs.basicLoadBalancer === "create")
  ) {
    // AKS#5020; the code is a guess.
    return invalid(
      "networkProfile.loadBalancerSku",
      "Basic load balancer is retired and can not be used by new clusters. Use a standard load balancer. See https://github.com/Azure/AKS/issues/5020",
    );
  }
  return subnetProblem(wanted) ?? addressProblem(wanted, network) ?? outboundProblem(wanted, network);
}

const invalid = (target: string, message: string): ErrorBody => ({
  code: "InvalidParameter",
  message,
  target,
});

/** The subnets that the pools name. */
export function subnetIdsOf(body: JsonObject): string[] {
  return agentPoolsOf(body).flatMap((pool) => textAt(pool, "vnetSubnetID") ?? []);
}

function subnetProblem({ world, body }: WantedCluster): ErrorBody | undefined {
  for (const [index, id] of subnetIdsOf(body).entries()) {
    const parts = parseResourceId(id);
    if (!parts || !/^Microsoft\.Network\/virtualNetworks\/subnets$/i.test(parts.type)) {
      // terraform-provider-azurerm#1166.
      return {
        code: "LinkedInvalidPropertyId",
        message: `Property id '${id}' at path 'properties.agentPoolProfiles[${index}].vnetSubnetID' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
      };
    }
    if (!world.landscape.subnet(id)) {
      const network = id.split("/").at(-3) ?? "";
      // viya4-iac-azure#163.
      return {
        code: "SubnetNotFound",
        message: `Could not find subnet ${parts.name} in vnet ${network} from resource group ${parts.resourceGroup} of subscription ${parts.subscriptionId}.`,
      };
    }
  }
  return undefined;
}

interface Addresses {
  serviceCidr: string;
  services: Range;
  dns: string;
  pods: Range | undefined;
}

/** AKS documentation, "configure-kubenet" and "configure-azure-cni": what the addresses have to be. */
function addressProblem(
  { world, body, existing }: WantedCluster,
  network: JsonObject,
): ErrorBody | undefined {
  if (existing) return undefined;
  const serviceCidr = textAt(network, "serviceCidr") ?? "10.0.0.0/16";
  const services = rangeOf(serviceCidr);
  const dns = textAt(network, "dnsServiceIP") ?? "10.0.0.10";
  if (!services)
    return invalid("networkProfile.serviceCIDR", `ServiceCidr '${serviceCidr}' is not a valid CIDR.`);
  const plugin = textAt(network, "networkPlugin") ?? "kubenet";
  const overlay = plugin !== "azure" || network["networkPluginMode"] === "overlay";
  const podCidr = textAt(network, "podCidr") ?? "10.244.0.0/16";
  const pods = overlay ? rangeOf(podCidr) : undefined;
  const wrong = serviceProblem({ serviceCidr, services, dns, pods });
  if (wrong) return wrong;
  const beside = subnetIdsOf(body).flatMap((id) => world.landscape.subnetsBeside(id));
  return beside.map(({ addressPrefix }) => subnetOverlap(serviceCidr, services, addressPrefix)).find(Boolean);
}

function serviceProblem({ serviceCidr, services, dns, pods }: Addresses): ErrorBody | undefined {
  const address = rangeOf(dns);
  if (services.bits < 12) {
    return invalid(
      "networkProfile.serviceCIDR",
      `ServiceCidr '${serviceCidr}' is too large: /12 is the largest.`,
    );
  }
  if (!address || !covers(services, address)) {
    return invalid(
      "networkProfile.dnsServiceIP",
      `The DNS service IP ${dns} is not in the service CIDR ${serviceCidr}.`,
    );
  }
  // AKS#2579 (the first address) and the documentation (the second is the API's own).
  if (address.first <= services.first + 1) {
    return invalid(
      "networkProfile.dnsServiceIP",
      `The DNS service IP ${dns} must not be the first or second address of ${serviceCidr}.`,
    );
  }
  if (pods && overlap(pods, services)) {
    return invalid("networkProfile.podCIDR", `The pod CIDR overlaps with the service CIDR ${serviceCidr}.`);
  }
  return undefined;
}

/** AKS troubleshooting, "ServiceCidrOverlapExistingSubnetsCidr": all subnets of the network count. */
function subnetOverlap(serviceCidr: string, services: Range, prefix: string): ErrorBody | undefined {
  const subnet = rangeOf(prefix);
  if (!subnet || !overlap(subnet, services)) return undefined;
  return {
    code: "ServiceCidrOverlapExistingSubnetsCidr",
    message: `The specified service CIDR ${serviceCidr} is conflicted with an existing subnet CIDR ${prefix}`,
    target: "networkProfile.serviceCIDR",
  };
}

/** AKS documentation, "egress-outboundtype" and "egress-udr". */
function outboundProblem(
  { world, body, existing }: WantedCluster,
  network: JsonObject,
): ErrorBody | undefined {
  if (existing || textAt(network, "outboundType") !== "userDefinedRouting") return undefined;
  const [subnetId] = subnetIdsOf(body);
  if (subnetId === undefined) {
    return invalid(
      "networkProfile.outboundType",
      "Outbound type userDefinedRouting needs a subnet of your own in vnetSubnetID.",
    );
  }
  if (textAt(network, "loadBalancerSku") === "basic") {
    return invalid(
      "networkProfile.outboundType",
      "Outbound type userDefinedRouting needs a standard load balancer.",
    );
  }
  if (world.landscape.subnet(subnetId)?.routeTable) return undefined;
  return {
    code: "ExistingRouteTableNotAssociatedWithSubnet",
    message: `An existing route table has not been associated with subnet ${subnetId}. Please update the route table association.`,
  };
}

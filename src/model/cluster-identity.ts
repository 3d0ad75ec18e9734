import type { ManagedCluster } from "./azure-resources.ts";
import { type ResourceId, sameText } from "./resource-id.ts";

/** Whether a kubeconfig leads to the cluster that is meant. */
export type ClusterIdentity =
  | { readonly is: "same" }
  /** `why`: what was seen there, and what it should be. */
  | { readonly is: "other" | "unknown"; readonly why: string };

/**
 * What an AKS cluster's name servers tell: each cluster has API servers of its own name (arm-contract 2: `fqdn`,
 * `privateFQDN`). `undefined` where the kubeconfig names none of Azure's, as behind a tunnel or a private link of one's own.
 * @param names host of the kubeconfig's server, and the name in its certificate where the kubeconfig gives one
 */
export function byServer(
  names: readonly string[],
  { properties }: ManagedCluster,
): ClusterIdentity | undefined {
  const { fqdn, privateFQDN, azurePortalFQDN } = properties;
  const own = [fqdn, privateFQDN, azurePortalFQDN].filter((name) => name !== undefined && name !== null);
  if (names.some((name) => own.some((other) => sameText(name, other)))) return { is: "same" };
  const foreign = names.find((name) => own.some((other) => sameText(domainOf(name), domainOf(other))));
  if (foreign === undefined) return undefined;
  return { is: "other", why: `its API server is ${foreign}, and that of the cluster is ${own[0]}` };
}

/** The last two labels, as `azmk8s.io`: there AKS alone gives names. */
function domainOf(name: string): string {
  return name.split(".").slice(-2).join(".");
}

/**
 * What a node of an AKS cluster tells: it is in the resource group of the cluster's nodes (source of
 * cloud-provider-azure: `azure:///subscriptions/…/resourceGroups/…/providers/…`, the group in lower case).
 */
export function byNode(
  providerId: string | undefined,
  cluster: ManagedCluster,
  { subscriptionId }: ResourceId,
): ClusterIdentity {
  const { nodeResourceGroup: group } = cluster.properties;
  if (!providerId || !group) {
    return { is: "unknown", why: "its API server has another name than Azure gave it, and no node tells" };
  }
  const [, subscription, seen] =
    /^azure:\/\/\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(providerId) ?? [];
  if (subscription === undefined || seen === undefined) {
    return { is: "other", why: `its node ${providerId} is none of Azure's` };
  }
  if (sameText(subscription, subscriptionId) && sameText(seen, group)) return { is: "same" };
  const place = (one: string, other: string) => `resource group ${other} of subscription ${one}`;
  return {
    is: "other",
    why: `its nodes are in ${place(subscription, seen)}, and those of the cluster in ${place(subscriptionId, group)}`,
  };
}

/** Names under which Arc's agents know the cluster that they belong to. */
export type ArcConfig = Readonly<Record<string, string | undefined>>;

/** What the agents of an Arc cluster tell (source of the Azure CLI's connectedk8s, which asks the same before a delete). */
export function byAgents(config: ArcConfig, cluster: ResourceId): ClusterIdentity {
  const seen = {
    subscriptionId: config["AZURE_SUBSCRIPTION_ID"] ?? "",
    resourceGroup: config["AZURE_RESOURCE_GROUP"] ?? "",
    name: config["AZURE_RESOURCE_NAME"] ?? "",
  };
  const parts = ["subscriptionId", "resourceGroup", "name"] as const;
  if (parts.some((part) => seen[part] === "")) return { is: "unknown", why: "its Arc agents do not tell" };
  if (parts.every((part) => sameText(seen[part], cluster[part]))) return { is: "same" };
  const { subscriptionId, resourceGroup, name } = seen;
  return {
    is: "other",
    why: `its Arc agents belong to "${name}" in resource group ${resourceGroup} of subscription ${subscriptionId}`,
  };
}

import type { ManagedCluster } from "./azure-resources.ts";
import { sameRange } from "./cidr.ts";
import type { Difference } from "./compute.ts";
import { regionName } from "./region.ts";
import { parseResourceId, sameText } from "./resource-id.ts";

/** How traffic leaves a cluster (arm-contract 2). */
export const outboundTypes = ["loadBalancer", "userDefinedRouting", "managedNATGateway"] as const;
export type OutboundType = (typeof outboundTypes)[number];

/**
 * What a cluster gets where nobody says otherwise: twelve vCPUs on three nodes, which production needs at least (C4).
 * The service's own default for a compute, Standard_D3_v2, has as many, but belongs to a series that is being retired.
 */
export const clusterDefaults = { nodeCount: 3, vmSize: "Standard_D4s_v5" } as const;

/** The pods' range of an overlay network where nobody says otherwise (AKS documentation, "azure-cni-overlay"). */
export const podCidr = "10.244.0.0/16";

/** An AKS cluster as its user declares it. What is not given is not compared (C7). */
export interface ClusterCreation {
  readonly clusterId: string;
  /** The resource group's where it is not given. */
  readonly location?: string | undefined;
  /** `1.33` stands for all patches of it. The region's default where it is not given. */
  readonly kubernetesVersion?: string | undefined;
  readonly nodeCount?: number | undefined;
  readonly vmSize?: string | undefined;
  readonly subnetId?: string | undefined;
  readonly serviceCidr?: string | undefined;
  readonly dnsServiceIP?: string | undefined;
  readonly outboundType?: OutboundType | undefined;
  readonly privateCluster?: boolean | undefined;
  readonly authorizedRanges?: readonly string[] | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** The body of the PUT that creates a cluster (C1; arm-contract 2). */
export interface ManagedClusterBody {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity: { readonly type: "SystemAssigned" };
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A Standard load balancer and a system-assigned identity: what attached clusters need (A8, extension.md 7). */
export function managedClusterBody(wanted: ClusterCreation, location: string): ManagedClusterBody {
  const { kubernetesVersion, subnetId, serviceCidr, dnsServiceIP, outboundType, tags } = wanted;
  const access = accessBody(wanted);
  return {
    location: regionName(wanted.location ?? location),
    ...(Object.keys(tags).length > 0 && { tags }),
    identity: { type: "SystemAssigned" },
    properties: {
      dnsPrefix: dnsPrefix(parseResourceId(wanted.clusterId)?.name ?? ""),
      ...(kubernetesVersion && { kubernetesVersion }),
      agentPoolProfiles: [
        {
          name: "nodepool1",
          mode: "System",
          type: "VirtualMachineScaleSets",
          osType: "Linux",
          count: wanted.nodeCount ?? clusterDefaults.nodeCount,
          vmSize: wanted.vmSize ?? clusterDefaults.vmSize,
          ...(subnetId && { vnetSubnetID: subnetId }),
        },
      ],
      networkProfile: {
        // kubenet is being retired, and takes no route table of one's own with a system-assigned identity.
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        podCidr,
        loadBalancerSku: "standard",
        outboundType: outboundType ?? "loadBalancer",
        ...(serviceCidr && { serviceCidr }),
        ...(dnsServiceIP && { dnsServiceIP }),
      },
      ...(access && { apiServerAccessProfile: access }),
    },
  };
}

/** A private cluster gets no public name, which Azure ML does not support (A9). */
function accessBody({ privateCluster, authorizedRanges = [] }: ClusterCreation) {
  if (!privateCluster && authorizedRanges.length === 0) return undefined;
  return {
    ...(privateCluster && { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: false }),
    ...(authorizedRanges.length > 0 && { authorizedIPRanges: authorizedRanges }),
  };
}

/** 1 to 54 letters, digits and dashes, the ends no dashes (AKS documentation, "quotas-skus-regions"). */
function dnsPrefix(name: string): string {
  return name
    .replaceAll("_", "-")
    .slice(0, 54)
    .replace(/^-+|-+$/g, "");
}

/** The Kubernetes version of a cluster; while it is being created only the one that was asked for is known. */
export function kubernetesVersionOf({ properties }: ManagedCluster): string | undefined {
  return properties.currentKubernetesVersion || properties.kubernetesVersion || undefined;
}

/** The pool that a cluster was made with: the first one that is a system pool. */
export function firstPool({ properties }: ManagedCluster) {
  const pools = properties.agentPoolProfiles ?? [];
  return pools.find(({ mode }) => sameText(mode ?? "", "System")) ?? pools[0];
}

/** The fields in which a cluster is not what was asked for (C7); empty when it is. */
export function managedClusterDifferences(wanted: ClusterCreation, found: ManagedCluster): Difference[] {
  const { networkProfile: network, apiServerAccessProfile: access } = found.properties;
  const pool = firstPool(found);
  return [
    ...row("location", wanted.location && regionName(wanted.location), regionName(found.location)),
    ...versionRow(wanted.kubernetesVersion, kubernetesVersionOf(found)),
    ...row("nodeCount", wanted.nodeCount, pool?.count),
    ...row("vmSize", wanted.vmSize, pool?.vmSize),
    ...row("subnetId", wanted.subnetId, pool?.vnetSubnetID),
    ...row("serviceCidr", wanted.serviceCidr, network?.serviceCidr),
    ...row("dnsServiceIP", wanted.dnsServiceIP, network?.dnsServiceIP),
    ...row("outboundType", wanted.outboundType, network?.outboundType ?? "loadBalancer"),
    ...row("loadBalancerSku", "standard", network?.loadBalancerSku ?? "standard"),
    ...row("enablePrivateCluster", wanted.privateCluster, access?.enablePrivateCluster ?? false),
    ...rangesRow(wanted.authorizedRanges, access?.authorizedIPRanges ?? []),
    ...Object.entries(wanted.tags).flatMap(([name, value]) => tagRow(name, value, found.tags?.[name])),
  ];
}

type Value = string | number | boolean;

/** Names, ids and words are compared without case (arm-contract 8). */
function row(field: string, wanted: Value | undefined, found: Value | null | undefined): Difference[] {
  if (wanted === undefined) return [];
  const both = { field, wanted: String(wanted), found: String(found ?? "(none)") };
  return sameText(both.wanted, both.found) ? [] : [both];
}

function versionRow(wanted: string | undefined, found: string | undefined): Difference[] {
  if (wanted === undefined || found?.startsWith(`${wanted}.`)) return [];
  return row("kubernetesVersion", wanted, found);
}

function rangesRow(wanted: readonly string[] | undefined, found: readonly string[]): Difference[] {
  if (wanted === undefined) return [];
  const within = (some: readonly string[], others: readonly string[]) =>
    some.every((one) => others.some((other) => sameRange(one, other)));
  if (within(wanted, found) && within(found, wanted)) return [];
  return [{ field: "authorizedIPRanges", wanted: wanted.join(" "), found: found.join(" ") || "(none)" }];
}

/** Values of tags keep their case. */
function tagRow(name: string, wanted: string, found: string | undefined): Difference[] {
  return wanted === found ? [] : [{ field: `tags.${name}`, wanted, found: found ?? "(none)" }];
}

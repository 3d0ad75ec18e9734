import { type AksAttachment, type AksCreation, type AksSettings, aksProperties } from "./aks-compute.ts";
import type { Compute, Difference } from "./compute.ts";
import { regionName } from "./region.ts";
import { sameText } from "./resource-id.ts";

/** The fields that a PUT changes without a detach (B2). */
const changeable = ["loadBalancerType", "loadBalancerSubnet"];

/**
 * The fields in which a compute differs from the wanted legacy attachment; empty when they are equal. What the user
 * left open is not compared, nor are certificate and key, which Azure never returns (arm-contract 1.5).
 */
export function aksDifferences(wanted: AksAttachment, found: Compute): Difference[] {
  const outer = [
    { field: "computeType", wanted: "AKS", found: found.properties.computeType },
    { field: "resourceId", wanted: wanted.clusterId, found: found.properties.resourceId ?? "(none)" },
  ].filter((row) => !sameText(row.wanted, row.found));
  // The settings of a compute of another type say nothing.
  return isAks(found) ? [...outer, ...settingDifferences(wanted, found)] : outer;
}

/** The same for a cluster that the workspace created itself (C7). Its own node count and size count too. */
export function aksCreationDifferences(wanted: AksCreation, found: Compute): Difference[] {
  if (!isAks(found)) return [{ field: "computeType", wanted: "AKS", found: found.properties.computeType }];
  const settings = aksProperties(found);
  const network = settings.aksNetworkingConfiguration ?? {};
  const { computeLocation } = found.properties as { computeLocation?: string | null };
  return [
    ...given("agentCount", wanted.agentCount, settings.agentCount),
    ...given("agentVmSize", wanted.agentVmSize, settings.agentVmSize),
    ...given(
      "computeLocation",
      wanted.location && regionName(wanted.location),
      regionName(computeLocation ?? found.location ?? ""),
    ),
    ...given("subnetId", wanted.network?.subnetId, network.subnetId),
    ...given("serviceCidr", wanted.network?.serviceCidr, network.serviceCidr),
    ...given("dnsServiceIP", wanted.network?.dnsServiceIP, network.dnsServiceIP),
    ...given("dockerBridgeCidr", wanted.network?.dockerBridgeCidr, network.dockerBridgeCidr),
    ...settingDifferences(wanted, found),
  ];
}

/** Whether all that differs is the load balancer, which can be changed in place (B2). */
export function isLoadBalancerOnly(rows: readonly Difference[]): boolean {
  return rows.every(({ field }) => changeable.includes(field));
}

function isAks(found: Compute): boolean {
  return sameText(found.properties.computeType, "AKS");
}

function settingDifferences(
  { clusterPurpose, loadBalancer, tls }: AksSettings,
  found: Compute,
): Difference[] {
  const settings = aksProperties(found);
  const ssl = settings.sslConfiguration ?? {};
  const status = tls === undefined ? "Disabled" : tls.way === "own" ? "Enabled" : "Auto";
  return [
    ...given("clusterPurpose", clusterPurpose, settings.clusterPurpose ?? "FastProd"),
    ...given("sslConfiguration.status", status, ssl.status ?? "Disabled"),
    ...given("sslConfiguration.cname", tls?.way === "own" ? tls.cname : undefined, ssl.cname),
    ...given(
      "sslConfiguration.leafDomainLabel",
      tls?.way === "microsoft" ? tls.leafDomainLabel : undefined,
      ssl.leafDomainLabel,
    ),
    ...given("loadBalancerType", loadBalancer.type, settings.loadBalancerType ?? "PublicIp"),
    ...given("loadBalancerSubnet", loadBalancer.subnet, settings.loadBalancerSubnet),
  ];
}

/** A row where something was asked for and something else is there; names and ids are compared without case. */
function given(
  field: string,
  wanted: string | number | undefined,
  found: string | number | null | undefined,
): Difference[] {
  if (wanted === undefined) return [];
  const row = { field, wanted: String(wanted), found: String(found ?? "(none)") };
  return sameText(row.wanted, row.found) ? [] : [row];
}

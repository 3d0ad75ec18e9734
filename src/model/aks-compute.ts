import type { Compute } from "./compute.ts";

/** What a legacy AKS compute is for; FastProd where nobody says otherwise (C3, arm-contract 1.5). */
export const clusterPurposes = ["FastProd", "DenseProd", "DevTest"] as const;
export type ClusterPurpose = (typeof clusterPurposes)[number];

/** Where the scoring endpoint listens; PublicIp where nobody says otherwise (arm-contract 1.5). */
export const loadBalancerTypes = ["PublicIp", "InternalLoadBalancer"] as const;
export type LoadBalancerType = (typeof loadBalancerTypes)[number];

/** TLS at the scoring endpoint: a certificate of one's own (T2), or Microsoft's for a label (T1). */
export type AksTls = OwnCertificate | MicrosoftCertificate;

/** A certificate that was understood before (T4), with the name that the endpoint is to have. */
export interface OwnCertificate {
  readonly way: "own";
  readonly cname: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. A secret. */
  readonly privateKey: string;
}

/** The name becomes `<label>######.<region>.cloudapp.azure.com` (T1). */
export interface MicrosoftCertificate {
  readonly way: "microsoft";
  readonly leafDomainLabel: string;
  readonly overwriteExistingDomain: boolean;
}

/** What is not given is not compared; the service then takes its default for a new compute. */
export interface AksLoadBalancer {
  readonly type?: LoadBalancerType | undefined;
  readonly subnet?: string | undefined;
}

/** The settings of a legacy AKS compute that attach and create have in common. */
export interface AksSettings {
  readonly clusterPurpose: ClusterPurpose;
  readonly loadBalancer: AksLoadBalancer;
  /** Absent means none: status Disabled. */
  readonly tls?: AksTls | undefined;
}

/** A legacy AKS attachment as its user declares it. */
export interface AksAttachment extends AksSettings {
  readonly clusterId: string;
  /** Put on a new compute, and never compared. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A cluster that the workspace is to create itself (C2, `via: workspace`). What is not given, the service chooses. */
export interface AksCreation extends AksSettings {
  readonly agentCount?: number | undefined;
  readonly agentVmSize?: string | undefined;
  /** Region of the cluster; the workspace's where it is not given. */
  readonly location?: string | undefined;
  readonly network?: AksNetwork | undefined;
}

/** All of it or none (peers 2.3). */
export interface AksNetwork {
  readonly subnetId: string;
  readonly serviceCidr: string;
  readonly dnsServiceIP: string;
  readonly dockerBridgeCidr: string;
}

/** `sslConfiguration` as it travels; `cert` and `key` are never returned (arm-contract 1.5). */
export interface SslConfiguration {
  readonly status?: string | null;
  readonly cert?: string | null;
  readonly key?: string | null;
  readonly cname?: string | null;
  readonly leafDomainLabel?: string | null;
  readonly overwriteExistingDomain?: boolean | null;
}

/** `properties.properties` of a compute of type AKS (arm-contract 1.5). */
export interface AksProperties {
  readonly clusterFqdn?: string | null;
  readonly systemServices?:
    | readonly {
        readonly systemServiceType?: string;
        readonly publicIpAddress?: string | null;
        readonly version?: string;
      }[]
    | null;
  readonly agentCount?: number | null;
  readonly agentVmSize?: string | null;
  readonly clusterPurpose?: string | null;
  readonly sslConfiguration?: SslConfiguration | null;
  readonly aksNetworkingConfiguration?: Partial<AksNetwork> | null;
  readonly loadBalancerType?: string | null;
  readonly loadBalancerSubnet?: string | null;
}

/** The settings of a compute of type AKS as Azure shows them. */
export function aksProperties({ properties }: Compute): AksProperties {
  return (properties.properties ?? {}) as AksProperties;
}

/** The body of the PUT that attaches a cluster as a legacy AKS compute: what the SDK sent (peers 2.2). */
export function aksAttachBody(wanted: AksAttachment, location: string): Compute {
  return {
    location,
    ...(wanted.tags && { tags: wanted.tags }),
    properties: { computeType: "AKS", resourceId: wanted.clusterId, properties: settingsBody(wanted) },
  };
}

/** The body of the PUT that has the workspace create a cluster (peers 2.2): no cluster is named. */
export function aksCreateBody(wanted: AksCreation, location: string): Compute {
  const { agentCount, agentVmSize, network } = wanted;
  return {
    location,
    properties: {
      computeType: "AKS",
      ...(wanted.location && { computeLocation: wanted.location }),
      properties: {
        ...settingsBody(wanted),
        ...(agentCount !== undefined && { agentCount }),
        ...(agentVmSize && { agentVmSize }),
        ...(network && { aksNetworkingConfiguration: network }),
      },
    },
  };
}

function settingsBody({ clusterPurpose, loadBalancer, tls }: AksSettings): Record<string, unknown> {
  const { type, subnet } = loadBalancer;
  return {
    clusterPurpose,
    ...(type && { loadBalancerType: type }),
    ...(subnet && { loadBalancerSubnet: subnet }),
    ...(tls && { sslConfiguration: sslBody(tls) }),
  };
}

/** PEM text goes as it is, not in base64 (peers 2.2). */
function sslBody(tls: AksTls): SslConfiguration {
  if (tls.way === "own") {
    return { status: "Enabled", cname: tls.cname, cert: tls.certificate, key: tls.privateKey };
  }
  const { leafDomainLabel, overwriteExistingDomain } = tls;
  return { status: "Auto", leafDomainLabel, overwriteExistingDomain };
}

/**
 * The body that gives a compute another load balancer (B2): everything that came, but for what is read only. The
 * Python SDK loses `sslConfiguration` here (peers 2.2). Certificate and key never come; they are put in anew where
 * they were given, so that a blind overwrite has nothing to forget.
 */
export function loadBalancerBody(found: Compute, wanted: AksSettings): Compute {
  const { systemServices: _, loadBalancerSubnet, ...settings } = aksProperties(found);
  const { provisioningState, provisioningErrors, isAttachedCompute, createdOn, modifiedOn, ...properties } =
    found.properties as Compute["properties"] & { createdOn?: string; modifiedOn?: string };
  const { id, name, type, systemData, ...envelope } = found as Compute & Record<string, unknown>;
  const { type: wantedType = "PublicIp", subnet } = wanted.loadBalancer;
  const loadBalancerType = wanted.loadBalancer.type ?? settings.loadBalancerType ?? wantedType;
  const kept = loadBalancerType === "InternalLoadBalancer" ? (subnet ?? loadBalancerSubnet) : undefined;
  return {
    ...envelope,
    ...(found.identity && { identity: writableIdentity(found.identity) }),
    properties: {
      ...properties,
      properties: {
        ...settings,
        ...(wanted.tls?.way === "own" && {
          sslConfiguration: { ...settings.sslConfiguration, ...sslBody(wanted.tls) },
        }),
        loadBalancerType,
        ...(kept && { loadBalancerSubnet: kept }),
      },
    },
  };
}

/** An identity without the ids that the service fills in (arm-contract 1.3). */
export function writableIdentity({ type, userAssignedIdentities }: NonNullable<Compute["identity"]>) {
  const ids = Object.keys(userAssignedIdentities ?? {});
  return {
    type,
    ...(ids.length > 0 && { userAssignedIdentities: Object.fromEntries(ids.map((id) => [id, {}])) }),
  };
}

/** A body with its certificate and key hidden: what a plan may show. */
export function shownBody(body: Compute): Compute {
  const settings = aksProperties(body);
  const { cert, key, ...rest } = settings.sslConfiguration ?? {};
  if (!cert && !key) return body;
  const sslConfiguration = { ...rest, cert: "(hidden)", key: "(hidden)" };
  return {
    ...body,
    properties: { ...body.properties, properties: { ...settings, sslConfiguration } },
  };
}

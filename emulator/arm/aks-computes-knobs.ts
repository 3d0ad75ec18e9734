import type { RegionVersion } from "./kubernetes-versions.ts";

/** What the facts leave open about managed clusters and computes of type AKS, or what a test wants to vary. */
export interface LegacyKnobs {
  /** How long AKS takes. real-arm: seven minutes to create, thirteen to update; kept short here. */
  managedClusterSeconds: { create: number; update: number };
  /** Kubernetes versions by region (lower case, no spaces), instead of the usual table. */
  kubernetesVersions: Record<string, RegionVersion[]>;
  /** VM sizes that the subscription may not use anywhere: `restrictions` of the SKU API, refused by AKS. */
  restrictedVmSizes: string[];
  /** VM sizes that Azure has run out of: nothing tells of it before the operation fails with SkuNotAvailable. */
  exhaustedVmSizes: string[];
  /** AKS on a size it does not take: the present code (azure-cli#30887), or that of 2019 to 2023 (dotnet/core#8000). */
  vmSizeRefusal: "VMSizeNotSupported" | "BadRequest";
  /** vCPUs of a subscription in a region; what its clusters use already is taken off. Undefined: enough. */
  vcpuQuota: number | undefined;
  /** How too little quota shows: refused at once, or late (AKS troubleshooting, "InsufficientVCPUQuota"; users' logs have both). */
  quotaRefusal: "ErrCode_InsufficientVCPUQuota" | "QuotaExceeded";
  /** C6: a policy that forbids public IPs. `early`: it refuses the cluster itself; `late`: AKS meets it (AKS#2993). */
  publicIpPolicy: "none" | "early" | "late";
  /** AKS#5020: no new cluster gets a Basic load balancer since 2025-03-31. `create` is the time before. */
  basicLoadBalancer: "refuse" | "create";
  /**
   * What a create through the workspace asks for. C5: a Basic one. Guess: nobody says what became of it after AKS#5020;
   * `refused` is a service that still asks and fails, `standard` one that has moved on.
   */
  legacyLoadBalancer: "basic" | "standard" | "refused";
  /** azureml-examples#1678 (2022): creating is refused while attaching goes on. J21 creates; peers 0.5: unknown today. */
  legacyCreate: "accept" | "refuse";
  /**
   * A5: what a second attachment of a cluster does to the first. Guess how it shows: its endpoint is gone while its
   * state stays Succeeded, its state becomes Failed, or not at all.
   */
  secondAttachment: "endpoint" | "state" | "hidden";
  /** A6, peers 0.1: other TLS on an existing compute is reported as success and not applied. Guess: `apply`. */
  legacyTlsUpdate: "ignore" | "apply";
  /** An update that names TLS without `cert` and `key`, which GET never gives (arm-contract 1.5). All three are guesses. */
  tlsWithoutMaterial: "keep" | "refuse" | "lose";
  /** T5: not supported. Guess how it shows: at once, late, or as success with an endpoint that nobody can trust. */
  tlsWithInternalLoadBalancer: "refuse" | "fail" | "accept";
  /** T1: the label stays with the cluster's public IP after a detach, or becomes free. Guess: it stays. */
  leafLabelAfterDetach: "kept" | "freed";
  /** B3: `publicIpAddress` is the only field there is; whether it shows a private address is a guess. */
  privateScoringIp: "shown" | "null";
  /** C4: whose machines and vCPUs count. Guess: all of them; C8: secondary pools are not used for deployment. */
  capacityCounts: "all" | "first";
  /** Whether certificate and key are looked at before they are installed. Guess: they are, late. */
  ownCertificate: "checked" | "unchecked";
  /** A8: whether Azure ML needs its ranges among the authorized ones: J21, or as `restrictedApiServer` has it. */
  authorizedRanges: "needControlPlane" | "open";
  /** extension 8: the eight objects of the router stay behind a detach, since they must be removed before an attach. */
  routerAfterDetach: "kept" | "removed";
  /**
   * Own TLS attached over a secret `azuremlfessl` that an earlier attachment left, with another certificate. extension 8
   * says only that it has to go before. Guesses: the old certificate is served on, the attach fails, the new one wins.
   */
  attachOverOldCertificate: "serve-old" | "fail" | "replace";
  /**
   * How long a service of type LoadBalancer stays after its DELETE, until the cloud's load balancer is gone (Kubernetes
   * documentation, "Garbage collecting load balancers"). How long is a guess.
   */
  balancerCleanupSeconds: number;
  /** extension 8: the load balancer is made anew, so that its address may be another one. Guess: it is the same. */
  scoringIpAfterAttach: "same" | "new";
}

export function legacyKnobs(): LegacyKnobs {
  return {
    managedClusterSeconds: { create: 30, update: 20 },
    kubernetesVersions: {},
    restrictedVmSizes: [],
    exhaustedVmSizes: [],
    vmSizeRefusal: "VMSizeNotSupported",
    vcpuQuota: undefined,
    quotaRefusal: "ErrCode_InsufficientVCPUQuota",
    publicIpPolicy: "none",
    basicLoadBalancer: "refuse",
    legacyLoadBalancer: "basic",
    legacyCreate: "accept",
    secondAttachment: "endpoint",
    legacyTlsUpdate: "ignore",
    tlsWithoutMaterial: "keep",
    tlsWithInternalLoadBalancer: "refuse",
    leafLabelAfterDetach: "kept",
    privateScoringIp: "shown",
    capacityCounts: "all",
    ownCertificate: "checked",
    authorizedRanges: "needControlPlane",
    routerAfterDetach: "kept",
    attachOverOldCertificate: "serve-old",
    balancerCleanupSeconds: 20,
    scoringIpAfterAttach: "same",
  };
}

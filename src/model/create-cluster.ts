import type { AksCreation, ClusterPurpose } from "./aks-compute.ts";
import type { ManagedCluster, OfferedVersion, Permission, ResourceGroup } from "./azure-resources.ts";
import type { SettingNote } from "./extension-settings.ts";
import type { ComputeFacts } from "./facts.ts";
import type { ClusterCreation } from "./managed-cluster.ts";
import type { Observed } from "./observed.ts";
import type { CommonRequest, ComputeRequest } from "./request.ts";

/** What both ways are asked. */
export interface CreationAsked {
  /** What is worth saying about inputs that are valid. */
  readonly notes: readonly SettingNote[];
  /** The inputs that are wrong: what they were to say is not known, and no default stands in for it. */
  readonly unknown: readonly string[];
}

/** What `create-cluster` is asked with `via: aks`. */
export interface CreateClusterRequest extends CommonRequest, CreationAsked {
  readonly creation: ClusterCreation;
  /** What the cluster is to be attached for; nothing of it is sent (C3, C4). */
  readonly purpose: ClusterPurpose;
}

/** What `create-cluster` is asked with `via: workspace`. */
export interface CreateComputeRequest extends ComputeRequest, CreationAsked {
  readonly creation: AksCreation;
}

/** A VM size that Azure knows in a region, as far as it is read here. */
export interface VmSize {
  readonly name: string;
  readonly cores: number;
  readonly gpus: number;
  /** Why this subscription may not use it there (Compute, "Resource Skus - List": `restrictions`). */
  readonly restriction?: string | undefined;
}

/** The machines of a new cluster, and where they are to be; what nobody knows is left out. */
export interface Machines {
  readonly purpose?: ClusterPurpose;
  readonly location?: string;
  readonly nodeCount?: number;
  readonly vmSize?: string;
}

/** What is to be created, the same for both ways; rules judge this. */
export interface NewCluster extends Machines {
  readonly way: "aks" | "workspace";
  readonly kubernetesVersion?: string | undefined;
  /** Ranges and addresses as they were given. */
  readonly addresses: {
    readonly serviceCidr?: string | undefined;
    readonly dnsServiceIP?: string | undefined;
    readonly dockerBridgeCidr?: string | undefined;
    /** Where the pods have a range of their own. */
    readonly podCidr?: string | undefined;
  };
  readonly subnetId?: string | undefined;
}

/** What Azure offers where the cluster is to be. */
export interface Offer {
  readonly versions: Observed<readonly OfferedVersion[]>;
  readonly sizes: Observed<readonly VmSize[]>;
}

/** What the rules of both ways look at. */
export interface NewClusterFacts extends Offer {
  /** Absent where there is one already, so that nothing is created. */
  readonly wanted?: NewCluster | undefined;
  readonly notes: readonly SettingNote[];
}

/** What `create-cluster` sees with `via: aks`. */
export interface CreateClusterFacts extends NewClusterFacts {
  readonly request: CreateClusterRequest;
  readonly cluster: Observed<ManagedCluster>;
  readonly group: Observed<ResourceGroup>;
  /** What the caller may do in the resource group. */
  readonly permissions: Observed<readonly Permission[]>;
}

/** What `create-cluster` sees with `via: workspace`. */
export interface CreateComputeFacts extends ComputeFacts<CreateComputeRequest>, NewClusterFacts {
  /** The cluster that the workspace made, where there is one. */
  readonly cluster: Observed<ManagedCluster>;
}

import type {
  ConnectedCluster,
  Extension,
  ExtensionVersion,
  ManagedCluster,
  OfferedVersion,
  Permission,
  Provider,
  RelayPart,
  TrustedAccessRoleBinding,
  UpgradeProfile,
  Workspace,
} from "./azure-resources.ts";
import type { ClusterContents } from "./cluster-contents.ts";
import type { Compute } from "./compute.ts";
import type { Observed } from "./observed.ts";
import type {
  AksAttachRequest,
  AttachRequest,
  ClusterRequest,
  ComputeRequest,
  DeployRequest,
  DetachRequest,
  VerifyRequest,
} from "./request.ts";
import type { Resolution } from "./scoring-endpoint.ts";

/** What an action on a compute sees before it plans. */
export interface ComputeFacts<Request extends ComputeRequest> {
  readonly request: Request;
  readonly workspace: Workspace;
  readonly compute: Observed<Compute>;
  readonly permissions: Observed<readonly Permission[]>;
}

/** The cluster of a request, of one kind or the other. */
export type ObservedCluster =
  | {
      readonly kind: "aks";
      readonly seen: Observed<ManagedCluster>;
      /** Looked at only where the cluster has local accounts disabled. */
      readonly trustedAccess?: Observed<readonly TrustedAccessRoleBinding[]>;
    }
  | { readonly kind: "arc"; readonly seen: Observed<ConnectedCluster> };

/** What `attach` sees. */
export interface AttachFacts extends ComputeFacts<AttachRequest> {
  readonly cluster: ObservedCluster;
  readonly extensions: Observed<readonly Extension[]>;
}

/** What `attach` sees with `compute-type: aks`. */
export interface AksAttachFacts extends ComputeFacts<AksAttachRequest> {
  readonly cluster: ObservedCluster & { readonly kind: "aks" };
  /** Every compute of the workspace (A5). */
  readonly computes: Observed<readonly Compute[]>;
  /** Kubernetes versions that AKS offers in the cluster's region (A7). */
  readonly versions: Observed<readonly OfferedVersion[]>;
  /** vCPUs of the VM sizes of the cluster's pools, by their names in lower case (C4). */
  readonly cores: Observed<Readonly<Record<string, number>>>;
  /** What the caller may do with the cluster; looked at only where it is in another subscription (A4). */
  readonly clusterPermissions?: Observed<readonly Permission[]>;
  /** What the name of the scoring endpoint stands for; looked up only where there is one (T3). */
  readonly resolution?: Resolution;
}

/** What `detach` sees. */
export type DetachFacts = ComputeFacts<DetachRequest>;

/** What an action on what runs inside a cluster sees. */
export interface ClusterFacts<Request extends ClusterRequest> {
  readonly request: Request;
  /** `Date.now()` of the look, so that rules on expiry and age stay pure. */
  readonly now: number;
  readonly cluster: ObservedCluster;
  readonly extensions: Observed<readonly Extension[]>;
  /** Versions that Azure offers for this cluster on the release train in question, in no order. */
  readonly versions: Observed<readonly ExtensionVersion[]>;
  /** What the cluster's own API shows: absent where no way to it was given, denied where the way failed. */
  readonly inside: Observed<ClusterContents>;
  /** The Relay that an Arc cluster's extension goes through (X9); of AKS it is not read. */
  readonly relay?: Observed<RelayPart>;
}

/** What `deploy-extension` sees. */
export interface DeployFacts extends ClusterFacts<DeployRequest> {
  readonly permissions: Observed<readonly Permission[]>;
  /** Random, for a new digest of the protected settings. */
  readonly salt: string;
  /** Registration of the providers that an installation needs (X7). */
  readonly providers: Observed<readonly Provider[]>;
}

/** What `verify-extension` sees. */
export interface VerifyFacts extends ClusterFacts<VerifyRequest> {
  /** The compute that was named. */
  readonly compute?: Observed<Compute>;
  /** What the router's address serves: absent where it can't be reached from here. */
  readonly served?: Observed<ServedCertificate>;
}

/** What `list-versions` sees of a cluster. */
export interface VersionsFacts {
  readonly cluster: ObservedCluster;
  readonly location: string;
  /** Kubernetes versions that AKS offers in the region; of an Arc cluster they are not asked for, nor are upgrades. */
  readonly versions: Observed<readonly OfferedVersion[]>;
  readonly upgrades: Observed<UpgradeProfile>;
  readonly extensions: Observed<readonly Extension[]>;
  /** The train that `extensionVersions` are of. */
  readonly releaseTrain: string;
  readonly extensionVersions: Observed<readonly ExtensionVersion[]>;
}

/** What a TLS handshake with the router showed. */
export interface ServedCertificate {
  /** Host and port that were asked. */
  readonly address: string;
  /** PEM of the leaf. */
  readonly certificate: string;
}

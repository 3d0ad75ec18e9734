import type { ArmErrorBody } from "./arm-error.ts";

/** A subscription, as far as it is read here. */
export interface Subscription {
  readonly displayName?: string;
  readonly state?: string;
}

/** The workspace, as far as it is read here (arm-contract 1.8). */
export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly properties: { readonly provisioningState?: string };
}

/** An AKS cluster, as far as it is read here (arm-contract 2). */
export interface ManagedCluster {
  readonly id: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly identity?: { readonly type?: string } | null;
  readonly properties: {
    readonly provisioningState?: string;
    /** What failed last; newer api-versions have it. */
    readonly status?: { readonly provisioningError?: ArmErrorBody | null } | null;
    readonly powerState?: { readonly code?: string };
    readonly disableLocalAccounts?: boolean | null;
    readonly aadProfile?: { readonly managed?: boolean | null } | null;
    /** As it was asked for: `1.33` for all patches of it. */
    readonly kubernetesVersion?: string;
    readonly currentKubernetesVersion?: string;
    readonly supportPlan?: string | null;
    readonly fqdn?: string;
    readonly privateFQDN?: string | null;
    readonly azurePortalFQDN?: string | null;
    readonly nodeResourceGroup?: string | null;
    readonly apiServerAccessProfile?: {
      readonly enablePrivateCluster?: boolean | null;
      readonly disableRunCommand?: boolean | null;
      readonly enablePrivateClusterPublicFQDN?: boolean | null;
      readonly authorizedIPRanges?: readonly string[] | null;
    } | null;
    readonly networkProfile?: {
      readonly loadBalancerSku?: string | null;
      readonly outboundType?: string | null;
      readonly serviceCidr?: string | null;
      readonly dnsServiceIP?: string | null;
    } | null;
    readonly agentPoolProfiles?:
      | readonly {
          readonly name?: string;
          readonly count?: number;
          readonly osType?: string;
          readonly mode?: string;
          readonly vmSize?: string;
          readonly powerState?: { readonly code?: string } | null;
          readonly vnetSubnetID?: string | null;
          readonly enableAutoScaling?: boolean | null;
          readonly nodeLabels?: Readonly<Record<string, string>> | null;
        }[]
      | null;
    readonly servicePrincipalProfile?: { readonly clientId?: string } | null;
  };
}

/** A minor version of Kubernetes that AKS offers in a region (arm-contract 2). */
export interface OfferedVersion {
  readonly version: string;
  readonly isDefault?: boolean | null;
  readonly isPreview?: boolean | null;
  /** By patch version. */
  readonly patchVersions?: Readonly<
    Record<string, { readonly upgrades?: readonly string[] | null } | null>
  > | null;
  readonly capabilities?: { readonly supportPlan?: readonly string[] } | null;
}

/** What an AKS cluster can upgrade to, as far as it is read here (containerservice, `ManagedClusterUpgradeProfile`). */
export interface UpgradeProfile {
  readonly properties: {
    readonly controlPlaneProfile?: {
      readonly upgrades?:
        | readonly { readonly kubernetesVersion?: string; readonly isPreview?: boolean | null }[]
        | null;
    };
  };
}

/** An Arc cluster, as far as it is read here (arm-contract 4). */
export interface ConnectedCluster {
  readonly id: string;
  readonly location: string;
  readonly properties: {
    readonly provisioningState?: string;
    readonly connectivityStatus?: string;
    readonly kubernetesVersion?: string;
    readonly totalNodeCount?: number;
    readonly distribution?: string | null;
    readonly lastConnectivityTime?: string;
  };
}

/** A cluster extension, as far as it is read here (arm-contract 3). `errorInfo` is not wrapped in `error`. */
export interface Extension {
  readonly name: string;
  /** What it signs in with; of an AKS cluster it stands in `aksAssignedIdentity`. */
  readonly identity?: { readonly principalId?: string | null } | null;
  readonly properties: {
    readonly extensionType?: string;
    readonly provisioningState?: string;
    /** The version that is asked for; `currentVersion` is the one that runs (extension.md 4). */
    readonly version?: string | null;
    readonly currentVersion?: string | null;
    readonly autoUpgradeMinorVersion?: boolean | null;
    readonly releaseTrain?: string | null;
    /** All strings, booleans too. */
    readonly configurationSettings?: Readonly<Record<string, string>> | null;
    /** The names at most, with blank values (testbed 7). */
    readonly configurationProtectedSettings?: Readonly<Record<string, string | null>> | null;
    readonly aksAssignedIdentity?: { readonly principalId?: string | null } | null;
    readonly statuses?: readonly ExtensionStatus[] | null;
    readonly errorInfo?: ArmErrorBody | null;
  };
}

/** One status line that the agent in the cluster reported. */
export interface ExtensionStatus {
  readonly code?: string;
  readonly displayStatus?: string;
  readonly level?: string | null;
  readonly message?: string;
}

/** One version of an extension type (arm-contract 3). Cluster types are spelled `managedCluster`, `connectedCluster`. */
export interface ExtensionVersion {
  readonly properties: {
    readonly version?: string;
    readonly unsupportedKubernetesVersions?: Readonly<
      Record<
        string,
        | readonly {
            readonly distributions?: readonly string[];
            readonly unsupportedVersions?: readonly string[];
          }[]
        | null
      >
    > | null;
  };
}

/** A namespace, hybrid connection or rule of Azure Relay, as far as it is read here (extension.md 1d). */
export interface RelayPart {
  readonly id: string;
  readonly properties: { readonly provisioningState?: string };
}

/** A resource group, as far as it is read here (arm-contract 7). */
export interface ResourceGroup {
  readonly location: string;
}

/** A resource provider of a subscription (arm-contract 7). */
export interface Provider {
  readonly namespace?: string;
  readonly registrationState?: string;
}

/** What lets Azure ML into an AKS cluster without local accounts (extension.md 7, peers 1.6). */
export interface TrustedAccessRoleBinding {
  readonly name: string;
  readonly systemData?: { readonly createdAt?: string; readonly lastModifiedAt?: string } | null;
  readonly properties: {
    readonly provisioningState?: string;
    readonly sourceResourceId?: string;
    readonly roles?: readonly string[];
  };
}

/** One element of the caller's permissions; `notActions` subtract within the element (arm-contract 5). */
export interface Permission {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
}

/** A page of any list (arm-contract 1.2). */
export interface Page<Item> {
  readonly value: readonly Item[];
  readonly nextLink?: string | null;
}

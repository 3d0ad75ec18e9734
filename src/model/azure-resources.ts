import type { ArmErrorBody } from "./arm-error.ts";

/** The workspace, as far as it is read here (arm-contract 1.8). */
export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly properties: { readonly provisioningState?: string };
}

/** An AKS cluster, as far as it is read here (arm-contract 2). */
export interface ManagedCluster {
  readonly id: string;
  readonly location: string;
  readonly identity?: { readonly type?: string } | null;
  readonly properties: {
    readonly provisioningState?: string;
    readonly powerState?: { readonly code?: string };
    readonly disableLocalAccounts?: boolean | null;
    readonly servicePrincipalProfile?: { readonly clientId?: string } | null;
  };
}

/** An Arc cluster, as far as it is read here (arm-contract 4). */
export interface ConnectedCluster {
  readonly id: string;
  readonly location: string;
  readonly properties: {
    readonly provisioningState?: string;
    readonly connectivityStatus?: string;
    readonly lastConnectivityTime?: string;
  };
}

/** A cluster extension, as far as it is read here (arm-contract 3). `errorInfo` is not wrapped in `error`. */
export interface Extension {
  readonly name: string;
  readonly properties: {
    readonly extensionType?: string;
    readonly provisioningState?: string;
    readonly currentVersion?: string | null;
    readonly statuses?: readonly ExtensionStatus[] | null;
    readonly errorInfo?: ArmErrorBody | null;
  };
}

/** One status line that the agent in the cluster reported. */
export interface ExtensionStatus {
  readonly code?: string;
  readonly displayStatus?: string;
  readonly level?: string;
  readonly message?: string;
}

/** What lets Azure ML into an AKS cluster without local accounts (extension.md 7, peers 1.6). */
export interface TrustedAccessRoleBinding {
  readonly name: string;
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

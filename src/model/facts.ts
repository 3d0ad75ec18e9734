import type {
  ConnectedCluster,
  Extension,
  ManagedCluster,
  Permission,
  TrustedAccessRoleBinding,
  Workspace,
} from "./azure-resources.ts";
import type { Compute } from "./compute.ts";
import type { Observed } from "./observed.ts";
import type { AttachRequest, CommonRequest, DetachRequest } from "./request.ts";

/** What every action sees before it plans. */
export interface CommonFacts<Request extends CommonRequest> {
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
export interface AttachFacts extends CommonFacts<AttachRequest> {
  readonly cluster: ObservedCluster;
  readonly extensions: Observed<readonly Extension[]>;
}

/** What `detach` sees. */
export type DetachFacts = CommonFacts<DetachRequest>;

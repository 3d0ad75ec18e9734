import type { Permission, TrustedAccessRoleBinding } from "./azure-resources.ts";
import type { Compute } from "./compute.ts";
import type { ComputeWork } from "./compute-work.ts";
import type { ClusterFacts } from "./facts.ts";
import type { Observed } from "./observed.ts";
import type { ClusterRequest, UpdateRequest } from "./request.ts";

/** What `update-components` is asked of a Kubernetes compute, whose cluster is known. */
export type KubernetesUpdateRequest = UpdateRequest & ClusterRequest;

/** What `update-components` sees of a Kubernetes compute. */
export interface KubernetesUpdateFacts extends ClusterFacts<KubernetesUpdateRequest> {
  readonly compute: Compute;
  readonly work: ComputeWork;
  /** What the caller may do with the cluster. */
  readonly clusterPermissions: Observed<readonly Permission[]>;
  /** What lets workspaces into an AKS cluster; of an Arc cluster there is none. */
  readonly bindings: Observed<readonly TrustedAccessRoleBinding[]>;
}

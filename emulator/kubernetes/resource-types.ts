/** The kinds of objects that a cluster's API serves here, and what may be done with each. */

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  shortNames: readonly string[];
  namespaced: boolean;
  verbs: readonly Verb[];
  /** Fields that a `fieldSelector` may name besides `metadata.name` and `metadata.namespace`. */
  selectable: readonly string[];
  /** A custom resource: its list says the kind of each item, and it is there only while its definition is. */
  custom: boolean;
}

const READ: readonly Verb[] = ["get", "list", "watch"];
/** The legacy router's objects are deleted (extension 8); nobody writes these kinds otherwise. */
const DELETABLE: readonly Verb[] = ["delete", ...READ];
const ALL: readonly Verb[] = ["create", "delete", "get", "list", "patch", "update", "watch"];

interface More {
  verbs?: readonly Verb[];
  namespaced?: boolean;
  selectable?: readonly string[];
  custom?: boolean;
}

function type(group: string, version: string, names: string, kind: string, more: More = {}): ResourceType {
  const [plural = "", ...shortNames] = names.split(" ");
  return {
    group,
    version,
    plural,
    singular: kind.toLowerCase(),
    kind,
    shortNames,
    namespaced: more.namespaced ?? true,
    verbs: more.verbs ?? READ,
    selectable: more.selectable ?? [],
    custom: more.custom ?? false,
  };
}

const POD_FIELDS = ["spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase"];
const EVENT_FIELDS = [
  "involvedObject.kind",
  "involvedObject.namespace",
  "involvedObject.name",
  "involvedObject.uid",
  "reason",
  "type",
  "reportingComponent",
];

export const RESOURCE_TYPES: readonly ResourceType[] = [
  type("", "v1", "namespaces ns", "Namespace", {
    namespaced: false,
    verbs: ALL,
    selectable: ["status.phase"],
  }),
  type("", "v1", "nodes no", "Node", { namespaced: false, selectable: ["spec.unschedulable"] }),
  type("", "v1", "pods po", "Pod", { selectable: POD_FIELDS }),
  type("", "v1", "events ev", "Event", { selectable: EVENT_FIELDS }),
  type("", "v1", "services svc", "Service", {
    verbs: DELETABLE,
    selectable: ["spec.clusterIP", "spec.type"],
  }),
  type("", "v1", "endpoints ep", "Endpoints"),
  type("", "v1", "secrets", "Secret", { verbs: ALL, selectable: ["type"] }),
  type("", "v1", "configmaps cm", "ConfigMap", { verbs: ALL }),
  type("", "v1", "serviceaccounts sa", "ServiceAccount", { verbs: DELETABLE }),
  type("", "v1", "resourcequotas quota", "ResourceQuota"),
  type("apps", "v1", "deployments deploy", "Deployment", { verbs: DELETABLE }),
  type("apps", "v1", "daemonsets ds", "DaemonSet"),
  type("apps", "v1", "statefulsets sts", "StatefulSet"),
  type("apps", "v1", "replicasets rs", "ReplicaSet"),
  type("batch", "v1", "jobs", "Job", { selectable: ["status.successful"] }),
  type("coordination.k8s.io", "v1", "leases", "Lease", { verbs: ALL }),
  type("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", {
    namespaced: false,
    verbs: DELETABLE,
  }),
  type("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", {
    namespaced: false,
    verbs: DELETABLE,
  }),
  type("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
  type("apiextensions.k8s.io", "v1", "customresourcedefinitions crd crds", "CustomResourceDefinition", {
    namespaced: false,
  }),
  type(
    "admissionregistration.k8s.io",
    "v1",
    "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
    {
      namespaced: false,
    },
  ),
  type("amlarc.azureml.com", "v1alpha1", "instancetypes", "InstanceType", {
    namespaced: false,
    custom: true,
  }),
  type("security.openshift.io", "v1", "securitycontextconstraints scc", "SecurityContextConstraints", {
    namespaced: false,
    custom: true,
  }),
];

/** `deployments.apps`, as the API server names a kind in its messages. */
export function qualifiedName({ plural, group }: ResourceType): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** `apps/v1`, as objects carry it. */
export function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}

export function typeOfKind(kind: string): ResourceType {
  const found = RESOURCE_TYPES.find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no kind ${kind}`);
  return found;
}

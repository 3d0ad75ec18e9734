import { decoded } from "../http.ts";
import { listPermissions } from "./authorization.ts";
import type { Handler } from "./call.ts";
import { getCommandResult, listClusterUserCredential, runCommand } from "./cluster-access.ts";
import { getTrustedAccess } from "./clusters.ts";
import { deleteCompute, getCompute, listKeys, patchCompute, putCompute } from "./computes.ts";
import { EXTENSION_ROUTES } from "./extension-routes.ts";
import { deleteExtension, getExtension, patchExtension, putExtension } from "./extensions.ts";
import {
  getProvider,
  getResourceGroup,
  getSubscription,
  headResourceGroup,
  listSubscriptions,
  listTenants,
  registerProvider,
} from "./groups.ts";
import { LEGACY_ROUTES } from "./managed-clusters-routes.ts";
import { operationResult, operationStatus } from "./monitors.ts";
import { getResource, listBelow, listOf, pathOf, require, TYPES } from "./reading.ts";
import type { VersionedType } from "./versions.ts";
import { WORKSPACE_ROUTES } from "./workspace-routes.ts";

/** One operation of Resource Manager. */
export interface Route {
  method: "GET" | "HEAD" | "PUT" | "PATCH" | "POST" | "DELETE";
  /** Segments; `{name}` takes one, matched without regard to case. */
  path: string;
  /** Which api-versions it takes; undefined: any (status monitors, whose URL is given by Azure). */
  versions?: VersionedType;
  /** What the caller must be allowed to do; undefined: a valid token suffices. */
  action?: string;
  /** Query parameters besides api-version; `required` ones must be there. Undefined: any. */
  query?: readonly string[];
  required?: readonly string[];
  body?: "required";
  handler: Handler;
}

const S = "/subscriptions/{subscriptionId}";
const RG = `${S}/resourceGroups/{resourceGroup}`;
const ML = "providers/Microsoft.MachineLearningServices";
const W = `${RG}/${ML}/workspaces/{workspace}`;
const C = `${W}/computes/{compute}`;
const AKS = "providers/Microsoft.ContainerService/managedClusters";
const M = `${RG}/${AKS}/{cluster}`;
const ARC = "providers/Microsoft.Kubernetes/connectedClusters";
const A = `${RG}/${ARC}/{cluster}`;
const E = `${RG}/providers/{clusterRp}/{clusterType}/{cluster}/providers/Microsoft.KubernetesConfiguration/extensions`;
const PERMISSIONS = "providers/Microsoft.Authorization/permissions";
const COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes";
const EXTENSIONS = "Microsoft.KubernetesConfiguration/extensions";

const permissions: Handler = (call) => {
  const scope = pathOf(call).replace(/\/providers\/Microsoft\.Authorization\/permissions$/i, "");
  if (/\/providers\//i.test(scope)) require(call, scope);
  return listPermissions(call, scope);
};

const get = (
  path: string,
  versions: VersionedType,
  action: string,
  handler: Handler,
  query: string[] = [],
): Route => ({
  method: "GET",
  path,
  versions,
  action,
  query,
  handler,
});

/** A status monitor: any query, no right but a token, since the signature stands for both (arm-contract 1.7). */
const monitor = (path: string, handler: Handler): Route => ({
  method: "GET",
  path: `${path}/{operationId}`,
  handler,
});

/** Everything that Resource Manager does here. Sources: arm-contract 1.2 (computes), 2 to 5, 7; testbed 7 (monitors). */
export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/tenants", versions: "subscriptions", query: [], handler: listTenants },
  { method: "GET", path: "/subscriptions", versions: "subscriptions", query: [], handler: listSubscriptions },
  get(S, "subscriptions", "Microsoft.Resources/subscriptions/read", getSubscription),
  get(RG, "resources", "Microsoft.Resources/subscriptions/resourceGroups/read", getResourceGroup),
  {
    method: "HEAD",
    path: RG,
    versions: "resources",
    action: "Microsoft.Resources/subscriptions/resourceGroups/read",
    query: [],
    handler: headResourceGroup,
  },
  get(
    `${S}/providers/{namespace}`,
    "resources",
    "Microsoft.Resources/subscriptions/providers/read",
    getProvider,
    ["$expand"],
  ),
  {
    method: "POST",
    path: `${S}/providers/{namespace}/register`,
    versions: "resources",
    action: "{namespace}/register/action",
    query: [],
    handler: registerProvider,
  },

  get(`${RG}/${PERMISSIONS}`, "permissions", "Microsoft.Authorization/permissions/read", permissions),
  get(`${W}/${PERMISSIONS}`, "permissions", "Microsoft.Authorization/permissions/read", permissions),
  get(`${M}/${PERMISSIONS}`, "permissions", "Microsoft.Authorization/permissions/read", permissions),
  get(`${A}/${PERMISSIONS}`, "permissions", "Microsoft.Authorization/permissions/read", permissions),

  get(`${RG}/${ML}/workspaces`, "machineLearning", `${TYPES.workspace}/read`, listOf(TYPES.workspace), [
    "$skip",
  ]),
  get(`${S}/${ML}/workspaces`, "machineLearning", `${TYPES.workspace}/read`, listOf(TYPES.workspace), [
    "$skip",
  ]),
  get(W, "machineLearning", `${TYPES.workspace}/read`, getResource),
  get(`${W}/computes`, "machineLearning", `${COMPUTES}/read`, listBelow(TYPES.compute), ["$skip"]),
  get(C, "machineLearning", `${COMPUTES}/read`, getCompute),
  {
    method: "PUT",
    path: C,
    versions: "machineLearning",
    action: `${COMPUTES}/write`,
    query: [],
    body: "required",
    handler: putCompute,
  },
  {
    method: "PATCH",
    path: C,
    versions: "machineLearning",
    action: `${COMPUTES}/write`,
    query: [],
    body: "required",
    handler: patchCompute,
  },
  {
    method: "DELETE",
    path: C,
    versions: "machineLearning",
    action: `${COMPUTES}/delete`,
    query: ["underlyingResourceAction"],
    required: ["underlyingResourceAction"],
    handler: deleteCompute,
  },
  {
    method: "POST",
    path: `${C}/listKeys`,
    versions: "machineLearning",
    action: `${COMPUTES}/listKeys/action`,
    query: [],
    handler: listKeys,
  },

  get(`${RG}/${AKS}`, "containerService", `${TYPES.managedCluster}/read`, listOf(TYPES.managedCluster), [
    "$skip",
  ]),
  get(`${S}/${AKS}`, "containerService", `${TYPES.managedCluster}/read`, listOf(TYPES.managedCluster), [
    "$skip",
  ]),
  get(M, "containerService", `${TYPES.managedCluster}/read`, getResource),
  get(
    `${M}/trustedAccessRoleBindings`,
    "containerService",
    `${TYPES.trustedAccess}/read`,
    listBelow(TYPES.trustedAccess),
    ["$skip"],
  ),
  get(
    `${M}/trustedAccessRoleBindings/{binding}`,
    "containerService",
    `${TYPES.trustedAccess}/read`,
    getTrustedAccess,
  ),
  {
    method: "POST",
    path: `${M}/listClusterUserCredential`,
    versions: "containerService",
    action: `${TYPES.managedCluster}/listClusterUserCredential/action`,
    query: ["server-fqdn", "format"],
    handler: listClusterUserCredential,
  },
  {
    method: "POST",
    path: `${M}/runCommand`,
    versions: "containerService",
    action: `${TYPES.managedCluster}/runCommand/action`,
    query: [],
    body: "required",
    handler: runCommand,
  },
  get(
    `${M}/commandResults/{commandId}`,
    "containerService",
    `${TYPES.managedCluster}/commandResults/read`,
    getCommandResult,
  ),

  get(`${RG}/${ARC}`, "connectedClusters", `${TYPES.connectedCluster}/read`, listOf(TYPES.connectedCluster), [
    "$skip",
  ]),
  get(`${S}/${ARC}`, "connectedClusters", `${TYPES.connectedCluster}/read`, listOf(TYPES.connectedCluster), [
    "$skip",
  ]),
  get(A, "connectedClusters", `${TYPES.connectedCluster}/read`, getResource),

  get(E, "extensions", `${EXTENSIONS}/read`, listBelow(TYPES.extension), ["$skip"]),
  get(`${E}/{extension}`, "extensions", `${EXTENSIONS}/read`, getExtension),
  {
    method: "PUT",
    path: `${E}/{extension}`,
    versions: "extensions",
    action: `${EXTENSIONS}/write`,
    query: [],
    body: "required",
    handler: putExtension,
  },
  {
    method: "PATCH",
    path: `${E}/{extension}`,
    versions: "extensions",
    action: `${EXTENSIONS}/write`,
    query: [],
    body: "required",
    handler: patchExtension,
  },
  {
    method: "DELETE",
    path: `${E}/{extension}`,
    versions: "extensions",
    action: `${EXTENSIONS}/delete`,
    query: ["forceDelete"],
    handler: deleteExtension,
  },

  monitor(`${S}/${ML}/locations/{location}/computeOperationsStatus`, operationStatus),
  monitor(`${S}/${ML}/locations/{location}/computeOperationsResults`, operationResult),
  monitor(`${S}/providers/Microsoft.ContainerService/locations/{location}/operations`, operationStatus),
  monitor(`${S}/providers/Microsoft.ContainerService/locations/{location}/operationresults`, operationResult),
  monitor("/providers/Microsoft.Kubernetes/locations/{location}/operationStatuses", operationStatus),
  monitor(`${E}/{extension}/operations`, operationStatus),
  monitor(`${C}/operations`, operationStatus),
];

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** The route of a request; undefined when there is none. */
export function matchRoute(method: string, path: string): Match | undefined {
  const segments = decoded(path).replace(/\/+$/, "").split("/");
  for (const route of [...ROUTES, ...WORKSPACE_ROUTES, ...EXTENSION_ROUTES, ...LEGACY_ROUTES]) {
    const params = route.method === method ? matchSegments(route.path.split("/"), segments) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const given = segments[index] ?? "";
    const name = /^\{(.+)\}$/.exec(wanted)?.[1];
    if (name !== undefined && given !== "") params[name] = given;
    else if (wanted.toLowerCase() !== given.toLowerCase()) return undefined;
  }
  return params;
}

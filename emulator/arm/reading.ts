import { providerError, resourceNotFound } from "../errors.ts";
import { decoded, json, type Reply } from "../http.ts";
import { parseResourceId } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { present } from "./presentation.ts";

/** GET of resources and lists: what all types have in common. */

export const TYPES = {
  workspace: "Microsoft.MachineLearningServices/workspaces",
  compute: "Microsoft.MachineLearningServices/workspaces/computes",
  job: "Microsoft.MachineLearningServices/workspaces/jobs",
  onlineEndpoint: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
  onlineDeployment: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
  managedCluster: "Microsoft.ContainerService/managedClusters",
  trustedAccess: "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings",
  connectedCluster: "Microsoft.Kubernetes/connectedClusters",
  extension: "Microsoft.KubernetesConfiguration/extensions",
} as const;

/** The resource that the request's path names, if it is there and already visible. */
export function find(call: Call, id: string): StoredResource | undefined {
  const resource = call.world.resource(id);
  return resource && resource.visibleFrom <= call.world.clock.now() ? resource : undefined;
}

/** The resource, or the gateway's 404 (testbed 7). */
export function require(call: Call, id: string): StoredResource {
  const resource = find(call, id);
  if (resource) return resource;
  const parts = parseResourceId(id);
  throw resourceNotFound(parts?.type ?? "resource", parts?.name ?? id, parts?.resourceGroup ?? "");
}

/** GET of a tracked resource. */
export function getResource(call: Call): Reply {
  return json(200, present(call.world, require(call, pathOf(call))));
}

/** A list of one type below the scope that the path spells before the type. */
export function listOf(type: string) {
  return (call: Call): Reply => {
    const scope = call.params["resourceGroup"]
      ? `/subscriptions/${param(call, "subscriptionId")}/resourceGroups/${param(call, "resourceGroup")}`
      : `/subscriptions/${param(call, "subscriptionId")}`;
    return page(call, call.world.store.list(type, scope));
  };
}

/** A list of children; their parent must exist. */
export function listBelow(type: string) {
  return (call: Call): Reply => {
    const parent = pathOf(call)
      .split("/")
      .slice(0, type.endsWith("extensions") ? -3 : -1)
      .join("/");
    require(call, parent);
    return page(call, call.world.store.list(type, parent));
  };
}

/** arm-contract 1.2: pages linked by an absolute `nextLink`. testbed 7: extensions end with `"nextLink":null`. */
function page(call: Call, resources: readonly StoredResource[]): Reply {
  const { world, origin, request } = call;
  world.operations.settle();
  const visible = resources.filter((one) => one.visibleFrom <= world.clock.now());
  const skip = Number(request.url.searchParams.get("$skip") ?? "0");
  if (!Number.isInteger(skip) || skip < 0) throw providerError(400, "BadRequest", "$skip is not valid.");
  const next = skip + Math.max(1, world.knobs.pageSize);
  const body: JsonObject = { value: visible.slice(skip, next).map((one) => present(world, one)) };
  if (next < visible.length) {
    body["nextLink"] = `${origin}${request.path}?api-version=${call.apiVersion}&%24skip=${next}`;
  } else if (/\/extensions$/i.test(request.path)) {
    body["nextLink"] = null;
  }
  return json(200, body);
}

/** The decoded path of the request, without a trailing slash: a resource's id as the caller spells it. */
export function pathOf(call: Call): string {
  return decoded(call.request.path).replace(/\/+$/, "");
}

import { decoded, type Incoming, type Reply } from "../http.ts";
import { uuid } from "../ids.ts";
import type { World } from "../world.ts";
import { accessReview, authorize, rulesReview } from "./access.ts";
import { finishCleanups } from "./balancers.ts";
import { readBody } from "./body.ts";
import type { KubernetesCluster, User } from "./cluster.ts";
import { discovery } from "./discovery.ts";
import { podLog } from "./logs.ts";
import { getObject, listObjects } from "./reading.ts";
import type { ResourceType, Verb } from "./resource-types.ts";
import { signIn } from "./sign-in.ts";
import { badRequest, KubernetesError, methodNotAllowed, unknownPath } from "./status.ts";
import { watchObjects } from "./watching.ts";
import { createObject, deleteObject, patchObject, replaceObject } from "./writing.ts";

/** A request to an API server that has been signed in and understood. */
export interface ApiCall {
  world: World;
  cluster: KubernetesCluster;
  request: Incoming;
  user: User;
  type: ResourceType;
  /** Undefined for the whole cluster. */
  namespace: string | undefined;
  /** Empty for a collection. */
  name: string;
  subresource: string | undefined;
  query: URLSearchParams;
}

type ApiHandler = (call: ApiCall) => Reply;

const HANDLERS: Record<Verb, ApiHandler> = {
  get: (call) => (call.subresource === "log" ? podLog(call) : getObject(call)),
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: replaceObject,
  patch: patchObject,
  delete: deleteObject,
};

/** The real API server ignores what it does not know; a client's misspelling is worth a refusal here. */
const PARAMETERS = [
  ...["pretty", "watch", "limit", "continue", "labelSelector", "fieldSelector", "timeoutSeconds", "timeout"],
  ...["resourceVersion", "resourceVersionMatch", "allowWatchBookmarks", "sendInitialEvents"],
  ...["fieldManager", "fieldValidation", "force", "dryRun", "propagationPolicy", "gracePeriodSeconds"],
  ...["container", "tailLines", "limitBytes", "previous", "timestamps", "sinceSeconds", "follow"],
];

/**
 * The API server of one cluster. `path` is the request's path without what leads to the cluster; a `known` user has
 * signed in elsewhere.
 */
export function kubernetesApi(
  world: World,
  cluster: KubernetesCluster,
  path: string,
  request: Incoming,
  known?: User,
): Reply {
  finishCleanups(world, cluster);
  const reply = answered(() => {
    const user = known ?? signIn(world, cluster, request);
    return discovery(world, cluster, path, request) ?? reviews(cluster, path, request) ?? resource(user);
  });
  const headers = {
    "audit-id": uuid(),
    "cache-control": "no-cache, private",
    "content-type": "application/json",
    // By the clock of the server: leases are judged by it.
    date: new Date(world.clock.now()).toUTCString(),
  };
  return { ...reply, headers: { ...headers, ...reply.headers } };

  function resource(user: User): Reply {
    const call = {
      world,
      cluster,
      request,
      user,
      query: request.url.searchParams,
      ...located(cluster, path),
    };
    const verb = verbOf(call);
    authorize(cluster, user, { ...call, verb });
    checkParameters(call.query);
    const nowhere = verb === "create" && call.type.namespaced && call.namespace === undefined;
    if (!call.type.verbs.includes(verb) || nowhere) throw methodNotAllowed();
    return HANDLERS[verb](call);
  }
}

function answered(answer: () => Reply): Reply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof KubernetesError) return error.reply();
    throw error;
  }
}

/** Everybody may ask what he may do (RBAC: `system:basic-user`). */
function reviews(cluster: KubernetesCluster, path: string, request: Incoming): Reply | undefined {
  const asked = /^\/apis\/authorization\.k8s\.io\/v1\/(selfsubject(?:access|rules)reviews)$/.exec(path)?.[1];
  if (asked === undefined) return undefined;
  if (request.method !== "POST") throw methodNotAllowed();
  const review = asked === "selfsubjectaccessreviews" ? accessReview : rulesReview;
  return { status: 201, body: review(cluster, readBody(request)) };
}

type Location = Pick<ApiCall, "type" | "namespace" | "name" | "subresource">;

function located(cluster: KubernetesCluster, path: string): Location {
  const match = /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))\/(.+?)\/?$/.exec(decoded(path));
  const group = match?.[2] ?? "";
  const version = match?.[1] ?? match?.[3];
  const segments = match?.[4]?.split("/") ?? [];
  const inNamespace = segments[0] === "namespaces" && segments.length > 2;
  const [plural = "", name = "", subresource, ...rest] = inNamespace ? segments.slice(2) : segments;
  const type = cluster
    .types()
    .find((one) => one.group === group && one.version === version && one.plural === plural);
  const knownSubresource = subresource === undefined || (plural === "pods" && subresource === "log");
  if (
    !type ||
    rest.length > 0 ||
    !knownSubresource ||
    inNamespace !== needsNamespace(type, inNamespace, name)
  )
    throw unknownPath();
  return { type, namespace: inNamespace ? segments[1] : undefined, name, subresource };
}

/** A namespaced object is found in its namespace only; a namespaced collection also across the cluster. */
function needsNamespace(type: ResourceType, given: boolean, name: string): boolean {
  return type.namespaced && (given || name !== "");
}

function verbOf({ request, name, query }: { request: Incoming; name: string; query: URLSearchParams }): Verb {
  const collection = name === "";
  const watching = ["true", "1"].includes(query.get("watch") ?? "");
  if (request.method === "GET") return collection ? (watching ? "watch" : "list") : "get";
  if (request.method === "POST" && collection) return "create";
  if (request.method === "PUT" && !collection) return "update";
  if (request.method === "PATCH" && !collection) return "patch";
  if (request.method === "DELETE" && !collection) return "delete";
  throw methodNotAllowed();
}

function checkParameters(query: URLSearchParams): void {
  const unknown = [...query.keys()].find((key) => !PARAMETERS.includes(key));
  if (unknown !== undefined) throw badRequest(`EmulatorUnknownQueryParameter: '${unknown}'`);
}

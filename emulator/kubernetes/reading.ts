import { randomBytes } from "node:crypto";
import { json, type Reply } from "../http.ts";
import type { JsonObject } from "../json.ts";
import type { ApiCall } from "./api.ts";
import type { Continued } from "./cluster.ts";
import { apiVersionOf } from "./resource-types.ts";
import { selector } from "./selectors.ts";
import { badRequest, expired, notFound } from "./status.ts";

/** GET of one object. */
export function getObject(call: ApiCall): Reply {
  const object = call.cluster.objects.get(call.type, call.namespace ?? "", call.name);
  if (!object) throw notFound(call.type, call.name);
  return json(200, wantsMetadata(call) ? partial(object) : object);
}

/** GET of a collection, in pages where `limit` asks for them (Kubernetes documentation, "API Concepts"). */
export function listObjects(call: ApiCall): Reply {
  const { cluster, type, query } = call;
  const limit = numberOf(query, "limit");
  const token = query.get("continue");
  const rest = token ? continued(call, token) : fresh(call);
  const page = limit > 0 ? rest.items.slice(0, limit) : rest.items;
  const remaining = rest.items.slice(page.length);
  const metadata: JsonObject = { resourceVersion: String(rest.version) };
  if (remaining.length > 0) {
    const next = randomBytes(48).toString("base64url");
    cluster.continued.set(next, { ...rest, items: remaining });
    metadata["continue"] = next;
    // With a selector the server doesn't know how many are left.
    if (!query.has("labelSelector") && !query.has("fieldSelector"))
      metadata["remainingItemCount"] = remaining.length;
  }
  if (wantsMetadata(call)) {
    const kind = "PartialObjectMetadataList";
    return json(200, { kind, apiVersion: "meta.k8s.io/v1", metadata, items: page.map(partial) });
  }
  const items = type.custom ? page : page.map(withoutKind);
  return json(200, { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items });
}

function fresh(call: ApiCall): Continued {
  const { cluster, type, namespace, query } = call;
  const items = cluster.objects.list(type, namespace).filter(selector(type, query));
  return { list: listName(call), items, version: cluster.objects.version };
}

/** A token leads on in the list as it was when its first page was read; the knob `expireContinue` lets it grow old. */
function continued(call: ApiCall, token: string): Continued {
  const { cluster } = call;
  const rest = cluster.continued.get(token);
  if (!rest) throw badRequest("continue key is not valid: illegal base64 data");
  if (rest.list !== listName(call)) throw badRequest("continue key is not valid: it belongs to another list");
  if (cluster.knobs.expireContinue === "never") return rest;
  if (cluster.knobs.expireContinue === "once") cluster.knobs.expireContinue = "never";
  const inconsistent = randomBytes(48).toString("base64url");
  cluster.continued.set(inconsistent, rest);
  throw expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    inconsistent,
  );
}

function listName({ type, namespace, query }: ApiCall): string {
  const selectors = [query.get("labelSelector") ?? "", query.get("fieldSelector") ?? ""];
  return [type.group, type.plural, namespace ?? "", ...selectors].join("|");
}

/** A number among the parameters; 0 where there is none. */
export function numberOf(query: URLSearchParams, name: string): number {
  const given = query.get(name);
  if (given === null || given === "") return 0;
  if (/^\d+$/.test(given)) return Number(given);
  throw badRequest(`strconv.ParseInt: parsing "${given}": invalid syntax`);
}

/** `Accept: application/json;as=PartialObjectMetadata...;g=meta.k8s.io;v=v1`. */
function wantsMetadata({ request }: ApiCall): boolean {
  return /;\s*as=PartialObjectMetadata/.test(request.headers["accept"] ?? "");
}

function partial(object: JsonObject): JsonObject {
  const { metadata } = object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

/** Items of a list of built-in objects don't say what they are: the list does. */
function withoutKind({ kind: _kind, apiVersion: _version, ...rest }: JsonObject): JsonObject {
  return rest;
}

import { createHash } from "node:crypto";
import { ArmError, type ErrorBody } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import type { Application } from "../identity/directory.ts";
import { keyOf, uuid } from "../ids.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { isAllowed } from "./authorization.ts";
import type { Call } from "./call.ts";
import { KustoError, type KustoQuery, parseKusto } from "./kusto.ts";
import { present } from "./presentation.ts";
import { TYPES } from "./reading.ts";
import * as shape from "./shape.ts";

/**
 * The tables and what is in them (Microsoft's reference of tables and resource types). Computes of a workspace are in
 * none, although endpoints are; Trusted Access bindings neither.
 */
const TABLES: Record<string, readonly string[]> = {
  resources: [TYPES.workspace, TYPES.managedCluster, TYPES.connectedCluster],
  kubernetesconfigurationresources: [TYPES.extension],
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** arm-contract 6. */
const BODY = shape.object(
  {
    query: shape.text,
    subscriptions: { kind: "list", item: shape.text },
    managementGroups: { kind: "list", item: shape.text },
    options: shape.object({
      $skipToken: shape.text,
      $top: { kind: "integer", minimum: 1 },
      $skip: { kind: "integer", minimum: 0 },
      resultFormat: shape.oneOf("table", "objectArray"),
      allowPartialScopes: shape.boolean,
      authorizationScopeFilter: shape.text,
    }),
  },
  ["query"],
);

/** POST of a query: a page of its rows, in the order that the query gives. */
export function queryResources(call: Call): Reply {
  const { body, world } = call;
  const quota = takeQuota(call);
  const [problem] = shape.problems(BODY, body);
  if (problem) throw badRequest(world, { code: "InvalidRequest", message: problem }, quota);
  const scopes = scopesOf(call, quota);
  const query = understood(world, String(body["query"]), quota);
  const rows = query.run(rowsOf(call, query, scopes));
  return json(200, pageOf(call, rows, quota), quota);
}

/** Microsoft's guidance for throttled requests: so many queries of one user in a window, told in every answer. */
function takeQuota({ world, principal }: Call): Record<string, string> {
  const { queries, seconds } = world.knobs.resourceGraphQuota;
  const now = world.clock.now();
  const known = world.graphQuotas.get(principal.clientId);
  const window = known && known.endsAt > now ? known : { endsAt: now + seconds * 1000, used: 0 };
  world.graphQuotas.set(principal.clientId, { ...window, used: window.used + 1 });
  const left = Math.ceil((window.endsAt - now) / 1000);
  const headers = {
    "x-ms-user-quota-remaining": String(Math.max(0, queries - window.used - 1)),
    "x-ms-user-quota-resets-after": new Date(left * 1000).toISOString().slice(11, 19),
  };
  if (window.used < queries) return headers;
  // As a user has quoted it (Azure/azure-cli-extensions#3325).
  const message =
    "Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.";
  throw refusal(world, 429, "RateLimiting", [{ code: "RateLimiting", message }], headers);
}

/**
 * The subscriptions that are looked through. One that the caller can't see is left out without a word; only where none
 * is left the query is refused (reported by users of 2022-10-01, with the code).
 */
function scopesOf({ world, body, principal }: Call, quota: Record<string, string>): Set<string> {
  const given = textsOf(body["subscriptions"]);
  const strange = given.filter((id) => !GUID.test(id));
  if (strange.length > 0) {
    const message = `The following subscriptions are not valid: '${strange.join(", ")}'.`;
    throw badRequest(world, { code: "SubscriptionsContainInvalidGuids", message }, quota);
  }
  const groups = textsOf(body["managementGroups"]);
  const unknown = groups.find((name) => !world.managementGroups.has(keyOf(name)));
  if (unknown !== undefined) {
    // A guess: what is quoted of management groups that can't be seen is the code alone (microsoft/ARI#255).
    const message = `Access to the management group '${unknown}' is denied.`;
    throw refusal(world, 403, "AccessDenied", [{ code: "AccessDenied", message }], quota);
  }
  const below = groups.flatMap((name) => world.managementGroups.get(keyOf(name)) ?? []);
  const none = given.length === 0 && groups.length === 0;
  const wanted = none ? [...world.subscriptions.keys()] : [...given, ...below];
  const eligible = wanted.map(keyOf).filter((id) => isEligible(world, principal, id));
  if (eligible.length === 0) {
    const message = `There must be at least one subscription that is eligible to contain resources. Given: '${wanted.join(",")}'.`;
    throw badRequest(world, { code: "NoValidSubscriptionsInQueryRequest", message }, quota);
  }
  return new Set(eligible);
}

/** A role in the subscription, or in something of it. */
function isEligible(world: World, { grants }: Application, subscription: string): boolean {
  const scope = `/subscriptions/${subscription}`;
  return (
    world.subscriptions.has(subscription) &&
    grants.some((grant) => {
      const granted = keyOf(grant.scope) || "/";
      return granted === "/" || granted === scope || granted.startsWith(`${scope}/`);
    })
  );
}

function understood(world: World, text: string, quota: Record<string, string>): KustoQuery {
  try {
    const query = parseKusto(text);
    if (TABLES[query.table]) return query;
    const details = { code: "UnsupportedTable", message: `Table ${query.table} is not supported.` };
    throw badRequest(world, details, quota);
  } catch (error) {
    if (!(error instanceof KustoError)) throw error;
    const { token, expected } = error;
    const where = { line: token.line, characterPositionInLine: token.position, token: token.text };
    // The shape that users quote (Azure/aztfexport#485, Azure/azure-powershell#13762).
    const details: ErrorBody[] = [
      {
        code: "InvalidQuery",
        message:
          "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
      },
      { code: "ParserFailure", message: "ParserFailure", ...where, expectedToken: expected } as ErrorBody,
    ];
    throw refusal(world, 400, "BadRequest", details, quota);
  }
}

function rowsOf({ world, principal }: Call, { table }: KustoQuery, scopes: Set<string>): JsonObject[] {
  const now = world.clock.now();
  world.operations.settle();
  return (TABLES[table] ?? [])
    .flatMap((type) => world.store.list(type, ""))
    .filter((one) => scopes.has(keyOf(one.subscriptionId)) && one.visibleFrom <= now)
    .filter((one) => isAllowed(principal, `${one.type}/read`, one.id))
    .map((one) => rowOf(world, one));
}

/** A resource as Resource Graph shows it: type, location and resource group in lower case, no tags as null. */
function rowOf(world: World, resource: StoredResource): JsonObject {
  const shown = present(world, resource);
  const { id, name, type, subscriptionId, resourceGroup } = resource;
  const tags = isObject(shown["tags"]) && Object.keys(shown["tags"]).length > 0 ? shown["tags"] : null;
  const location = typeof shown["location"] === "string" ? shown["location"] : "";
  const properties = isObject(shown["properties"]) ? shown["properties"] : {};
  return {
    id,
    name,
    type: type.toLowerCase(),
    tenantId: world.tenantId,
    location: location.toLowerCase().replaceAll(" ", ""),
    resourceGroup: resourceGroup.toLowerCase(),
    subscriptionId,
    tags,
    properties:
      type === TYPES.extension && world.knobs.resourceGraphCapitals ? capitalized(properties) : properties,
  };
}

/** Public queries on extensions spell `properties.ExtensionType`, `properties.ConfigurationSettings`. */
function capitalized(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      `${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      value,
    ]),
  );
}

/** A page, and the token that leads to the next: good for the same query alone. */
function pageOf({ world, body }: Call, rows: JsonObject[], quota: Record<string, string>): JsonObject {
  const options = isObject(body["options"]) ? body["options"] : {};
  const question = createHash("sha256")
    .update(JSON.stringify([body["query"], body["subscriptions"], body["managementGroups"]]))
    .digest("hex");
  const token = readToken(options["$skipToken"]);
  if (token === null || (token && token.question !== question)) {
    throw badRequest(world, { code: "InvalidSkipToken", message: "The skip token is not valid." }, quota);
  }
  const skip = Number(options["$skip"] ?? token?.skip ?? 0);
  const top = Math.min(Number(options["$top"] ?? token?.top ?? 1000), world.knobs.resourceGraphPage);
  const data = rows.slice(skip, skip + top);
  const more = skip + top < rows.length;
  // Rows without an id can't be paged (Microsoft's guide to paging results).
  const paged = more && data.every((row) => typeof row["id"] === "string");
  const next = Buffer.from(JSON.stringify({ question, skip: skip + top, top })).toString("base64");
  return {
    totalRecords: rows.length,
    count: data.length,
    resultTruncated: more ? "true" : "false",
    ...(paged && { $skipToken: next }),
    data,
    facets: [],
  };
}

function readToken(
  token: Json | undefined,
): { question: string; skip: number; top: number } | undefined | null {
  if (token === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(String(token), "base64").toString("utf8"));
  } catch {
    return null;
  }
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function badRequest(world: World, detail: ErrorBody, quota: Record<string, string>): ArmError {
  return refusal(world, 400, "BadRequest", [detail], quota);
}

/** Every error of Resource Graph speaks so, and tells what was wrong in its details. */
function refusal(
  world: World,
  status: number,
  code: string,
  details: ErrorBody[],
  headers: Record<string, string>,
): ArmError {
  const message = `Please provide below info when asking for support: timestamp = ${world.clock.zulu()}, correlationId = ${uuid()}.`;
  return new ArmError(status, { code, message, details }, headers);
}

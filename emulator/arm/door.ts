import { gatewayError, providerError } from "../errors.ts";
import { decoded, type Incoming, type Reply } from "../http.ts";
import type { Application } from "../identity/directory.ts";
import { keyOf } from "../ids.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { World } from "../world.ts";
import { authenticate } from "./authentication.ts";
import { authorizationFailed, isAllowed } from "./authorization.ts";
import { registrationState, requireResourceGroup, subscriptionNotFound } from "./groups.ts";
import { type Match, matchRoute, type Route } from "./routes.ts";
import { SUPPORTED } from "./versions.ts";

interface Visit {
  world: World;
  origin: string;
  foreignOrigin: string;
  request: Incoming;
}

/**
 * Resource Manager's front door: what is refused before a provider sees the request, in ARM's order as far as it is
 * known: route, token, api-version, subscription, rights, resource group, registration, query, body.
 */
export function resourceManager(visit: Visit): Reply {
  const { world, request, origin } = visit;
  const match = matchRoute(request.method, request.path);
  if (!match) throw unknownRoute(request);
  const principal = authenticate(world, origin, request);
  const apiVersion = checkVersion(world, match, request);
  checkSubscription(world, match, request);
  checkRights(world, match, request, principal);
  const { subscriptionId, resourceGroup } = match.params;
  if (subscriptionId && resourceGroup) requireResourceGroup(world, subscriptionId, resourceGroup);
  checkRegistration(world, match, request);
  checkQuery(match.route, request);
  const body = readBody(match.route, request);
  return match.route.handler({ ...visit, params: match.params, apiVersion, principal, body });
}

function unknownRoute(request: Incoming) {
  const message = `The emulator has no route for ${request.method} ${request.path}. Its table is emulator/arm/routes.ts.`;
  return providerError(404, "EmulatorUnknownRoute", message);
}

function checkVersion(world: World, { route, params }: Match, request: Incoming): string {
  const given = [...request.url.searchParams].filter(([key]) => key.toLowerCase() === "api-version");
  const version = given[0]?.[1];
  if (!route.versions) return version ?? "";
  if (!version) {
    const message = "The api-version query parameter (?api-version=) is required for all requests.";
    throw gatewayError(400, "MissingApiVersionParameter", message);
  }
  const supported = SUPPORTED[route.versions];
  if (given.length === 1 && supported.includes(version)) return version;
  if (given.length > 1 || !/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(version) || route.versions === "resources") {
    const message = `The api-version '${given.map(([, one]) => one).join(",")}' is invalid. The supported versions are '${supported.join(",")}'.`;
    throw gatewayError(400, "InvalidApiVersionParameter", message);
  }
  const type = Object.hasOwn(params, "compute") ? "workspaces/computes" : route.versions;
  const message = `No registered resource provider found for location '${world.location}' and API version '${version}' for type '${type}'. The supported api-versions are '${supported.join(", ")}'. The supported locations are ', ${world.location}'.`;
  throw gatewayError(400, "NoRegisteredProviderFound", message);
}

function checkSubscription(world: World, { route, params }: Match, request: Incoming): void {
  const { subscriptionId } = params;
  if (subscriptionId === undefined) return;
  const subscription = world.subscriptions.get(keyOf(subscriptionId));
  if (!subscription) throw subscriptionNotFound(subscriptionId);
  if (
    subscription.state !== "Enabled" &&
    request.method !== "GET" &&
    request.method !== "HEAD" &&
    route.action
  ) {
    const message = `The subscription '${subscriptionId}' is disabled and therefore marked as read only. You cannot perform any write actions on this subscription until it is re-enabled.`;
    throw gatewayError(409, "ReadOnlyDisabledSubscription", message);
  }
}

function checkRights(
  world: World,
  { route, params }: Match,
  request: Incoming,
  principal: Application,
): void {
  if (!route.action) return;
  const readsPermissions = route.action === "Microsoft.Authorization/permissions/read";
  if (readsPermissions && !world.knobs.permissionsNeedAction) return;
  const action = route.action.replace("{namespace}", params["namespace"] ?? "");
  const scope = decoded(request.path)
    .replace(/\/providers\/Microsoft\.Authorization\/permissions$/i, "")
    .replace(/\/(listKeys|register|listClusterUserCredential|runCommand)$/i, "");
  if (!isAllowed(principal, action, scope)) throw authorizationFailed(principal, action, scope);
}

/** X7: a provider must be registered in the subscription before anything of it is written. */
function checkRegistration(world: World, { route }: Match, request: Incoming): void {
  const namespace = route.action?.split("/")[0];
  if (!namespace || !["PUT", "PATCH"].includes(request.method)) return;
  if (registrationState(world, namespace) === "Registered") return;
  const message = `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`;
  throw gatewayError(409, "MissingSubscriptionRegistration", message);
}

/** ARM ignores what it does not know; the emulator does not, as the referee does not. */
function checkQuery(route: Route, request: Incoming): void {
  if (!route.query) return;
  const { searchParams } = request.url;
  const allowed = ["api-version", ...route.query].map((one) => one.toLowerCase());
  const unknown = [...searchParams.keys()].find((key) => !allowed.includes(key.toLowerCase()));
  if (unknown !== undefined) {
    throw providerError(
      400,
      "EmulatorUnknownQueryParameter",
      `The operation has no query parameter '${unknown}'.`,
    );
  }
  const missing = (route.required ?? []).find((key) => !searchParams.get(key));
  if (missing !== undefined) {
    throw providerError(400, "BadRequest", `The query parameter '${missing}' is required.`);
  }
}

function readBody(route: Route, request: Incoming): JsonObject {
  if (!route.body) {
    if (request.body !== "" && request.body !== "{}") {
      throw providerError(400, "EmulatorUnexpectedBody", "The operation takes no request body.");
    }
    return {};
  }
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw gatewayError(415, "UnsupportedMediaType", "The content media type must be 'application/json'.");
  }
  try {
    const body: unknown = JSON.parse(request.body);
    if (isObject(body)) return body;
  } catch {
    // falls through to the refusal below
  }
  throw gatewayError(
    400,
    "InvalidRequestContent",
    "The request content was invalid and could not be deserialized.",
  );
}

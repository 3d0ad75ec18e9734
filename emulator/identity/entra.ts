import type { Incoming, Reply } from "../http.ts";
import { empty, json } from "../http.ts";
import { uuid } from "../ids.ts";
import type { World } from "../world.ts";
import { deviceCodePending, personal, startDeviceCode } from "./device-code.ts";
import type { Application } from "./directory.ts";
import { keySet, verifiedClaims } from "./jwt.ts";

/**
 * Microsoft Entra ID as clients meet it (testbed 5 and 9): instance discovery, OpenID configuration, keys, and the
 * v2.0 token endpoint for client secrets and client assertions.
 */
export function entra(world: World, origin: string, request: Incoming): Reply | undefined {
  if (request.path === "/common/discovery/instance") return json(200, instanceDiscovery(world, origin));
  const [tenant = "", ...rest] = request.path.slice(1).split("/");
  const route = rest.join("/");
  if (route === "v2.0/.well-known/openid-configuration") return openIdConfiguration(world, origin, tenant);
  if (route === "discovery/v2.0/keys") return json(200, keySet());
  if (route === "oauth2/v2.0/devicecode" && request.method === "POST") {
    return startDeviceCode(world, origin, request);
  }
  if (route === "oauth2/v2.0/token" && request.method === "POST") return token(world, request, tenant);
  return undefined;
}

function instanceDiscovery(world: World, origin: string) {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/${world.tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

/** testbed 5: a client fails when one of the first four is missing. */
function openIdConfiguration(world: World, origin: string, tenant: string): Reply {
  if (!knownTenant(world, tenant)) return unknownTenant(world, tenant);
  return json(200, {
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/devicecode`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    issuer: `${origin}/${tenant}/v2.0`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    response_types_supported: ["code", "id_token", "token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

function token(world: World, request: Incoming, tenant: string): Reply {
  if (!knownTenant(world, tenant)) return unknownTenant(world, tenant);
  const form = new URLSearchParams(request.body);
  if (personalGrants.includes(form.get("grant_type") ?? "")) return personalToken(world, form);
  if (form.get("grant_type") !== "client_credentials") {
    return refuse(
      world,
      400,
      "unsupported_grant_type",
      70003,
      "The app requested an unsupported grant type.",
    );
  }
  const clientId = form.get("client_id") ?? "";
  const application = world.directory.get(clientId);
  if (!application) {
    const message = `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
    return refuse(world, 400, "unauthorized_client", 700016, message);
  }
  const assertion = form.get("client_assertion");
  const refusal =
    assertion === null
      ? checkSecret(world, application, form.get("client_secret"))
      : checkAssertion(world, application, assertion, form.get("client_assertion_type"));
  return refusal ?? accept(world, application, form.get("scope"));
}

/** Those of a person: by a code (by its short name too, which MSAL gives), and by what the last sign-in gave. */
const personalGrants = ["urn:ietf:params:oauth:grant-type:device_code", "device_code", "refresh_token"];

function personalToken(world: World, form: URLSearchParams): Reply {
  const application = world.directory.get(form.get("client_id") ?? "");
  if (!application) return refuse(world, 400, "unauthorized_client", 700016, "There is no such application.");
  const pending = deviceCodePending(world, form);
  if (pending) return pending;
  const reply = accept(world, application, form.get("scope"));
  if (reply.status !== 200) return reply;
  return json(200, {
    ...Object(reply.body),
    ...personal(world, application),
    scope: form.get("scope") ?? "",
  });
}

function accept(world: World, application: Application, scope: string | null): Reply {
  const resource = scope?.split(" ").find((one) => one.endsWith("/.default"));
  if (!resource) {
    const message = `The provided value for the input parameter 'scope' is not valid. The scope ${scope ?? ""} is not valid.`;
    return refuse(world, 400, "invalid_scope", 1002012, message);
  }
  const audience = resource.slice(0, -"/.default".length);
  const lifetime = world.knobs.tokenLifetimeSeconds;
  return json(200, {
    token_type: "Bearer",
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: world.directory.issue(application, world.tenantId, audience, lifetime),
  });
}

function checkSecret(world: World, application: Application, secret: string | null): Reply | undefined {
  if (secret === null) {
    const message =
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return refuse(world, 401, "invalid_client", 7000218, message);
  }
  if (application.secrets.has(secret)) return undefined;
  const message = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${application.clientId}'.`;
  return refuse(world, 401, "invalid_client", 7000215, message);
}

/** testbed 9: signature, `iss`, `sub`, `aud` against the federated credentials, and `exp`. */
function checkAssertion(
  world: World,
  application: Application,
  assertion: string,
  type: string | null,
): Reply | undefined {
  if (type !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
    return refuse(
      world,
      400,
      "invalid_request",
      900144,
      "The 'client_assertion_type' is missing or not supported.",
    );
  }
  const claims = verifiedClaims(assertion);
  if (!claims) {
    const message = "Client assertion failed signature validation.";
    return refuse(world, 401, "invalid_client", 700027, message);
  }
  const { iss, sub, aud, exp } = claims;
  const known = application.federated.some(
    (one) => one.issuer === iss && one.subject === sub && one.audience === aud,
  );
  if (!known) {
    const message = `No matching federated identity record found for presented assertion issuer '${iss}', subject '${sub}' and audience '${aud}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`;
    return refuse(world, 401, "invalid_request", 700213, message);
  }
  const now = world.clock.now();
  if (typeof exp !== "number" || exp * 1000 <= now) {
    const message = `Client assertion is not within its valid time range. Current time: ${new Date(now).toISOString()}, expiry time of assertion ${new Date(Number(exp ?? 0) * 1000).toISOString()}.`;
    return refuse(world, 401, "invalid_client", 700024, message);
  }
  if (world.knobs.assertionOnce && world.directory.spentAssertions.has(assertion)) {
    return refuse(
      world,
      401,
      "invalid_client",
      700027,
      "The client assertion was used before (knob assertionOnce).",
    );
  }
  world.directory.spentAssertions.add(assertion);
  return undefined;
}

function knownTenant(world: World, tenant: string): boolean {
  return tenant.toLowerCase() === world.tenantId.toLowerCase();
}

function unknownTenant(world: World, tenant: string): Reply {
  const message = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`;
  return refuse(world, 400, "invalid_request", 90002, message);
}

/** testbed 5: how the token endpoint says no. */
function refuse(world: World, status: number, error: string, code: number, message: string): Reply {
  const traceId = uuid();
  const correlationId = uuid();
  const timestamp = world.clock
    .zulu()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  return json(status, {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  });
}

/** The App Service form of managed identity: `GET {IDENTITY_ENDPOINT}?resource=&api-version=2019-08-01`. */
export function managedIdentity(world: World, request: Incoming): Reply {
  if (request.method !== "GET") return empty(405);
  const { searchParams } = request.url;
  if (request.headers["x-identity-header"] !== world.managedIdentity.header) {
    return json(401, { statusCode: 401, message: "The X-IDENTITY-HEADER does not match." });
  }
  const resource = searchParams.get("resource");
  if (searchParams.get("api-version") !== "2019-08-01" || !resource) {
    return json(400, { statusCode: 400, message: "resource and api-version=2019-08-01 are required." });
  }
  const application = world.directory.get(searchParams.get("client_id") ?? world.managedIdentity.clientId);
  if (!application) return json(400, { statusCode: 400, message: "No managed identity found." });
  const lifetime = world.knobs.tokenLifetimeSeconds;
  return json(200, {
    access_token: world.directory.issue(application, world.tenantId, resource.replace(/\/$/, ""), lifetime),
    expires_on: String(Math.floor(world.clock.now() / 1000) + lifetime),
    resource,
    token_type: "Bearer",
    client_id: application.clientId,
  });
}

import { type ArmError, gatewayError } from "../errors.ts";
import { bearerOf, type Incoming } from "../http.ts";
import type { Application, IssuedToken } from "../identity/directory.ts";
import type { World } from "../world.ts";

/** The audiences that public clients ask for besides the emulator's own origin. */
const PUBLIC_AUDIENCES = ["https://management.azure.com", "https://management.core.windows.net"];

/**
 * Who is calling. ARM answers 401 in five ways, each with `WWW-Authenticate`; the wordings are those that users quote
 * (extension 11, toolchain 2 for the audiences).
 */
export function authenticate(world: World, origin: string, request: Incoming): Application {
  if (request.headers["authorization"] === undefined) {
    throw unauthorized(
      world,
      origin,
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing.",
    );
  }
  const token = world.directory.tokens.get(bearerOf(request) ?? "");
  const application = token && world.directory.get(token.clientId);
  if (!token || !application) {
    throw unauthorized(world, origin, "InvalidAuthenticationToken", "The access token is invalid.");
  }
  checkToken(world, origin, token);
  return application;
}

function checkToken(world: World, origin: string, token: IssuedToken): void {
  const now = world.clock.now();
  if (token.expiresAt <= now) throw expiredToken(world, origin, token.expiresAt);
  const audiences = [origin, ...PUBLIC_AUDIENCES];
  if (!audiences.includes(token.audience.replace(/\/+$/, ""))) {
    const message = `The access token has been obtained for wrong audience or resource '${token.audience}'. It should exactly match with one of the allowed audiences '${audiences.map((one) => `${one}/`).join("','")}'.`;
    throw unauthorized(world, origin, "InvalidAuthenticationTokenAudience", message);
  }
  if (token.tenantId !== world.tenantId) {
    const issuer = (tenant: string) => `https://sts.windows.net/${tenant}/`;
    const message = `The access token is from the wrong issuer '${issuer(token.tenantId)}'. It must match the tenant '${issuer(world.tenantId)}' associated with this subscription. Please use the authority (URL) '${origin}/${world.tenantId}' to get the token.`;
    throw unauthorized(world, origin, "InvalidAuthenticationTokenTenant", message);
  }
}

export function expiredToken(world: World, origin: string, expiresAt: number): ArmError {
  const text = (ms: number) => new Date(ms).toISOString();
  const message = `The access token expiry UTC time '${text(expiresAt)}' is earlier than current UTC time '${text(world.clock.now())}'.`;
  return unauthorized(world, origin, "ExpiredAuthenticationToken", message);
}

function unauthorized(world: World, origin: string, code: string, message: string): ArmError {
  const authority = `${origin}/${world.tenantId}`;
  return gatewayError(401, code, message, {
    "www-authenticate": `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`,
  });
}

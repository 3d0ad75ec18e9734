import { randomBytes } from "node:crypto";
import type { Incoming, Reply } from "../http.ts";
import { json } from "../http.ts";
import type { World } from "../world.ts";
import type { Application } from "./directory.ts";

/** How often a client is told that nobody has entered the code yet. */
const pendingAnswers = 1;

/**
 * Sign-in of a person with a code (RFC 8628; Microsoft identity platform, "device authorization grant"): the code is
 * entered after the first question. Whom it signs in is the application that asks; a person has the same rights here.
 */
export function startDeviceCode(world: World, origin: string, request: Incoming): Reply {
  const form = new URLSearchParams(request.body);
  const deviceCode = `emulated-device-${randomBytes(24).toString("base64url")}`;
  world.secrets.add(deviceCode);
  world.directory.deviceCodes.set(deviceCode, { scope: form.get("scope") ?? "", asked: 0 });
  const [user_code, verification_uri] = ["EMUL4T0R", `${origin}/devicelogin`];
  return json(200, {
    user_code,
    device_code: deviceCode,
    verification_uri,
    expires_in: 900,
    interval: 1,
    message: `To sign in, use a web browser to open the page ${verification_uri} and enter the code ${user_code} to authenticate.`,
  });
}

/** Why there is no token for the code, or for the refresh token, yet; nothing where there is one. */
export function deviceCodePending(world: World, form: URLSearchParams): Reply | undefined {
  if (form.get("grant_type") === "refresh_token") return undefined;
  const started = world.directory.deviceCodes.get(form.get("device_code") ?? "");
  if (!started)
    return json(400, { error: "invalid_grant", error_description: "AADSTS70000: The code is not known." });
  started.asked += 1;
  if (started.asked > pendingAnswers) return undefined;
  return json(400, {
    error: "authorization_pending",
    error_description:
      "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  });
}

/** What a person's sign-in gives beside the access token: who it is, and the means to another token. */
export function personal(world: World, application: Application): Record<string, string> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    aud: application.clientId,
    iss: `https://login.microsoftonline.com/${world.tenantId}/v2.0`,
    oid: application.objectId,
    sub: application.objectId,
    tid: world.tenantId,
    preferred_username: "person@contoso.com",
    iat: Math.floor(world.clock.now() / 1000),
    exp: Math.floor(world.clock.now() / 1000) + 3600,
  };
  const refreshToken = `emulated-refresh-${randomBytes(24).toString("base64url")}`;
  world.secrets.add(refreshToken);
  return {
    id_token: `${part({ typ: "JWT", alg: "none" })}.${part(claims)}.`,
    client_info: part({ uid: application.objectId, utid: world.tenantId }),
    refresh_token: refreshToken,
  };
}

import * as v from "valibot";

/** Whom a token speaks for, as far as it says so. */
export interface Identity {
  readonly kind: "user" | "application" | "unknown";
  /** Sign-in name of a user, client id of an application. */
  readonly name?: string | undefined;
  readonly objectId?: string | undefined;
  readonly tenantId?: string | undefined;
}

const text = v.optional(v.string());
/** Claims of an access token: a user's name stands in one or the other (Entra's access token claims reference). */
const claims = v.object({ upn: text, unique_name: text, appid: text, azp: text, oid: text, tid: text });

/**
 * Whom an access token speaks for. For people's eyes alone: a client may not rely on what is in a token, so that
 * one that can't be read is no error.
 */
export function identityOf(token: string): Identity {
  const found = v.safeParse(claims, payload(token));
  if (!found.success) return { kind: "unknown" };
  const { upn, unique_name, appid, azp, oid, tid } = found.output;
  const user = upn ?? unique_name;
  const application = appid ?? azp;
  const kind = user ? "user" : application ? "application" : "unknown";
  return { kind, name: user ?? application, objectId: oid, tenantId: tid };
}

function payload(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

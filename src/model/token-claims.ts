/** Whose an access token is, as far as it tells (Microsoft identity platform, "Access token claims reference"). */
export interface TokenClaims {
  readonly person?: string;
  readonly application?: string;
  readonly objectId?: string;
  readonly tenantId?: string;
}

/** The claims of an access token. They are shown to its owner and trusted for nothing. */
export function claimsOf(token: string): TokenClaims {
  const claims = payloadOf(token);
  const text = (...names: readonly string[]) =>
    names.map((name) => claims[name]).find((value): value is string => typeof value === "string");
  const [person, application] = [text("upn", "unique_name", "preferred_username"), text("appid", "azp")];
  const [objectId, tenantId] = [text("oid"), text("tid")];
  return {
    ...(person && { person }),
    ...(application && { application }),
    ...(objectId && { objectId }),
    ...(tenantId && { tenantId }),
  };
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

import { createPrivateKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { isObject, type JsonObject } from "../json.ts";

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

let cached: SigningKey | undefined;

/** The key of the emulated GitHub issuer. One a process: making it costs a tenth of a second. */
export function issuerKey(): SigningKey {
  if (!cached) {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    cached = { kid: "emulator-oidc", ...pair };
  }
  return cached;
}

export function signJwt(claims: JsonObject, key: SigningKey = issuerKey()): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${part({ typ: "JWT", alg: "RS256", kid: key.kid })}.${part(claims)}`;
  return `${head}.${sign("RSA-SHA256", Buffer.from(head), key.privateKey).toString("base64url")}`;
}

/** The claims of a JWT that the issuer's key signed; undefined for anything else. */
export function verifiedClaims(token: string): JsonObject | undefined {
  const [header, payload, signature, ...rest] = token.split(".");
  if (!header || !payload || !signature || rest.length > 0) return undefined;
  const valid = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    issuerKey().publicKey,
    Buffer.from(signature, "base64url"),
  );
  return valid ? readClaims(payload) : undefined;
}

function readClaims(payload: string): JsonObject | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The public key in the form of a JWKS document. */
export function keySet(): JsonObject {
  const { kid, publicKey } = issuerKey();
  const { kty, n, e } = publicKey.export({ format: "jwk" });
  return { keys: [{ kid, use: "sig", alg: "RS256", kty: kty ?? "RSA", n: n ?? "", e: e ?? "" }] };
}

/** For tests: a key that nobody trusts. */
export function strangerKey(): SigningKey {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const privateKey = createPrivateKey(pair.privateKey);
  return { kid: "stranger", privateKey, publicKey: privateKey };
}

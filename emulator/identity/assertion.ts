import { uuid } from "../ids.ts";
import type { World } from "../world.ts";
import { signJwt } from "./jwt.ts";

/** What a foreign issuer says of the job that asks: the subject of its tokens. */
export interface Issuer {
  issuer: string;
  subject: string;
}

/** An assertion that an issuer gives out; it counts as a secret. */
export function assertion(world: World, { issuer, subject }: Issuer, audience: string): string {
  const now = Math.floor(world.clock.now() / 1000);
  const token = signJwt({
    jti: uuid(),
    iss: issuer,
    sub: subject,
    aud: audience,
    iat: now,
    nbf: now - 5,
    exp: now + world.knobs.assertionLifetimeSeconds,
  });
  world.secrets.add(token);
  return token;
}

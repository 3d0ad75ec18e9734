import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { keyOf, uuidFrom } from "../ids.ts";

/** A federated identity credential of an application: which foreign assertions it accepts. */
export interface FederatedCredential {
  issuer: string;
  subject: string;
  audience: string;
}

/** What a role assignment gives: arm-contract 5 (`notActions` subtract within one element). */
export interface Grant {
  actions: string[];
  notActions: string[];
  scope: string;
}

export interface Application {
  clientId: string;
  objectId: string;
  secrets: Set<string>;
  federated: FederatedCredential[];
  grants: Grant[];
}

export interface IssuedToken {
  clientId: string;
  tenantId: string;
  audience: string;
  expiresAt: number;
}

/** The tenant's applications and the access tokens that they were given. */
export class Directory {
  readonly applications = new Map<string, Application>();
  readonly tokens = new Map<string, IssuedToken>();
  /** Assertions that were exchanged, for the knob `assertionOnce`. */
  readonly spentAssertions = new Set<string>();
  /** Sign-ins with a code that were begun, by what the client asks with. */
  readonly deviceCodes = new Map<string, { scope: string; asked: number }>();
  readonly #clock: Clock;
  readonly #secrets: Set<string>;

  constructor(clock: Clock, secrets: Set<string>) {
    this.#clock = clock;
    this.#secrets = secrets;
  }

  add(clientId: string): Application {
    const application: Application = {
      clientId,
      objectId: uuidFrom(`object of ${clientId}`),
      secrets: new Set(),
      federated: [],
      grants: [],
    };
    this.applications.set(keyOf(clientId), application);
    return application;
  }

  get(clientId: string): Application | undefined {
    return this.applications.get(keyOf(clientId));
  }

  /**
   * An access token in the shape of a JWT (testbed 5: no client inspects it). Its signature is noise: ARM here knows
   * its tokens by heart.
   */
  issue(application: Application, tenantId: string, audience: string, lifetimeSeconds: number): string {
    const now = this.#clock.now();
    const expiresAt = now + lifetimeSeconds * 1000;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${tenantId}/`,
      iat: Math.floor(now / 1000),
      exp: Math.floor(expiresAt / 1000),
      appid: application.clientId,
      oid: application.objectId,
      tid: tenantId,
    };
    const noise = randomBytes(64).toString("base64url");
    const token = `${part({ typ: "JWT", alg: "RS256", kid: "emulator" })}.${part(claims)}.${noise}`;
    this.tokens.set(token, { clientId: application.clientId, tenantId, audience, expiresAt });
    this.#secrets.add(token);
    return token;
  }
}

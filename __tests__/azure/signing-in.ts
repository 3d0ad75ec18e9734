import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type HttpClient, RestError } from "@azure/core-rest-pipeline";
import { Emulator, githubAssertion, World } from "../../emulator/index.ts";
import type { Cloud } from "../../src/azure/cloud.ts";
import { type SignIn, signIn } from "../../src/azure/credential.ts";
import { inProcessClient } from "../support/in-process.ts";

/** The address of a machine's managed identity service on Azure, which no test may ask. */
const metadataService = "169.254.169.254";

/**
 * A world to sign in to. Its network reaches the emulator alone: every other host refuses the connection, and is
 * kept in `strangers`. Microsoft's library keeps the first network of a process for managed identities, so that
 * there is one network for all scenes of a file; `enter` sets what it reaches.
 */
let reached: { emulator: Emulator; strangers: string[]; rewrite: (text: string) => string } | undefined;
const network: HttpClient = {
  async sendRequest(request) {
    if (!reached) throw new Error("no scene has begun");
    const { emulator, strangers, rewrite } = reached;
    const { host, origin } = new URL(request.url);
    if (origin !== emulator.origin) {
      strangers.push(host);
      throw new RestError(`connect ECONNREFUSED ${host}`, { code: "ECONNREFUSED", request });
    }
    const answer = await inProcessClient(emulator).sendRequest(request);
    return { ...answer, bodyAsText: rewrite(answer.bodyAsText ?? "") };
  },
};

/** A scene: a world, and ways to sign in to it. */
export function scene() {
  const world = World.simple();
  const emulator = new Emulator(world);
  const strangers: string[] = [];
  const log: string[] = [];
  const masked: string[] = [];
  const audiences: string[] = [];
  const assertions: string[] = [];
  reached = { emulator, strangers, rewrite: (text) => text };

  const cloud: Cloud = {
    name: "AzureEmulator",
    resourceManager: emulator.origin,
    authority: emulator.origin,
    scope: `${emulator.origin}/.default`,
    federationAudience: "api://AzureADTokenExchange",
    custom: true,
  };
  /** Signs in to the world; by the job's OIDC token unless something else is given. */
  const tokens = (who: Partial<SignIn> = {}, where: Partial<Cloud> = {}) =>
    signIn(
      {
        environment: {},
        idToken: async (audience) => {
          audiences.push(audience);
          const assertion = githubAssertion(world, audience);
          assertions.push(assertion);
          return assertion;
        },
        mask: (secret) => void masked.push(secret),
        ...who,
      },
      { ...cloud, ...where },
      {
        client: network,
        deadline: Number.MAX_SAFE_INTEGER,
        userAgent: "test/1",
        correlationId: "c",
        log: (line) => void log.push(line),
        debug: () => undefined,
      },
    )({ ...cloud, ...where }.scope);
  const oidc = { clientId: world.application.clientId, tenantId: world.tenantId };
  return {
    world,
    cloud,
    tokens,
    oidc,
    log,
    masked,
    audiences,
    assertions,
    strangers,
    /** The environment that signs in with a client secret. */
    withSecret: (secret = world.application.secret) => ({
      AZURE_CLIENT_ID: world.application.clientId,
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_SECRET: secret,
    }),
    /** Changes the text of every answer from now on. */
    rewriting: (rewrite: (text: string) => string) => {
      reached = { emulator, strangers, rewrite };
    },
    /** How often a token was exchanged. */
    exchanges: () =>
      world.exchanges.filter(({ url }) => new URL(url).pathname.endsWith("/oauth2/v2.0/token")).length,
    /** Who the token belongs to, as the directory of the world has it. */
    ownerOf: (token: string) => world.directory.tokens.get(token),
    metadataServiceAsked: () => strangers.some((host) => host.startsWith(metadataService)),
  };
}

/** A machine whose only program is `az`, or which has none; and no managed identity that answers. */
export class Machine {
  readonly folder = mkdtempSync(path.join(tmpdir(), "machine-"));
  readonly #before = { ...process.env };

  constructor() {
    // A closed port in the place of the metadata service's address.
    this.set({ PATH: this.folder, AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:9" });
  }

  set(variables: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  /** Installs an Azure CLI that runs this script. */
  az(script: string): void {
    const file = path.join(this.folder, "az");
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  remove(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.#before)) delete process.env[name];
    Object.assign(process.env, this.#before);
    rmSync(this.folder, { recursive: true });
  }
}

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { signJwt, strangerKey } from "../../emulator/index.ts";
import { clouds } from "../../src/azure/cloud.ts";
import type { Failure } from "../../src/model/failure.ts";
import { virtually } from "../support/virtual-time.ts";
import { Machine, scene } from "./signing-in.ts";

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.remove());

/** An Azure CLI with a session, whose token is that one. */
const session = (token: string) =>
  `echo '{"accessToken":"${token}","expires_on":${Math.floor(Date.now() / 1000) + 3600},"tokenType":"Bearer"}'`;

async function failureOf(token: Promise<string>): Promise<Failure> {
  return token.then(
    () => {
      throw new Error("signing in went well");
    },
    (error: Failure) => error,
  );
}

describe("the job's OIDC token", () => {
  test("is asked for once for one exchange, though Microsoft's credential asks twice (toolchain 2)", async () => {
    const { tokens, oidc, audiences, assertions, exchanges, ownerOf, world } = scene();
    const source = tokens(oidc);
    const token = await source.token();
    await Promise.all([source.token(), source.token()]);
    expect(audiences).toEqual(["api://AzureADTokenExchange"]);
    expect(assertions).toHaveLength(1);
    expect(exchanges()).toBe(1);
    expect(ownerOf(token)).toMatchObject({
      clientId: world.application.clientId,
      audience: "https://azure.emulator.test",
    });
  });

  test("is a fresh one for each new exchange (design 4)", async () => {
    const { tokens, oidc, assertions, exchanges, world } = scene();
    world.knobs.assertionOnce = true;
    const source = tokens(oidc);
    const first = await source.token();
    source.reject(first);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await source.token()).not.toBe(first);
    expect(new Set(assertions).size).toBe(2);
    expect(exchanges()).toBe(2);
  });

  test("has the audience of its cloud", async () => {
    for (const { federationAudience } of Object.values(clouds)) {
      const { tokens, oidc, audiences, world } = scene();
      const { issuer, subject } = world.github;
      const application = world.directory.get(oidc.clientId);
      application?.federated.push({ issuer, subject, audience: federationAudience });
      await tokens(oidc, { federationAudience }).token();
      expect(audiences).toEqual([federationAudience]);
    }
  });

  test("is told to the log by its way's name alone, once, and the token to the mask", async () => {
    const { tokens, oidc, log, masked } = scene();
    const source = tokens(oidc);
    const first = await source.token();
    source.reject(first);
    await new Promise((resolve) => setImmediate(resolve));
    const second = await source.token();
    expect(log).toEqual(["Signed in to AzureEmulator with the job's OIDC token."]);
    expect(masked).toEqual([first, second]);
  });

  test("that the job may not have is the run's failure, with its own remedy", async () => {
    const { tokens, oidc, exchanges } = scene();
    const denied = new Error("no permission");
    const failure = await failureOf(tokens({ ...oidc, idToken: () => Promise.reject(denied) }).token());
    expect(failure.message).toContain("no permission");
    expect(exchanges()).toBe(0);
  });
});

describe("what Microsoft Entra refuses", () => {
  const cases: [string, RegExp, () => Promise<string>][] = [
    [
      "AADSTS700016",
      /`client-id`.*`tenant-id`/,
      () => {
        const { tokens, oidc } = scene();
        return tokens({ ...oidc, clientId: "99999999-9999-4999-8999-999999999999" }).token();
      },
    ],
    [
      "AADSTS90002",
      /`tenant-id`.*`azure-environment`/,
      () => {
        // Of a cloud that Microsoft's library knows it asks nothing but the token, which is refused like this.
        const { tokens, withSecret, rewriting } = scene();
        rewriting((text) => text.replaceAll("7000215", "90002"));
        return tokens({ environment: withSecret("planted-wrong-secret") }).token();
      },
    ],
    [
      "AADSTS700213",
      /federated credential/,
      () => {
        const { tokens, oidc, world } = scene();
        world.github.subject = "repo:contoso/models:pull_request";
        return tokens(oidc).token();
      },
    ],
    [
      "AADSTS70021",
      /federated credential/,
      () => {
        const { tokens, oidc, world, rewriting } = scene();
        world.github.subject = "repo:contoso/models:pull_request";
        rewriting((text) => text.replace("AADSTS700213", "AADSTS70021").replace("700213", "70021"));
        return tokens(oidc).token();
      },
    ],
    [
      "AADSTS700024",
      /too old or its clock is off/,
      () => {
        const { tokens, oidc, world } = scene();
        world.knobs.assertionLifetimeSeconds = -60;
        return tokens(oidc).token();
      },
    ],
    [
      "AADSTS7000215",
      /AZURE_CLIENT_SECRET.* is wrong/,
      () => {
        const { tokens, withSecret } = scene();
        return tokens({ environment: withSecret("planted-wrong-secret") }).token();
      },
    ],
    [
      "AADSTS7000222",
      /AZURE_CLIENT_SECRET.* has expired/,
      () => {
        const { tokens, withSecret, rewriting } = scene();
        rewriting((text) => text.replaceAll("7000215", "7000222"));
        return tokens({ environment: withSecret("planted-wrong-secret") }).token();
      },
    ],
  ];

  test.each(cases)("%s: its code, what to do, and where to read on", async (code, remedy, signing) => {
    const failure = await failureOf(signing());
    expect(failure).toMatchObject({ code, remedy: expect.stringMatching(remedy) });
    expect(failure.link).toBe(`https://login.microsoftonline.com/error?code=${code.slice("AADSTS".length)}`);
    expect(failure.message).toContain(`${code}: `);
    expect(failure.message).not.toMatch(/[\r\n]|planted-wrong-secret/);
  });

  test("a tenant that a custom cloud does not have: the library says little, the remedy says what to check", async () => {
    const { tokens, oidc } = scene();
    const tenantId = "99999999-9999-4999-8999-999999999999";
    const failure = await failureOf(tokens({ ...oidc, tenantId }).token());
    expect(failure).toMatchObject({
      code: expect.stringMatching(/^(SignInFailed|AADSTS90002)$/),
      remedy: expect.stringMatching(/`tenant-id`.*`azure-environment`/),
    });
  });

  test("an assertion of a stranger's: no remedy is known, and the code is told", async () => {
    const { tokens, oidc, world } = scene();
    const forged = signJwt({ iss: world.github.issuer, sub: world.github.subject }, strangerKey());
    const failure = await failureOf(tokens({ ...oidc, idToken: async () => forged }).token());
    expect(failure).toMatchObject({ code: "AADSTS700027", remedy: undefined });
    expect(failure.message).not.toContain(forged);
  });

  test("is not remembered: the next exchange may go well", async () => {
    const { tokens, oidc, world } = scene();
    const { subject } = world.github;
    const source = tokens(oidc);
    world.github.subject = "repo:other/one:ref";
    await failureOf(source.token());
    world.github.subject = subject;
    await expect(source.token()).resolves.toEqual(expect.any(String));
  });
});

describe("trouble on the way to Microsoft Entra", () => {
  test("is ridden out like a read's, though a token is asked for by POST", async () => {
    const { tokens, oidc, world, log, exchanges } = scene();
    const url = /oauth2\/v2\.0\/token/;
    world.faults.push({ match: { url }, kind: "reset" });
    world.faults.push({ match: { url }, nth: 2, kind: "status", status: 503 });
    world.faults.push({ match: { url }, nth: 3, kind: "status", status: 429, retryAfter: 5 });
    await expect(virtually(() => tokens(oidc).token())).resolves.toEqual(expect.any(String));
    expect(exchanges()).toBe(4);
    expect(log.filter((line) => line.includes("oauth2/v2.0/token"))).toHaveLength(3);
    expect(log.join("\n")).not.toContain("client_assertion");
  });
});

describe("the ladder (design 4)", () => {
  const az = (marker: string, token = "planted-session-token") => `: > ${marker}\n${session(token)}`;

  test("the environment's client secret comes before an azure/login session", async () => {
    const { tokens, withSecret, log, ownerOf, world } = scene();
    const marker = path.join(machine.folder, "az-was-asked");
    machine.az(az(marker));
    const token = await tokens({ environment: withSecret() }).token();
    expect(ownerOf(token)).toMatchObject({ clientId: world.application.clientId });
    expect(log).toEqual(["Signed in to AzureEmulator with the client secret of the environment."]);
    expect(existsSync(marker)).toBe(false);
  });

  test("`client-id` and `tenant-id` come before everything", async () => {
    const { tokens, oidc, withSecret, log, assertions } = scene();
    await tokens({ ...oidc, environment: withSecret() }).token();
    expect(log).toEqual(["Signed in to AzureEmulator with the job's OIDC token."]);
    expect(assertions).toHaveLength(1);
  });

  test.each([
    ["nothing", {}],
    ["an id alone", { AZURE_CLIENT_ID: "33333333-3333-4333-8333-333333333333" }],
    [
      "a secret without a tenant",
      { AZURE_CLIENT_ID: "33333333-3333-4333-8333-333333333333", AZURE_CLIENT_SECRET: "x" },
    ],
    [
      "a secret without an id",
      { AZURE_TENANT_ID: "11111111-1111-4111-8111-111111111111", AZURE_CLIENT_SECRET: "x" },
    ],
  ])("with %s in the environment, the azure/login session is next", async (_title, environment) => {
    const { tokens, log, masked, strangers } = scene();
    machine.az(session("planted-session-token"));
    expect(await tokens({ environment }).token()).toBe("planted-session-token");
    expect(log).toEqual(["Signed in to AzureEmulator with the session of az login or azure/login."]);
    expect(masked).toEqual(["planted-session-token"]);
    expect(strangers).toEqual([]);
  });

  test("the session is asked for the cloud's own audience, and for the tenant where one is given", async () => {
    const { tokens, world } = scene();
    const marker = path.join(machine.folder, "arguments");
    machine.az(`echo "$@" > ${marker}\n${session("planted-session-token")}`);
    await tokens({ tenantId: world.tenantId }).token();
    const asked = readFileSync(marker, "utf8");
    expect(asked).toContain("account get-access-token");
    expect(asked).toContain("--resource https://azure.emulator.test");
    expect(asked).toContain(`--tenant ${world.tenantId}`);
  });

  test("a way that is configured and fails is an error, and no other way is tried", async () => {
    for (const configured of ["secret", "oidc", "certificate"] as const) {
      const { tokens, oidc, withSecret, world, strangers, log } = scene();
      const marker = path.join(machine.folder, `az-was-asked-${configured}`);
      const missing = path.join(machine.folder, "missing.pem");
      machine.az(az(marker));
      world.github.subject = "repo:other/one:ref";
      const { AZURE_CLIENT_SECRET: _secret, ...named } = withSecret();
      const who = {
        secret: { environment: withSecret("planted-wrong-secret") },
        oidc,
        certificate: { environment: { ...named, AZURE_CLIENT_CERTIFICATE_PATH: missing } },
      };
      const failure = await failureOf(tokens(who[configured]).token());
      expect(failure.code).toMatch(/^(AADSTS\d+|SignInFailed)$/);
      expect(failure.message).toContain(
        { secret: "client secret", oidc: "OIDC token", certificate: "client certificate" }[configured],
      );
      expect({ asked: existsSync(marker), strangers, log }).toEqual({ asked: false, strangers: [], log: [] });
    }
  });

  test("a certificate that is none is told as such, and its content not at all", async () => {
    const { tokens, withSecret } = scene();
    const file = path.join(machine.folder, "certificate.pem");
    writeFileSync(file, "planted-content");
    const { AZURE_CLIENT_SECRET: _secret, ...named } = withSecret();
    const environment = { ...named, AZURE_CLIENT_CERTIFICATE_PATH: file };
    const failure = await failureOf(tokens({ environment }).token());
    expect(failure.message).toContain("Signing in with the client certificate of the environment failed");
    expect(failure.message).not.toContain("planted-content");
  });

  test("a session that is over is no session, and the next way is tried", async () => {
    const { tokens, strangers } = scene();
    machine.az("echo \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1");
    const failure = await failureOf(virtually(() => tokens().token()));
    expect(failure.code).toBe("SignInFailed");
    expect(strangers.length).toBeGreaterThan(0);
  });

  test("nothing at all: the failure lists every way and why it is none, and says what to do", async () => {
    const { tokens, strangers, metadataServiceAsked } = scene();
    const failure = await failureOf(virtually(() => tokens().token()));
    expect(failure).toMatchObject({
      code: "SignInFailed",
      message: "There is no way to sign in to Azure.",
      details: [
        expect.stringMatching(/^the session of az login or azure\/login: .*Azure CLI could not be found/),
        expect.stringMatching(/^the managed identity: ./),
      ],
      remedy: expect.stringMatching(/`client-id` and `tenant-id`.*azure\/login/),
    });
    for (const line of failure.details) expect(line).not.toMatch(/[\r\n]/);
    expect(metadataServiceAsked()).toBe(false);
    expect(new Set(strangers)).toEqual(new Set(["127.0.0.1:9"]));
  });

  test("nothing at all is found out within half a minute", async () => {
    const { tokens } = scene();
    const took = await virtually(async () => {
      const began = Date.now();
      await failureOf(tokens().token());
      return Date.now() - began;
    });
    expect(took).toBeLessThanOrEqual(30_000);
  });

  test("the way that was chosen stays chosen for the next token", async () => {
    const { tokens, log } = scene();
    const marker = path.join(machine.folder, "asked");
    machine.az(`echo asked >> ${marker}\n${session("planted-session-token")}`);
    const source = tokens();
    source.reject(await source.token());
    await new Promise((resolve) => setImmediate(resolve));
    await source.token();
    expect(readFileSync(marker, "utf8")).toBe("asked\nasked\n");
    expect(log).toHaveLength(1);
  });
});

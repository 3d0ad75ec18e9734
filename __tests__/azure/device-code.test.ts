import { expect, test } from "@jest/globals";
import { Emulator, World } from "../../emulator/index.ts";
import type { Cloud } from "../../src/azure/cloud.ts";
import { type SignIn, signIn } from "../../src/azure/credential.ts";
import { inProcessClient } from "../support/in-process.ts";
import { virtually } from "../support/virtual-time.ts";

function tokens(world: World, who: Partial<SignIn>) {
  const emulator = new Emulator(world);
  const cloud: Cloud = {
    name: "AzureEmulator",
    resourceManager: emulator.origin,
    authority: emulator.origin,
    scope: `${emulator.origin}/.default`,
    federationAudience: "api://AzureADTokenExchange",
    custom: true,
  };
  const log: string[] = [];
  const masked: string[] = [];
  const ways: string[] = [];
  const source = signIn(
    {
      environment: {},
      tenantId: world.tenantId,
      clientId: world.application.clientId,
      idToken: async () => {
        throw new Error("nobody has a job here");
      },
      mask: (secret) => void masked.push(secret),
      signedIn: (way) => void ways.push(way),
      ...who,
    },
    cloud,
    {
      client: inProcessClient(emulator),
      deadline: Number.MAX_SAFE_INTEGER,
      userAgent: "test/1",
      correlationId: "c",
      log: (line) => void log.push(line),
      debug: () => undefined,
    },
  );
  return { source, cloud, log, masked, ways };
}

test("a person who asked for it enters one code, also for another service and where a secret is at hand", async () => {
  const world = World.simple();
  const messages: string[] = [];
  const { source, cloud, log, masked, ways } = tokens(world, {
    deviceCode: (message) => void messages.push(message),
    environment: {
      AZURE_CLIENT_ID: world.application.clientId,
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_SECRET: world.application.secret,
    },
  });
  const [first, other] = await virtually(async () => [
    await source(cloud.scope).token(),
    await source("6dae42f8-4368-4678-94ff-3960e28e3630/.default").token(),
  ]);
  expect(messages).toEqual([expect.stringMatching(/open the page \S+\/devicelogin and enter the code \S+/)]);
  expect(other).not.toBe(first);
  expect(masked).toEqual([first, other]);
  expect(log).toEqual(["Signed in to AzureEmulator with a device code."]);
  expect(ways).toEqual(["a device code"]);
});

test("nobody is asked for a code who did not ask for it", async () => {
  const world = World.simple();
  const { source, cloud } = tokens(world, {});
  await expect(source(cloud.scope).token()).rejects.toThrow("nobody has a job here");
  expect(world.exchanges.filter(({ url }) => url.includes("devicecode"))).toEqual([]);
});

test("a refused sign-in is the run's failure, in Microsoft's words", async () => {
  const world = World.simple();
  const { source, cloud } = tokens(world, { clientId: world.subscriptionId, deviceCode: () => undefined });
  const failure = await virtually(() =>
    source(cloud.scope)
      .token()
      .catch((error: unknown) => error),
  );
  expect(failure).toMatchObject({
    code: expect.stringMatching(/AADSTS|SignInFailed/),
    message: expect.stringContaining("a device code"),
  });
});

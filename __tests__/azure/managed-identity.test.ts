import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { virtually } from "../support/virtual-time.ts";
import { Machine, scene } from "./signing-in.ts";

// Microsoft's library looks once in a process where a managed identity comes from and what the header is, so that
// this is a file of its own, with one scene.
const { tokens, world, log, masked, ownerOf, strangers } = scene();
let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  machine.set({
    AZURE_POD_IDENTITY_AUTHORITY_HOST: undefined,
    IDENTITY_ENDPOINT: "https://azure.emulator.test/_msi/token",
    IDENTITY_HEADER: world.managedIdentity.header,
  });
});
afterEach(() => machine.remove());

describe("a managed identity, as IDENTITY_ENDPOINT gives it", () => {
  test("is the last way, and named in the log", async () => {
    const token = await virtually(() => tokens().token());
    expect(ownerOf(token)).toMatchObject({
      clientId: world.managedIdentity.clientId,
      audience: "https://azure.emulator.test",
    });
    expect(log).toEqual(["Signed in to AzureEmulator with the managed identity."]);
    expect(masked).toEqual([token]);
    expect(strangers).toEqual([]);
  });

  test("is the one that AZURE_CLIENT_ID names", async () => {
    const environment = { AZURE_CLIENT_ID: world.application.clientId };
    const token = await virtually(() => tokens({ environment }).token());
    expect(ownerOf(token)).toMatchObject({ clientId: world.application.clientId });
    const asked = world.exchanges.filter(({ host }) => host === "msi").map(({ url }) => new URL(url));
    expect(asked.at(-1)?.searchParams.get("client_id")).toBe(world.application.clientId);
    expect(strangers).toEqual([]);
  });
});

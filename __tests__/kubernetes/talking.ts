import { Emulator, type World } from "../../emulator/index.ts";
import { type Azure, connect } from "../../src/azure/connect.ts";
import { bareWorld } from "../actions/deploy-scenes.ts";
import { inProcessClient } from "../support/in-process.ts";

/** A world, and the ways out that a run in it has. */
export async function connected(world: World = bareWorld()) {
  const emulator = new Emulator(world);
  const masks: string[] = [];
  const { clientId, secret } = world.application;
  const azure: Azure = await connect({
    azureEnvironment: emulator.origin,
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
    },
    clientId: undefined,
    tenantId: undefined,
    idToken: async () => "",
    mask: (text: string) => void masks.push(text),
    userAgent: "test/1",
    correlationId: "c",
    deadline: Number.MAX_SAFE_INTEGER,
    signal: new AbortController().signal,
    log: () => undefined,
    debug: () => undefined,
    client: inProcessClient(emulator),
  });
  return { world, emulator, azure, masks };
}

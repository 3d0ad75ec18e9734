import { describe, expect, test } from "@jest/globals";
import { Emulator, World } from "../../emulator/index.ts";
import { type Connection, connect, newCorrelationId } from "../../src/azure/connect.ts";
import { getWorkspace } from "../../src/azure/resources.ts";
import { inProcessClient } from "../support/in-process.ts";
import { workspaceId } from "../support/scene.ts";
import { scriptedClient } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

function connection(world: World, parts: Partial<Connection>): Connection {
  return {
    azureEnvironment: "AzureCloud",
    environment: {
      AZURE_CLIENT_ID: world.application.clientId,
      AZURE_CLIENT_SECRET: world.application.secret,
      AZURE_TENANT_ID: world.tenantId,
    },
    idToken: () => Promise.reject(new Error("never asked")),
    mask: () => undefined,
    userAgent: "test/1",
    correlationId: "c",
    deadline: Number.MAX_SAFE_INTEGER,
    signal: new AbortController().signal,
    log: () => undefined,
    debug: () => undefined,
    ...parts,
  };
}

describe("connect", () => {
  test("finds the cloud, and signs in with the first request, not sooner", async () => {
    const world = World.simple();
    const emulator = new Emulator(world);
    const client = inProcessClient(emulator);
    const { arm } = await virtually(() =>
      connect(connection(world, { azureEnvironment: emulator.origin, client })),
    );
    expect(world.exchanges.map(({ host }) => host)).toEqual(["metadata"]);
    expect(arm.endpoint).toBe(emulator.origin);
    expect(await virtually(() => getWorkspace(arm, workspaceId(world)))).toMatchObject({ name: "ws1" });
    expect(new Set(world.exchanges.map(({ host }) => host))).toEqual(new Set(["metadata", "entra", "arm"]));
  });

  test("asks nobody for a cloud that has a name", async () => {
    const { client, requests } = scriptedClient(() => ({ status: 500 }));
    const { arm } = await connect(
      connection(World.simple(), { azureEnvironment: "AzureChinaCloud", client }),
    );
    expect(arm.endpoint).toBe("https://management.chinacloudapi.cn");
    expect(requests).toEqual([]);
  });

  test("fails where the cloud does not say where to sign in", async () => {
    const { client } = scriptedClient(() => ({ status: 404 }));
    const options = connection(World.simple(), { azureEnvironment: "https://arm.test", client });
    await expect(virtually(() => connect(options))).rejects.toMatchObject({ code: "NoCloudMetadata" });
  });
});

test("a correlation id is a new one each time", () => {
  expect(newCorrelationId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(newCorrelationId()).not.toBe(newCorrelationId());
});

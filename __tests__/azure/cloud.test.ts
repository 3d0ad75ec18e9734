import { describe, expect, test } from "@jest/globals";
import { Emulator, World } from "../../emulator/index.ts";
import { type Cloud, clouds, resolveCloud } from "../../src/azure/cloud.ts";
import { createPipeline } from "../../src/azure/pipeline.ts";
import { inProcessClient } from "../support/in-process.ts";
import { type Scripted, scriptedClient } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const local = "https://management.local.azurestack.external";

/** What a Resource Manager says of itself. */
const metadata = (parts: object = {}) => ({
  name: "AzureStack",
  resourceManager: local,
  authentication: {
    loginEndpoint: "https://login.local.test/",
    audiences: ["https://management.local.test/a-guid/", "https://other.test"],
    tenant: "common",
  },
  ...parts,
});

/** The cloud that a name or URL means, with what the network answers. */
async function resolved(environment: string, answer: () => Scripted = () => ({ status: 500 })) {
  const { client, requests } = scriptedClient(answer);
  const pipeline = createPipeline({
    client,
    deadline: Number.MAX_SAFE_INTEGER,
    userAgent: "test/1",
    correlationId: "c",
    log: () => undefined,
    debug: () => undefined,
  });
  const cloud = virtually(() => resolveCloud(environment, pipeline, client, new AbortController().signal));
  return { cloud: await cloud, requests };
}

describe("clouds that have a name", () => {
  test.each([
    [
      "AzureCloud",
      "https://management.azure.com",
      "https://login.microsoftonline.com",
      "api://AzureADTokenExchange",
    ],
    [
      "AzureUSGovernment",
      "https://management.usgovcloudapi.net",
      "https://login.microsoftonline.us",
      "api://AzureADTokenExchangeUSGov",
    ],
    [
      "AzureChinaCloud",
      "https://management.chinacloudapi.cn",
      "https://login.chinacloudapi.cn",
      "api://AzureADTokenExchangeChina",
    ],
  ])(
    "%s: its own audience everywhere (toolchain 8.1), and nobody is asked",
    async (name, manager, authority, audience) => {
      const { cloud, requests } = await resolved(name);
      expect(cloud).toEqual({
        name,
        resourceManager: manager,
        authority,
        scope: `${manager}/.default`,
        federationAudience: audience,
        custom: false,
      });
      expect(requests).toEqual([]);
      expect(Object.keys(clouds)).toContain(name);
    },
  );
});

describe("a cloud that is given by its URL", () => {
  const expected: Cloud = {
    name: "AzureStack",
    resourceManager: local,
    authority: "https://login.local.test",
    scope: "https://management.local.test/a-guid/.default",
    federationAudience: "api://AzureADTokenExchange",
    custom: true,
  };

  test("says of itself where to sign in, without a token", async () => {
    const { cloud, requests } = await resolved(local, () => ({ status: 200, body: metadata() }));
    expect(cloud).toEqual(expected);
    expect(requests).toEqual([
      expect.objectContaining({
        method: "GET",
        url: `${local}/metadata/endpoints?api-version=2022-09-01`,
        authorization: undefined,
      }),
    ]);
  });

  test("may answer with a list", async () => {
    const { cloud } = await resolved(local, () => ({ status: 200, body: [metadata()] }));
    expect(cloud).toEqual(expected);
  });

  test("of several that it lists, its own counts: another's authority would see the credentials", async () => {
    const other = metadata({
      name: "AzureCloud",
      resourceManager: "https://management.azure.com",
      authentication: {
        loginEndpoint: "https://login.microsoftonline.com",
        audiences: ["https://management.azure.com"],
      },
    });
    const own = metadata({ resourceManager: `${local}/` });
    const { cloud } = await resolved(local, () => ({ status: 200, body: [other, own] }));
    expect(cloud).toEqual(expected);
  });

  test.each([`${local}/`, `${local}//`, `${local}/?`, `${local}/#`, `${local}:443`, local.toUpperCase()])(
    "however it is written: %s",
    async (environment) => {
      const { cloud, requests } = await resolved(environment, () => ({ status: 200, body: metadata() }));
      expect(requests.map(({ url }) => url)).toEqual([`${local}/metadata/endpoints?api-version=2022-09-01`]);
      expect(new URL(`${cloud.resourceManager}/subscriptions/s`).href).toBe(`${local}/subscriptions/s`);
    },
  );

  test("without a name is called by its host", async () => {
    const { name: _name, ...unnamed } = metadata();
    const { cloud } = await resolved(local, () => ({ status: 200, body: unnamed }));
    expect(cloud.name).toBe("management.local.azurestack.external");
  });

  test("the emulator is one", async () => {
    const emulator = new Emulator(World.simple());
    const client = inProcessClient(emulator);
    const transport = {
      client,
      deadline: Number.MAX_SAFE_INTEGER,
      userAgent: "test/1",
      correlationId: "c",
      log: () => undefined,
      debug: () => undefined,
    };
    const { signal } = new AbortController();
    const cloud = await resolveCloud(emulator.origin, createPipeline(transport), client, signal);
    expect(cloud).toMatchObject({
      authority: emulator.origin,
      scope: `${emulator.origin}/.default`,
      custom: true,
    });
  });
});

describe("metadata that is not usable", () => {
  const broken: [string, Scripted][] = [
    ["a 404", { status: 404, body: { error: { code: "NotFound", message: "no such page" } } }],
    ["an error page", { status: 404, body: "<html>", headers: { "content-type": "text/html" } }],
    ["a server that stays in trouble", { status: 503 }],
    [
      "a page in the place of JSON",
      { status: 200, body: "<html>", headers: { "content-type": "text/html" } },
    ],
    ["no body", { status: 200 }],
    ["an empty object", { status: 200, body: {} }],
    ["an empty list", { status: 200, body: [] }],
    ["no place to sign in", { status: 200, body: metadata({ authentication: { audiences: ["x"] } }) }],
    [
      "a place to sign in that is no URL",
      { status: 200, body: metadata({ authentication: { loginEndpoint: "login", audiences: ["x"] } }) },
    ],
    [
      "a place to sign in that is not safe",
      {
        status: 200,
        body: metadata({ authentication: { loginEndpoint: "http://login.test", audiences: ["x"] } }),
      },
    ],
    [
      "no audience",
      { status: 200, body: metadata({ authentication: { loginEndpoint: "https://l.test", audiences: [] } }) },
    ],
    ["a connection that breaks", { broken: "ENOTFOUND" }],
  ];

  test.each(broken)("%s: the failure names the input", async (_title, answer) => {
    const failure = resolved(local, () => answer);
    await expect(failure).rejects.toMatchObject({
      code: "NoCloudMetadata",
      remedy: expect.stringContaining("`azure-environment`"),
    });
    await expect(failure).rejects.toThrow(local);
  });
});

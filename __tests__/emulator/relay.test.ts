import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { relayName } from "../../emulator/relay-seed.ts";
import { API, type Said, type Talk, talk } from "./talk.ts";

const api = "2017-04-01";
const relays = (one: Talk) => `${one.ids.group}/providers/Microsoft.Relay/namespaces`;
const namespace = { location: "eastus", tags: { created_by: "Azure Arc-enabled ML" } };
const connection = { properties: { requiresClientAuthorization: true } };
const rule = { properties: { rights: ["Manage", "Send", "Listen"] } };
const code = ({ status, body }: Said) =>
  `${status} ${(body as { error?: { code?: string } } | null)?.error?.code ?? ""}`.trim();

/** The CLI's way: namespace, wait, connection, rule, keys (testbed 8). */
async function made(one: Talk, name = "fresh-1"): Promise<string> {
  const path = `${relays(one)}/${name}`;
  expect((await one.arm("PUT", path, { api, body: namespace })).status).toBe(201);
  one.world.clock.advance(10_000);
  return path;
}

describe("X9 a Relay as the CLI makes it", () => {
  test("is not there at first, then made step by step", async () => {
    const one = talk();
    const path = `${relays(one)}/fresh-1`;
    expect(code(await one.arm("GET", `${path}/hybridConnections/arc1`, { api }))).toBe(
      "404 ParentResourceNotFound",
    );
    const put = await one.arm("PUT", path, { api, body: namespace });
    expect(put).toMatchObject({
      status: 201,
      body: { ...namespace, properties: { provisioningState: "Created" } },
    });
    const early = await one.arm("PUT", `${path}/hybridConnections/arc1`, { api, body: connection });
    expect(code(early)).toBe("409 Conflict");
    one.world.clock.advance(3_000);
    expect((await one.arm("GET", path, { api })).body).toMatchObject({
      properties: { provisioningState: "Succeeded" },
    });
    expect(code(await one.arm("GET", `${path}/hybridConnections/arc1`, { api }))).toBe("404 NotFound");
    // testbed 8: the CLI takes no 201 here.
    expect((await one.arm("PUT", `${path}/hybridConnections/arc1`, { api, body: connection })).status).toBe(
      200,
    );
    const rules = `${path}/hybridConnections/arc1/authorizationRules/azureml_rw`;
    expect((await one.arm("PUT", rules, { api, body: rule })).status).toBe(200);
    expect((await one.arm("GET", rules, { api })).body).toMatchObject({ name: "azureml_rw", ...rule });
    const keys = (await one.arm("POST", `${rules}/listKeys`, { api })).body as Record<string, string>;
    expect(keys).toMatchObject({ keyName: "azureml_rw" });
    expect(keys["primaryConnectionString"]).toMatch(
      /^Endpoint=sb:\/\/fresh-1\..*;SharedAccessKeyName=azureml_rw;SharedAccessKey=.{44};EntityPath=arc1$/,
    );
    for (const key of [
      "primaryKey",
      "secondaryKey",
      "primaryConnectionString",
      "secondaryConnectionString",
    ]) {
      expect(one.world.secrets.has(keys[key] ?? "")).toBe(true);
      expect(JSON.stringify(one.world.exchanges)).not.toContain(keys[key]);
    }
  });

  test("keys stay when the rule is written again; a namespace keeps its birth", async () => {
    const one = talk();
    const path = await made(one);
    const rules = `${path}/hybridConnections/arc1/authorizationRules/azureml_rw`;
    await one.arm("PUT", `${path}/hybridConnections/arc1`, { api, body: connection });
    await one.arm("PUT", rules, { api, body: rule });
    const first = await one.arm("POST", `${rules}/listKeys`, { api });
    await one.arm("PUT", rules, { api, body: rule });
    expect((await one.arm("POST", `${rules}/listKeys`, { api })).body).toEqual(first.body);
    const before = await one.arm("GET", path, { api });
    one.world.clock.advance(10_000);
    const again = await one.arm("PUT", path, { api, body: { ...namespace, tags: {} } });
    expect(again.status).toBe(200);
    const born = (said: Said) => (said.body as { properties: { createdAt: string } }).properties.createdAt;
    expect(born(again)).toBe(born(before));
  });

  test.each(["2021-11-01", "2024-01-01"])("also with api-version %s", async (version) => {
    const one = talk();
    const said = await one.arm("PUT", `${relays(one)}/fresh-1`, { api: version, body: namespace });
    expect(said.status).toBe(201);
  });
});

describe("what is refused", () => {
  test.each<[string, object]>([
    ["no location", { tags: {} }],
    ["a state", { location: "eastus", properties: { provisioningState: "Succeeded" } }],
    ["a basic sku", { location: "eastus", sku: { name: "Basic" } }],
    ["an unknown property", { location: "eastus", kind: "x" }],
  ])("a namespace with %s", async (_what, body) => {
    const one = talk();
    expect((await one.arm("PUT", `${relays(one)}/fresh-1`, { api, body })).status).toBe(400);
  });

  test.each(["abc", "1abcdef", "a_bcdef", "abcdef-", `a${"b".repeat(50)}`])("the name %s", async (name) => {
    const one = talk();
    expect((await one.arm("PUT", `${relays(one)}/${name}`, { api, body: namespace })).status).toBe(400);
  });

  test.each([409, 400] as const)("a name that somebody else has: %s", async (status) => {
    const one = talk();
    one.world.knobs.takenRelayStatus = status;
    one.world.knobs.takenRelayNames = ["Stranger"];
    one.world.addResourceGroup("rg2");
    await made(one, "mine-1");
    const elsewhere = relays(one).replace("/rg1/", "/rg2/");
    for (const path of [`${relays(one)}/stranger`, `${elsewhere}/MINE-1`]) {
      expect((await one.arm("PUT", path, { api, body: namespace })).status).toBe(status);
    }
    expect((await one.arm("PUT", `${relays(one)}/Mine-1`, { api, body: namespace })).status).toBe(200);
  });

  test("a connection, a rule and its keys without what is above them", async () => {
    const one = talk();
    const nowhere = `${relays(one)}/nowhere/hybridConnections/arc1`;
    expect(code(await one.arm("PUT", nowhere, { api, body: connection }))).toBe("404 ParentResourceNotFound");
    const path = await made(one);
    const rules = `${path}/hybridConnections/arc1/authorizationRules/azureml_rw`;
    expect(code(await one.arm("PUT", rules, { api, body: rule }))).toBe("404 NotFound");
    expect(code(await one.arm("POST", `${rules}/listKeys`, { api }))).toBe("404 NotFound");
  });

  test.each<[string, object]>([
    ["rights outside properties", { rights: ["Send"] }],
    ["no rights", { properties: {} }],
    ["an unknown right", { properties: { rights: ["Own"] } }],
    ["Manage alone", { properties: { rights: ["Manage"] } }],
  ])("a rule with %s", async (_what, body) => {
    const one = talk();
    const path = await made(one);
    await one.arm("PUT", `${path}/hybridConnections/arc1`, { api, body: connection });
    const said = await one.arm("PUT", `${path}/hybridConnections/arc1/authorizationRules/azureml_rw`, {
      api,
      body,
    });
    expect(said.status).toBe(400);
  });

  test("X7: a provider that is not registered, and rights that are missing", async () => {
    const one = talk();
    one.world.providerStates.set("microsoft.relay", "NotRegistered");
    const put = () => one.arm("PUT", `${relays(one)}/fresh-1`, { api, body: namespace });
    expect(code(await put())).toBe("409 MissingSubscriptionRegistration");
    one.world.providerStates.clear();
    const { clientId } = one.world.application;
    one.world.revoke(clientId);
    one.world.grant(clientId, ["Microsoft.Relay/*"], ["*/listkeys/action"]);
    expect((await put()).status).toBe(201);
    const rules = seededRule(one);
    expect((await one.arm("GET", rules, { api })).status).toBe(200);
    expect(code(await one.arm("POST", `${rules}/listKeys`, { api }))).toBe("403 AuthorizationFailed");
  });
});

describe("the seeded Arc cluster", () => {
  test("has its Relay, and its extension knows it", async () => {
    const one = talk();
    const path = `${one.ids.arc}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    const said = await one.arm("GET", path, { api: API.extensions });
    const { properties } = said.body as unknown as {
      properties: Record<"configurationSettings" | "configurationProtectedSettings", Record<string, string>>;
    };
    const hybridConnection = seededRule(one).replace(/\/authorizationRules\/.*$/, "");
    expect(properties.configurationSettings).toMatchObject({
      "relayserver.enabled": "true",
      "relayserver.hybridConnectionResourceID": hybridConnection,
      "relayserver.hybridConnectionName": "arc1",
    });
    expect(properties.configurationProtectedSettings).toEqual({
      relayServerConnectionString: "",
      "relayserver.relayConnectionString": "",
    });
    expect((await one.arm("GET", hybridConnection, { api })).status).toBe(200);
    const stored = one.world.resource(path)?.body["properties"] as typeof properties;
    const keys = await one.arm("POST", `${seededRule(one)}/listKeys`, { api });
    expect(stored.configurationProtectedSettings["relayServerConnectionString"]).toBe(
      (keys.body as Record<string, string>)["primaryConnectionString"],
    );
  });

  test("an AKS cluster has none", () => {
    const world = World.simple();
    const names = world.store.list("Microsoft.Relay/namespaces", "").map(({ name }) => name);
    expect(names).toEqual([`arc1${world.subscriptionId.replaceAll("-", "")}rg1relay`]);
  });

  test("a name of more than 50 letters is cut and gets a checksum (extension 1d)", () => {
    const cluster = {
      name: "a-cluster-with-a-long-name",
      subscriptionId: "22222222-2222-4222-8222-222222222222",
      resourceGroup: "rg1",
    };
    expect(relayName(cluster)).toBe("aclusterwithalongname222222222222422282222227610b8");
  });
});

function seededRule(one: Talk): string {
  const name = `arc1${one.world.subscriptionId.replaceAll("-", "")}rg1relay`;
  return `${relays(one)}/${name}/hybridConnections/arc1/authorizationRules/azureml_rw`;
}

import { describe, expect, test } from "@jest/globals";
import { API, attachBody, talk } from "./talk.ts";

const one = talk();
const { ids, arm } = one;
const compute = `${ids.workspace}/computes/gpu`;
const kubernetes = (over: object, top: object = {}) => ({
  ...attachBody(ids.aks),
  ...top,
  properties: { computeType: "Kubernetes", resourceId: ids.aks, properties: {}, ...over },
});

const code = (said: { status: number; body: unknown }) =>
  `${said.status} ${(said.body as { error?: { code?: string } } | null)?.error?.code ?? ""}`;
const message = (said: { body: unknown }) => (said.body as { error: { message: string } }).error.message;

describe("api-versions", () => {
  test.each([
    ["missing", compute, undefined, "400 MissingApiVersionParameter"],
    ["of a preview", compute, "2026-05-15-preview", "400 NoRegisteredProviderFound"],
    ["of another model", compute, "2021-07-01", "400 NoRegisteredProviderFound"],
    ["that is no date", compute, "newest", "400 InvalidApiVersionParameter"],
    ["of groups, unknown", ids.group, "2019-01-01", "400 InvalidApiVersionParameter"],
    ["of AKS, unknown", ids.aks, "2022-11-01", "400 NoRegisteredProviderFound"],
    ["of Arc, unknown", ids.arc, "2023-01-01", "400 NoRegisteredProviderFound"],
  ])("%s", async (_what, path, api, expected) => {
    const said = await arm("GET", path, api ? { api } : {});
    expect(code(said)).toBe(expected);
    expect(said.headers["x-ms-failure-cause"]).toBe("gateway");
  });

  test("twice is refused", async () => {
    const said = await arm("GET", `${compute}?api-version=2026-05-01&api-version=2026-05-01`);
    expect(code(said)).toBe("400 InvalidApiVersionParameter");
  });

  test("the refusal lists what is supported", async () => {
    expect(message(await arm("GET", compute, { api: "2020-01-01" }))).toContain("2026-03-01, 2026-05-01");
  });
});

describe("routes and queries", () => {
  test("an unknown route is loud", async () => {
    const said = await arm("GET", `${ids.workspace}/jobs/x`, { api: API.ml });
    expect(code(said)).toBe("404 EmulatorUnknownRoute");
  });

  test("a known path with another method is an unknown route", async () => {
    expect(code(await arm("POST", ids.aks, { api: API.aks }))).toBe("404 EmulatorUnknownRoute");
  });

  test("paths are compared without case", async () => {
    const path = ids.workspace.toLowerCase().replace("resourcegroups", "RESOURCEGROUPS");
    const said = await arm("GET", path, { api: API.ml });
    expect(said.status).toBe(200);
    expect(said.body).toMatchObject({ id: ids.workspace, name: "ws1" });
  });

  test("a path that is no valid text is an unknown route, not a crash", async () => {
    expect(code(await arm("GET", "/subscriptions/%E0%A4%A", { api: "2022-12-01" }))).toBe(
      "404 SubscriptionNotFound",
    );
  });

  test("an unknown query parameter is refused", async () => {
    expect(code(await arm("GET", `${compute}?force=true`, { api: API.ml }))).toBe(
      "400 EmulatorUnknownQueryParameter",
    );
  });

  test.each([
    ["", "400 BadRequest"],
    ["?underlyingResourceAction=", "400 BadRequest"],
    ["?underlyingResourceAction=detach", "400 BadRequest"],
    ["?underlyingResourceAction=Detach", "204 "],
  ])("DELETE of a compute with '%s'", async (query, expected) => {
    expect(code(await arm("DELETE", `${compute}${query}`, { api: API.ml }))).toBe(expected);
  });

  test("a body where none belongs is refused", async () => {
    expect(code(await arm("GET", compute, { api: API.ml, body: { a: 1 } }))).toBe(
      "400 EmulatorUnexpectedBody",
    );
  });
});

describe("the body of a compute", () => {
  test.each<[string, unknown, string]>([
    ["an unknown property", kubernetes({ nameSpace: "x" }), "'properties.nameSpace' is not a known property"],
    [
      "an unknown inner property",
      kubernetes({ properties: { sslCname: "x" } }),
      "'properties.properties.sslCname'",
    ],
    [
      "an unknown envelope property",
      kubernetes({}, { namespace: "x" }),
      "'namespace' is not a known property",
    ],
    [
      "a read-only state",
      kubernetes({ provisioningState: "Succeeded" }),
      "'properties.provisioningState' is read-only",
    ],
    ["a read-only id", kubernetes({}, { id: compute }), "'id' is read-only"],
    [
      "a read-only principal",
      kubernetes({}, { identity: { type: "SystemAssigned", principalId: "x" } }),
      "'identity.principalId'",
    ],
    [
      "a wrong type",
      kubernetes({ properties: { namespace: 7 } }),
      "'properties.properties.namespace' must be a string",
    ],
    [
      "a wrong boolean",
      kubernetes({ disableLocalAuth: "no" }),
      "'properties.disableLocalAuth' must be a boolean",
    ],
    ["a wrong tag", kubernetes({}, { tags: { a: 1 } }), "'tags.a' must be a string"],
    [
      "a wrong identity",
      kubernetes({}, { identity: { type: "system_assigned" } }),
      "'identity.type' must be one of",
    ],
    ["no identity named", kubernetes({}, { identity: { type: "UserAssigned" } }), "must name an identity"],
    ["no compute type", { properties: {} }, "'properties.computeType' is required"],
    [
      "a compute type in another case",
      kubernetes({ computeType: "kubernetes" }),
      "must be one of AKS, Kubernetes",
    ],
    [
      "properties of another type",
      kubernetes({ properties: { clusterPurpose: "DevTest" } }),
      "clusterPurpose",
    ],
    [
      "an unknown purpose",
      kubernetes({ computeType: "AKS", properties: { clusterPurpose: "Prod" } }),
      "must be one of FastProd, DenseProd, DevTest",
    ],
    [
      "a range that is none",
      kubernetes({
        computeType: "AKS",
        properties: { aksNetworkingConfiguration: { serviceCidr: "10.0/8" } },
      }),
      "does not match",
    ],
    [
      "a negative count",
      kubernetes({ computeType: "AKS", properties: { agentCount: -1 } }),
      "whole number from 0",
    ],
  ])("with %s", async (_what, body, expected) => {
    const said = await arm("PUT", compute, { api: API.ml, body });
    expect(code(said)).toBe("400 InvalidRequestContent");
    expect(message(said)).toContain(expected);
    expect(one.world.resource(compute)).toBeUndefined();
  });

  test("with tolerations in an instance type is accepted and kept, as Azure does", async () => {
    const fresh = talk();
    const instanceTypes = {
      gpu: { resources: { limits: { "nvidia.com/gpu": null } }, tolerations: [{ key: "x" }] },
    };
    const body = kubernetes({ properties: { instanceTypes } });
    expect((await fresh.arm("PUT", compute, { api: API.ml, body })).status).toBe(201);
    expect((await fresh.arm("GET", compute, { api: API.ml })).body).toMatchObject({
      properties: { properties: { instanceTypes } },
    });
  });

  test.each([
    ["not JSON", "{", "400 InvalidRequestContent"],
    ["a list", "[]", "400 InvalidRequestContent"],
  ])("that is %s", async (_what, body, expected) => {
    expect(code(await arm("PUT", compute, { api: API.ml, body }))).toBe(expected);
  });

  test("without a JSON content type", async () => {
    const headers = { "content-type": "text/plain" };
    expect(code(await arm("PUT", compute, { api: API.ml, body: "{}", headers }))).toBe(
      "415 UnsupportedMediaType",
    );
  });
});

describe("names of computes", () => {
  test.each([
    ["ab", 400],
    ["1gpu", 400],
    ["pool-1", 400],
    ["gpu_1", 400],
    ["a".repeat(25), 400],
    ["a".repeat(24), 201],
    ["pool-1a", 201],
    ["gpu", 201],
  ])("%s", async (name, status) => {
    const fresh = talk();
    const said = await fresh.arm("PUT", `${ids.workspace}/computes/${name}`, {
      api: API.ml,
      body: attachBody(ids.aks),
    });
    expect(said.status).toBe(status);
  });

  test("may end in a number under the loose pattern", async () => {
    const fresh = talk();
    fresh.world.knobs.computeNamePattern = "loose";
    const said = await fresh.arm("PUT", `${ids.workspace}/computes/pool-1`, {
      api: API.ml,
      body: attachBody(ids.aks),
    });
    expect(said.status).toBe(201);
  });
});

describe("tokens", () => {
  const get = (headers: Record<string, string>, from = one) =>
    from.say("GET", `${from.emulator.origin}${ids.workspace}?api-version=2026-05-01`, headers);

  test("missing", async () => {
    const said = await get({});
    expect(code(said)).toBe("401 AuthenticationFailed");
    expect(said.headers["www-authenticate"]).toContain("Bearer authorization_uri=");
  });

  test("made up", async () => {
    expect(code(await get({ authorization: "Bearer abc" }))).toBe("401 InvalidAuthenticationToken");
  });

  test("expired by the world's clock", async () => {
    const fresh = talk();
    const authorization = `Bearer ${await fresh.token()}`;
    expect((await get({ authorization }, fresh)).status).toBe(200);
    fresh.world.clock.advance(3_600_000);
    expect(code(await get({ authorization }, fresh))).toBe("401 ExpiredAuthenticationToken");
  });

  test("for another audience", async () => {
    const fresh = talk();
    const application = fresh.world.directory.get(fresh.world.application.clientId);
    if (!application) throw new Error("no application");
    const token = fresh.world.directory.issue(
      application,
      fresh.world.tenantId,
      "https://vault.azure.net",
      60,
    );
    const said = await get({ authorization: `Bearer ${token}` }, fresh);
    expect(code(said)).toBe("401 InvalidAuthenticationTokenAudience");
  });

  test("of another tenant", async () => {
    const fresh = talk();
    const application = fresh.world.directory.get(fresh.world.application.clientId);
    if (!application) throw new Error("no application");
    const token = fresh.world.directory.issue(
      application,
      "99999999-0000-4000-8000-000000000000",
      fresh.emulator.origin,
      60,
    );
    const said = await get({ authorization: `Bearer ${token}` }, fresh);
    expect(code(said)).toBe("401 InvalidAuthenticationTokenTenant");
  });
});

describe("rights", () => {
  const clientId = one.world.application.clientId;

  test.each<[string, string[], string[], string, string, number]>([
    ["wildcards", ["Microsoft.MachineLearningServices/*/read"], [], "/", "GET", 200],
    ["reading does not allow writing", ["*/read"], [], "/", "PUT", 403],
    [
      "notActions subtract",
      ["*"],
      ["Microsoft.MachineLearningServices/workspaces/computes/write"],
      "/",
      "PUT",
      403,
    ],
    ["case is ignored", ["MICROSOFT.machinelearningservices/workspaces/computes/WRITE"], [], "/", "PUT", 201],
    ["a scope above", ["*"], [], ids.group, "PUT", 201],
    ["a scope beside", ["*"], [], `${ids.group}-other`, "PUT", 403],
  ])("%s", async (_what, actions, notActions, scope, method, status) => {
    const fresh = talk();
    fresh.world.addCompute(ids.workspace, { name: "gpu", properties: { resourceId: ids.aks } });
    fresh.world.revoke(clientId);
    fresh.world.grant(clientId, actions, notActions, scope);
    const said = await fresh.arm(method, compute, {
      api: API.ml,
      ...(method === "PUT" ? { body: attachBody(ids.aks) } : {}),
    });
    expect(said.status).toBe(status);
    if (status === 403) expect(message(said)).toContain("does not have authorization to perform action");
  });

  test("a reader of permissions sees the grants that cover the scope", async () => {
    const fresh = talk();
    fresh.world.revoke(clientId);
    fresh.world.grant(clientId, ["Microsoft.Authorization/permissions/read"], [], ids.group);
    fresh.world.grant(clientId, ["*/read"], ["*/secret/read"], ids.aks);
    const read = async (scope: string) =>
      (
        await fresh.arm("GET", `${scope}/providers/Microsoft.Authorization/permissions`, {
          api: API.permissions,
        })
      ).body;
    const first = { actions: ["Microsoft.Authorization/permissions/read"], notActions: [] };
    expect(await read(ids.workspace)).toMatchObject({ value: [first] });
    expect(await read(ids.aks)).toMatchObject({
      value: [first, { actions: ["*/read"], notActions: ["*/secret/read"] }],
    });
  });

  test("an action on the cluster may be needed too", async () => {
    const fresh = talk();
    fresh.world.knobs.linkedAction =
      "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action";
    fresh.world.revoke(clientId);
    fresh.world.grant(clientId, ["Microsoft.MachineLearningServices/*"]);
    const said = await fresh.arm("PUT", compute, { api: API.ml, body: attachBody(ids.aks) });
    expect(code(said)).toBe("403 LinkedAuthorizationFailed");
  });
});

describe("subscriptions and providers", () => {
  test("a disabled subscription is read-only", async () => {
    const fresh = talk();
    fresh.world.addSubscription({ state: "Disabled" });
    expect((await fresh.arm("GET", ids.workspace, { api: API.ml })).status).toBe(200);
    const said = await fresh.arm("PUT", compute, { api: API.ml, body: attachBody(ids.aks) });
    expect(code(said)).toBe("409 ReadOnlyDisabledSubscription");
  });

  test("an unregistered provider takes no writes until it is registered", async () => {
    const fresh = talk();
    fresh.world.providerStates.set("microsoft.machinelearningservices", "NotRegistered");
    const put = () => fresh.arm("PUT", compute, { api: API.ml, body: attachBody(ids.aks) });
    const provider = `/subscriptions/${fresh.world.subscriptionId}/providers/Microsoft.MachineLearningServices`;
    expect(code(await put())).toBe("409 MissingSubscriptionRegistration");
    const before = await fresh.arm("GET", provider, { api: API.resources });
    expect(before.body).toMatchObject({ registrationState: "NotRegistered" });
    await fresh.arm("POST", `${provider}/register`, { api: API.resources });
    expect((await put()).status).toBe(201);
  });
});

test("every answer of ARM carries its ids, and what is left of the budget", async () => {
  const said = await arm("GET", ids.workspace, {
    api: API.ml,
    headers: {
      "x-ms-correlation-request-id": "corr",
      "x-ms-client-request-id": "mine",
      "x-ms-return-client-request-id": "true",
    },
  });
  expect(said.headers).toMatchObject({
    "x-ms-correlation-request-id": "corr",
    "x-ms-client-request-id": "mine",
    "x-ms-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    "x-ms-routing-request-id": expect.stringMatching(/^EASTUS:\d{8}T\d{6}Z:/),
    "x-ms-ratelimit-remaining-subscription-reads": expect.stringMatching(/^\d+$/),
  });
});

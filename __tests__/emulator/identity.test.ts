import { describe, expect, test } from "@jest/globals";
import { githubAssertion, signJwt, strangerKey } from "../../emulator/index.ts";
import { API, type Said, type Talk, talk, tokenForm } from "./talk.ts";

const AUDIENCE = "api://AzureADTokenExchange";
const exchange = (one: Talk, changes: Record<string, string> = {}, tenant = one.world.tenantId) =>
  one.say(
    "POST",
    `${one.emulator.origin}/${tenant}/oauth2/v2.0/token`,
    {},
    tokenForm(one.world, one.emulator, changes),
  );
const withAssertion = (one: Talk, client_assertion: string) => {
  const form = new URLSearchParams(tokenForm(one.world, one.emulator));
  form.delete("client_secret");
  form.set("client_assertion", client_assertion);
  form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  return one.say(
    "POST",
    `${one.emulator.origin}/${one.world.tenantId}/oauth2/v2.0/token`,
    {},
    form.toString(),
  );
};
const claims = (one: Talk, over: Record<string, string | number> = {}) => ({
  iss: one.world.github.issuer,
  sub: one.world.github.subject,
  aud: AUDIENCE,
  exp: Math.floor(one.world.clock.now() / 1000) + 300,
  ...over,
});
const codes = (said: Said) => (said.body as { error_codes?: number[] }).error_codes;

describe("the token endpoint", () => {
  test("gives a token of the asked audience, which works until it expires", async () => {
    const one = talk();
    const said = await exchange(one);
    expect(said).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 3600 } });
    const token = (said.body as { access_token: string }).access_token;
    expect(token.split(".")).toHaveLength(3);
    expect(one.world.secrets.has(token)).toBe(true);
  });

  test.each<[string, Record<string, string>, number, number]>([
    ["a wrong secret", { client_secret: "nope" }, 401, 7000215],
    ["an unknown application", { client_id: "99999999-0000-4000-8000-000000000000" }, 400, 700016],
    ["another grant", { grant_type: "password" }, 400, 70003],
    ["no default scope", { scope: "openid" }, 400, 1002012],
  ])("refuses %s", async (_what, changes, status, code) => {
    const said = await exchange(talk(), changes);
    expect(said.status).toBe(status);
    expect(codes(said)).toEqual([code]);
    expect(said.body).toMatchObject({
      error_description: expect.stringMatching(new RegExp(`^AADSTS${code}: .* Trace ID: `)),
      timestamp: expect.any(String),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
    });
  });

  test("refuses an unknown tenant, there and in its configuration", async () => {
    const one = talk();
    const stranger = "99999999-0000-4000-8000-000000000000";
    expect(codes(await exchange(one, {}, stranger))).toEqual([90002]);
    const url = `${one.emulator.origin}/${stranger}/v2.0/.well-known/openid-configuration`;
    expect(codes(await one.say("GET", url))).toEqual([90002]);
  });
});

describe("client assertions", () => {
  test("of the workflow are exchanged, as often as one likes", async () => {
    const one = talk();
    const assertion = githubAssertion(one.world, AUDIENCE);
    expect((await withAssertion(one, assertion)).status).toBe(200);
    expect((await withAssertion(one, assertion)).status).toBe(200);
    one.world.knobs.assertionOnce = true;
    expect((await withAssertion(one, assertion)).status).toBe(401);
  });

  test.each<[string, (one: Talk) => string, number]>([
    ["another subject", (one) => signJwt(claims(one, { sub: "repo:other/x:ref:refs/heads/main" })), 700213],
    ["another audience", (one) => signJwt(claims(one, { aud: "https://github.com/contoso" })), 700213],
    ["another issuer", (one) => signJwt(claims(one, { iss: "https://evil.test" })), 700213],
    ["an assertion that expired", (one) => signJwt(claims(one, { exp: 1 })), 700024],
    ["a stranger's signature", (one) => signJwt(claims(one), strangerKey()), 700027],
    ["what is no JWT", () => "abc", 700027],
  ])("refuses %s", async (_what, make, code) => {
    const one = talk();
    const said = await withAssertion(one, make(one));
    expect(said.status).toBe(401);
    expect(codes(said)).toEqual([code]);
  });

  test("expire by the world's clock", async () => {
    const one = talk();
    const assertion = githubAssertion(one.world, AUDIENCE);
    one.world.clock.advance(301_000);
    expect(codes(await withAssertion(one, assertion))).toEqual([700024]);
  });
});

describe("GitHub's OIDC endpoint", () => {
  const ask = (one: Talk, query: string, token = one.world.github.requestToken) =>
    one.say("GET", `${one.emulator.origin}/_github/oidc/token?api-version=2.0${query}`, {
      authorization: `bearer ${token}`,
    });

  test("gives an assertion that Entra takes", async () => {
    const one = talk();
    const said = await ask(one, `&audience=${encodeURIComponent(AUDIENCE)}`);
    const { value } = said.body as { value: string };
    expect(one.world.secrets.has(value)).toBe(true);
    expect((await withAssertion(one, value)).status).toBe(200);
  });

  test("without an audience gives one that Entra refuses", async () => {
    const one = talk();
    const { value } = (await ask(one, "")).body as { value: string };
    expect(codes(await withAssertion(one, value))).toEqual([700213]);
  });

  test("wants the request token", async () => {
    expect((await ask(talk(), "", "wrong")).status).toBe(401);
  });
});

describe("managed identity, App Service form", () => {
  const ask = (one: Talk, header: string, query = "api-version=2019-08-01") =>
    one.say("GET", `${one.emulator.origin}/_msi/token?${query}&resource=${one.emulator.origin}/`, {
      "X-IDENTITY-HEADER": header,
    });

  test("gives a token that Resource Manager takes", async () => {
    const one = talk();
    const said = await ask(one, one.world.managedIdentity.header);
    const { access_token, expires_on } = said.body as { access_token: string; expires_on: string };
    expect(expires_on).toMatch(/^\d+$/);
    const url = `${one.emulator.origin}${one.ids.workspace}?api-version=${API.ml}`;
    expect((await one.say("GET", url, { authorization: `Bearer ${access_token}` })).status).toBe(200);
  });

  test("wants its header and its api-version", async () => {
    const one = talk();
    expect((await ask(one, "wrong")).status).toBe(401);
    expect((await ask(one, one.world.managedIdentity.header, "api-version=2017-09-01")).status).toBe(400);
  });
});

describe("discovery", () => {
  const read = async (path: string) => {
    const one = talk();
    return { one, body: (await one.say("GET", `${one.emulator.origin}${path}`)).body };
  };

  test("of a cloud, in the newest form, as a list, and as Azure Stack began", async () => {
    const { one, body } = await read("/metadata/endpoints?api-version=2022-09-01");
    const { origin } = one.emulator;
    expect(body).toMatchObject({
      resourceManager: origin,
      authentication: { loginEndpoint: origin, audiences: expect.arrayContaining([origin]) },
    });
    expect((await read("/metadata/endpoints?api-version=2019-05-01")).body).toMatchObject([
      { name: "AzureEmulator" },
    ]);
    expect((await read("/metadata/endpoints?api-version=2015-01-01")).body).toHaveProperty(
      "authentication.loginEndpoint",
    );
    expect((await read("/metadata/endpoints")).body).toHaveProperty(
      "error.code",
      "InvalidApiVersionParameter",
    );
  });

  test("of a tenant has the four entries without which clients fail", async () => {
    const { body } = await read(`/${talk().world.tenantId}/v2.0/.well-known/openid-configuration`);
    for (const key of ["token_endpoint", "authorization_endpoint", "issuer", "jwks_uri"])
      expect(body).toHaveProperty(key);
  });

  test("of instances and keys", async () => {
    expect((await read("/common/discovery/instance")).body).toHaveProperty("tenant_discovery_endpoint");
    expect((await read(`/${talk().world.tenantId}/discovery/v2.0/keys`)).body).toHaveProperty(
      "keys.0.kty",
      "RSA",
    );
  });
});

test("credentials are blanked in what is recorded", async () => {
  const one = talk();
  const said = await exchange(one);
  const recorded = JSON.stringify(one.world.exchanges);
  expect(recorded).not.toContain((said.body as { access_token: string }).access_token);
  expect(recorded).not.toContain(one.world.application.secret);
});

import { expect, test } from "@jest/globals";
import { talk, tokenForm } from "./talk.ts";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A job of Azure Pipelines that asks for the token of a service connection. */
function job() {
  const one = talk();
  const { emulator, say } = one;
  const { oidcPath, serviceConnectionId, accessToken } = one.world.pipelineJob;
  const ask = (
    changes: { method?: string; path?: string; api?: string; id?: string; token?: string } = {},
  ) => {
    const query = `api-version=${changes.api ?? "7.1"}&serviceConnectionId=${changes.id ?? serviceConnectionId}`;
    const url = `${emulator.origin}${changes.path ?? oidcPath}?${query}`;
    return say(changes.method ?? "POST", url, { authorization: `Bearer ${changes.token ?? accessToken}` });
  };
  return { ...one, ask };
}

test("gives a token that Entra ID takes for the service connection's application", async () => {
  const { ask, say, world, emulator } = job();
  const { status, body } = await ask();
  expect(status).toBe(200);
  const { oidcToken } = body as { oidcToken: string };
  expect(world.secrets.has(oidcToken)).toBe(true);
  const form = { client_secret: "", client_assertion: oidcToken, client_assertion_type: ASSERTION };
  const url = `${emulator.origin}/${world.tenantId}/oauth2/v2.0/token`;
  expect((await say("POST", url, {}, tokenForm(world, emulator, form))).status).toBe(200);
});

test.each([
  ["another method", { method: "GET" }, 405],
  ["another job", { path: "/_devops/contoso/other/oidctoken" }, 404],
  ["a wrong job token", { token: "nope" }, 401],
  ["another api-version", { api: "6.0" }, 400],
  ["a service connection that the job may not use", { id: "nope" }, 404],
])("refuses %s", async (_what, changes, status) => {
  expect((await job().ask(changes)).status).toBe(status);
});

test("records what was said without tokens", async () => {
  const { ask, world } = job();
  const { oidcToken } = (await ask()).body as { oidcToken: string };
  const recorded = JSON.stringify(world.exchanges);
  expect(world.exchanges.map(({ host }) => host)).toEqual(["devops"]);
  expect(recorded).not.toContain(oidcToken);
  expect(recorded).not.toContain(world.pipelineJob.accessToken);
});

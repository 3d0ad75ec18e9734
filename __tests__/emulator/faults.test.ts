import { describe, expect, test } from "@jest/globals";
import type { Fault } from "../../emulator/index.ts";
import { API, attachBody, type Talk, talk } from "./talk.ts";

const get = (one: Talk) => one.arm("GET", one.ids.workspace, { api: API.ml });
const withFault = (fault: Fault) => {
  const one = talk();
  one.world.faults.push(fault);
  return one;
};

test.each<[Omit<Fault, "match">, object]>([
  [{ kind: "reset" }, { kind: "reset" }],
  [{ kind: "hang" }, { kind: "hang" }],
  [{ kind: "html" }, { status: 502, headers: { "content-type": "text/html" } }],
  [{ kind: "not-json" }, { status: 200, text: "this is not JSON" }],
  [{ kind: "status" }, { status: 500, body: { error: { code: "InternalServerError" } } }],
  [
    { kind: "status", status: 429, retryAfter: 3 },
    { status: 429, headers: { "retry-after": "3" } },
  ],
  [
    { kind: "status", status: 409, code: "Conflict", message: "no" },
    { body: { error: { code: "Conflict", message: "no" } } },
  ],
  [
    { kind: "status", status: 503, headers: { "x-note": "1" } },
    { status: 503, headers: { "x-note": "1" } },
  ],
  [{ kind: "expired-token" }, { status: 401, body: { error: { code: "ExpiredAuthenticationToken" } } }],
  [{ kind: "truncated" }, { kind: "truncated", status: 200, body: null }],
  [
    { kind: "truncated", clean: true },
    { kind: "response", status: 200, body: null },
  ],
])("%j", async (fault, expected) => {
  const one = withFault({ ...fault, match: { url: /workspaces/ } });
  expect(await get(one)).toMatchObject(expected);
  expect((await get(one)).status).toBe(200);
});

describe("when", () => {
  test("from the n-th matching request on, so many times", async () => {
    const one = withFault({
      match: { method: "get", url: "workspaces/ws1" },
      nth: 2,
      count: 2,
      kind: "status",
    });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) statuses.push((await get(one)).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
  });

  test("only for the method and URL that match", async () => {
    const one = withFault({ match: { method: "PUT", url: /computes/ }, kind: "status" });
    expect((await get(one)).status).toBe(200);
  });

  test("without a pattern it hits whatever comes, the sign-in too", async () => {
    const one = withFault({ match: {}, kind: "status", status: 503 });
    await expect(one.token()).resolves.toBe("undefined");
    expect(one.world.exchanges).toMatchObject([{ host: "entra", status: 503, fault: true }]);
  });
});

describe("before or after", () => {
  const put = (one: Talk) =>
    one.arm("PUT", `${one.ids.workspace}/computes/gpu`, { api: API.ml, body: attachBody(one.ids.aks) });

  test.each([
    ["before", false],
    ["after", true],
  ] as const)("%s: the compute is there: %s", async (phase, there) => {
    const one = withFault({ match: { method: "PUT" }, phase, kind: "reset" });
    expect((await put(one)).kind).toBe("reset");
    expect(one.world.resource(`${one.ids.workspace}/computes/gpu`) !== undefined).toBe(there);
  });

  test("after: a cut answer is cut from the true one", async () => {
    const one = withFault({ match: { method: "PUT" }, phase: "after", kind: "truncated" });
    const said = await put(one);
    expect(said.status).toBe(201);
    expect(said.text).toMatch(/^\{"id":"\/subscriptions\//);
  });
});

test("broken exchanges are marked, and silent ones have status 0", async () => {
  const one = withFault({ match: { url: /workspaces/ }, kind: "reset" });
  await get(one);
  await get(one);
  const arm = one.world.exchanges.filter(({ host }) => host === "arm");
  expect(arm.map(({ status, fault }) => [status, fault])).toEqual([
    [0, true],
    [200, undefined],
  ]);
  expect(arm[0]?.requestHeaders["authorization"]).toBe("Bearer ***");
});

test("error messages can be made to leak the caller's token", async () => {
  const one = talk();
  one.world.knobs.echoToken = true;
  const said = await one.arm("GET", `${one.ids.workspace}x`, { api: API.ml });
  expect([...one.world.secrets].some((secret) => said.text.includes(secret))).toBe(true);
});

test("a knob makes every answer slow", async () => {
  const one = talk();
  one.world.knobs.latencyMs = 30;
  const before = performance.now();
  await one.say("GET", `${one.emulator.origin}/metadata/endpoints?api-version=2022-09-01`);
  expect(performance.now() - before).toBeGreaterThan(25);
});

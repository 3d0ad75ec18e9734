import { existsSync, readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Emulator, introduction, type Served, serve, World, worldFrom } from "../../emulator/index.ts";
import { tokenForm } from "./talk.ts";

interface Heard {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

let served: Served;
let world: World;
let emulator: Emulator;

beforeAll(async () => {
  world = World.simple();
  emulator = new Emulator(world);
  served = await serve(emulator);
});
afterAll(() => served.close());

function over(
  url: string,
  method = "GET",
  body?: string,
  headers: Record<string, string> = {},
  timeout = 20_000,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { method, headers, ca: readFileSync(served.caFile), timeout },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error("timed out")));
    request.on("error", reject);
    request.end(body);
  });
}

const control = (method: string, topic: string, body?: unknown) =>
  over(`${served.url}/_emulator/${topic}`, method, body === undefined ? undefined : JSON.stringify(body));

async function bearer(): Promise<Record<string, string>> {
  const said = await over(
    `${served.url}/${world.tenantId}/oauth2/v2.0/token`,
    "POST",
    tokenForm(world, emulator),
  );
  return { authorization: `Bearer ${(JSON.parse(said.body) as { access_token: string }).access_token}` };
}

const workspace = () =>
  `${served.url}/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1?api-version=2026-05-01`;

describe("over HTTPS", () => {
  test("everything is one origin, trusted by its own authority", async () => {
    const said = await over(`${served.url}/metadata/endpoints?api-version=2022-09-01`);
    expect(JSON.parse(said.body)).toMatchObject({ resourceManager: served.url });
    const headers = await bearer();
    const read = await over(workspace(), "GET", undefined, headers);
    expect(read.status).toBe(200);
    expect(read.headers["content-length"]).toBe(String(Buffer.byteLength(read.body)));
  });

  test("nobody else trusts it", async () => {
    const attempt = new Promise((resolve, reject) => {
      httpsRequest(served.url, resolve).on("error", reject).end();
    });
    await expect(attempt).rejects.toThrow(/certificate/);
  });

  test("HEAD and 204 have no body", async () => {
    const headers = await bearer();
    const group = `${served.url}/subscriptions/${world.subscriptionId}/resourceGroups/rg1?api-version=2024-03-01`;
    expect(await over(group, "HEAD", undefined, headers)).toMatchObject({ status: 204, body: "" });
    expect(await over(group.replace("rg1", "rg2"), "HEAD", undefined, headers)).toMatchObject({
      status: 404,
      body: "",
    });
  });

  test("the foreign host is another port", async () => {
    expect(served.foreignUrl).not.toBe(served.url);
    expect((await over(`${served.foreignUrl}/x`)).status).toBe(401);
    expect(world.violations).toEqual([]);
    await over(`${served.foreignUrl}/x`, "GET", undefined, { authorization: "Bearer x" });
    expect(world.violations.splice(0)).toHaveLength(1);
  });

  test.each([
    ["reset", /hang up|ECONNRESET/],
    ["truncated", /aborted/],
    ["hang", /timed out/],
  ] as const)("a connection can %s", async (kind, expected) => {
    const headers = await bearer();
    await control("POST", "faults", { match: { url: "workspaces/ws1" }, kind, phase: "after" });
    const limit = kind === "hang" ? 500 : undefined;
    await expect(over(workspace(), "GET", undefined, headers, limit)).rejects.toThrow(expected);
    expect((await over(workspace(), "GET", undefined, headers)).status).toBe(200);
    await control("DELETE", "faults");
  });
});

describe("the control API", () => {
  test("moves the clock", async () => {
    const before = world.clock.now();
    await control("POST", "clock", { advanceMs: 3_600_000 });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
    expect(JSON.parse((await control("GET", "clock")).body)).toHaveProperty("now");
  });

  test("turns knobs, and knows their names", async () => {
    await control("PATCH", "knobs", { putExisting: "silent", retryAfterSeconds: 4 });
    expect(world.knobs).toMatchObject({ putExisting: "silent", retryAfterSeconds: 4 });
    await control("PATCH", "knobs", { retryAfterSeconds: null });
    expect(world.knobs.retryAfterSeconds).toBeUndefined();
    expect(await control("PATCH", "knobs", { putExistin: 1 })).toMatchObject({
      status: 400,
      body: expect.stringContaining("no knob 'putExistin'"),
    });
    expect(JSON.parse((await control("GET", "knobs")).body)).toMatchObject({ pageSize: 100 });
  });

  test("gives and takes rights", async () => {
    const headers = await bearer();
    await control("POST", "grants", { revoke: true });
    expect((await over(workspace(), "GET", undefined, headers)).status).toBe(403);
    await control("POST", "grants", { actions: ["*/read"] });
    expect((await over(workspace(), "GET", undefined, headers)).status).toBe(200);
  });

  test("shows what was said, and is not part of it", async () => {
    await control("DELETE", "exchanges");
    await over(workspace(), "GET", undefined, await bearer());
    const lines = (await control("GET", "exchanges")).body.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { host: string }).host)).toEqual(["arm"]);
    expect((await control("GET", "exchanges?host=all")).body.trim().split("\n")).toHaveLength(2);
    expect(JSON.parse((await control("GET", "violations")).body)).toEqual([]);
    expect(JSON.parse((await control("GET", "secrets")).body)).toContain(world.application.secret);
    expect((await control("GET", "nothing")).status).toBe(404);
  });
});

test("the authority's file lives as long as the server", async () => {
  const other = await serve(new Emulator(World.simple()));
  expect(readFileSync(other.caFile, "utf8")).toMatch(/^-----BEGIN CERTIFICATE-----/);
  await other.close();
  expect(existsSync(other.caFile)).toBe(false);
});

test("the introduction names everything that a user needs", () => {
  const text = introduction(world, served);
  for (const part of [served.url, served.caFile, world.tenantId, world.application.secret])
    expect(text).toContain(part);
});

test("a seed file is a world", () => {
  const seeded = worldFrom({
    location: "westeurope",
    workspaces: [
      { resourceGroup: "rg", name: "ws", computes: [{ name: "gpu", properties: { resourceId: "x" } }] },
    ],
    managedClusters: [{ resourceGroup: "rg", name: "aks", extensions: [{ name: "ml" }] }],
    connectedClusters: [{ resourceGroup: "rg", name: "arc", extensions: [] }],
    providerStates: { "Microsoft.Relay": "NotRegistered" },
    knobs: { pageSize: 3 },
    faults: [{ match: { url: "x" }, kind: "reset" }],
  });
  const group = `/subscriptions/${seeded.subscriptionId}/resourceGroups/rg/providers`;
  expect(
    seeded.resource(`${group}/Microsoft.MachineLearningServices/workspaces/ws/computes/gpu`)?.body,
  ).toMatchObject({
    location: "westeurope",
  });
  expect(seeded.resource(`${group}/Microsoft.Kubernetes/connectedClusters/arc`)).toBeDefined();
  expect(seeded.knobs.pageSize).toBe(3);
  expect(seeded.faults).toHaveLength(1);
  expect(() => worldFrom({ knobs: { pageSiz: 3 } })).toThrow("no knob");
});

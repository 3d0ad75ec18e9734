import { describe, expect, test } from "@jest/globals";
import type { Dialect } from "../../emulator/index.ts";
import { API, attachBody, type Said, type Talk, talk } from "./talk.ts";

const put = (one: Talk) =>
  one.arm("PUT", `${one.ids.workspace}/computes/gpu`, { api: API.ml, body: attachBody(one.ids.aks) });
const aao = (said: Said) => said.headers["azure-asyncoperation"] ?? "";
const pathOf = (url: string) => new URL(url).pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}(?=\*|$)/, "GUID");

describe("the four dialects (testbed 7)", () => {
  const subscription = `/subscriptions/${talk().world.subscriptionId}`;

  test.each<[Dialect, string, string, object, object]>([
    [
      "machineLearning",
      `${subscription}/providers/Microsoft.MachineLearningServices/locations/eastus/computeOperationsStatus/GUID`,
      "api-version=2026-05-01&service=new",
      { status: "InProgress" },
      { status: "Succeeded", percentComplete: 100 },
    ],
    [
      "containerService",
      `${subscription}/providers/Microsoft.ContainerService/locations/eastus/operations/GUID`,
      "api-version=2016-03-30",
      { name: expect.any(String), status: "InProgress", startTime: expect.stringMatching(/\.\d{7}Z$/) },
      {
        name: expect.any(String),
        status: "Succeeded",
        startTime: expect.any(String),
        endTime: expect.any(String),
      },
    ],
    [
      "connectedCluster",
      "/providers/Microsoft.Kubernetes/locations/EASTUS/operationStatuses/GUID*HASH",
      "api-version=2021-10-01",
      { status: "Accepted", resourceId: expect.any(String), properties: null },
      { status: "Succeeded", endTime: expect.any(String), properties: null },
    ],
  ])("%s", async (dialect, path, query, running, done) => {
    const one = talk();
    one.world.knobs.computeDialect = dialect;
    const accepted = await put(one);
    expect(pathOf(aao(accepted)).replace(/\*[0-9A-F]{64}$/, "*HASH")).toBe(path);
    expect(new URL(aao(accepted)).search).toContain(`?${query}&t=`);
    expect((await one.arm("GET", aao(accepted))).body).toMatchObject(running);
    one.world.clock.advance(10_000);
    expect((await one.arm("GET", aao(accepted))).body).toMatchObject(done);
  });

  test("extension: the status below the resource in other case, Location on a foreign host", async () => {
    const one = talk();
    const path = `${one.ids.arc}/providers/Microsoft.KubernetesConfiguration/extensions/second`;
    const body = {
      identity: { type: "SystemAssigned" },
      properties: { extensionType: "microsoft.azureml.kubernetes" },
    };
    const accepted = await one.arm("PUT", path, { api: API.extensions, body });
    expect(accepted.status).toBe(201);
    expect(accepted.body).toMatchObject({
      properties: { provisioningState: "Creating", version: null, currentVersion: null },
      systemData: { createdBy: null },
    });
    const cased = path.replace("/connectedClusters/", "/ConnectedClusters/");
    expect(pathOf(aao(accepted))).toBe(`${cased}/operations/GUID`);
    expect(new URL(aao(accepted)).search).toContain("?api-Version=2023-05-01&t=");
    expect(accepted.headers["location"]).toContain(`${one.emulator.foreignOrigin}${cased}?`);
    expect((await one.arm("GET", aao(accepted))).body).toMatchObject({
      status: "Creating",
      id: expect.any(String),
    });
    one.world.clock.advance(10_000);
    expect((await one.arm("GET", aao(accepted))).body).toMatchObject({ status: "Succeeded" });
    expect((await one.arm("GET", path, { api: API.extensions })).body).toMatchObject({
      properties: { provisioningState: "Succeeded", currentVersion: expect.stringMatching(/^1\.1\./) },
    });
  });
});

describe("which headers announce it", () => {
  test.each([
    ["azure-asyncoperation", true, undefined],
    ["location", false, "https://azure.emulator.test/"],
    ["both", true, "https://azure.emulator.test/"],
    ["none", false, undefined],
    ["foreign-location", true, "https://eastus.rp.kubernetesconfiguration.emulator.test/"],
  ] as const)("%s", async (kind, status, location) => {
    const one = talk();
    one.world.knobs.asyncHeaders = kind;
    const { headers } = await put(one);
    expect(headers["azure-asyncoperation"] !== undefined).toBe(status);
    if (location === undefined) expect(headers["location"]).toBeUndefined();
    else expect(headers["location"]).toMatch(new RegExp(`^${location}`));
  });

  test("Location answers 202 until the end, then what the call would have answered", async () => {
    const one = talk();
    one.world.knobs.asyncHeaders = "location";
    one.world.knobs.retryAfterSeconds = 7;
    const accepted = await put(one);
    expect(accepted.headers["retry-after"]).toBe("7");
    const url = accepted.headers["location"] ?? "";
    expect(await one.arm("GET", url)).toMatchObject({
      status: 202,
      text: "",
      headers: { location: url, "retry-after": "7" },
    });
    one.world.clock.advance(10_000);
    expect(await one.arm("GET", url)).toMatchObject({ status: 200, body: { name: "gpu" } });
    const gone = await one.arm(
      "DELETE",
      `${one.ids.workspace}/computes/gpu?underlyingResourceAction=Detach`,
      { api: API.ml },
    );
    one.world.clock.advance(10_000);
    expect((await one.arm("GET", gone.headers["location"] ?? "")).status).toBe(204);
  });

  test("Location of a failed operation answers with the error", async () => {
    const one = talk();
    one.world.knobs.asyncHeaders = "location";
    one.world.knobs.createOutcome = { status: "Failed", error: { code: "Boom", message: "boom" } };
    const accepted = await put(one);
    one.world.clock.advance(10_000);
    expect(await one.arm("GET", accepted.headers["location"] ?? "")).toMatchObject({
      status: 409,
      body: { error: { code: "Boom" } },
    });
  });
});

describe("signed status URLs", () => {
  const started = async () => {
    const one = talk();
    return { one, url: aao(await put(one)) };
  };
  const changed = (url: string, change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return copy.href;
  };

  test("are long, and secret", async () => {
    const { one, url } = await started();
    expect(url.length).toBeGreaterThan(1500);
    const { searchParams } = new URL(url);
    for (const key of ["c", "s", "h"]) expect(one.world.secrets.has(searchParams.get(key) ?? "")).toBe(true);
  });

  test.each<[string, (url: URL) => void, number]>([
    ["as given", () => {}, 200],
    [
      "with a second api-version, as Microsoft's SDK does",
      (url) => url.searchParams.append("api-version", "2022-10-01"),
      200,
    ],
    ["with another api-version", (url) => url.searchParams.set("api-version", "2024-04-01"), 200],
    ["without s", (url) => url.searchParams.delete("s"), 403],
    ["with another c", (url) => url.searchParams.set("c", "x"), 403],
    ["with t twice", (url) => url.searchParams.append("t", "1"), 403],
    [
      "with the path in other case",
      (url) => Object.assign(url, { pathname: url.pathname.toLowerCase() }),
      403,
    ],
  ])("%s", async (_what, change, status) => {
    const { one, url } = await started();
    expect((await one.arm("GET", changed(url, change))).status).toBe(status);
  });

  test("need a token all the same", async () => {
    const { one, url } = await started();
    expect((await one.say("GET", url)).status).toBe(401);
  });

  test("need no right: the signature is the right", async () => {
    const { one, url } = await started();
    one.world.revoke(one.world.application.clientId);
    expect((await one.arm("GET", url)).status).toBe(200);
  });

  test("may be unsigned, as before 2023", async () => {
    const one = talk();
    one.world.knobs.signedStatusUrls = false;
    expect(new URL(aao(await put(one))).search).toBe("?api-version=2026-05-01&service=new");
  });
});

test("a foreign host that is shown a token is a violation", async () => {
  const one = talk();
  one.world.knobs.asyncHeaders = "foreign-location";
  const { headers } = await put(one);
  expect((await one.say("GET", headers["location"] ?? "")).status).toBe(401);
  expect(one.world.violations).toEqual([]);
  await one.arm("GET", headers["location"] ?? "");
  expect(one.world.violations).toEqual([expect.stringContaining("Authorization sent to https://eastus.rp.")]);
  expect(one.world.exchanges.filter(({ host }) => host === "foreign")).toHaveLength(2);
});

test("an error object while in progress means nothing", async () => {
  const one = talk();
  one.world.knobs.errorWhileInProgress = { code: "NotLatestOperation", message: "later" };
  one.world.knobs.errorWhenSucceeded = { code: "Leftover", message: "old" };
  const url = aao(await put(one));
  expect((await one.arm("GET", url)).body).toMatchObject({
    status: "InProgress",
    error: { code: "NotLatestOperation" },
  });
  one.world.clock.advance(10_000);
  expect((await one.arm("GET", url)).body).toMatchObject({
    status: "Succeeded",
    error: { code: "Leftover" },
  });
});

test("a monitor may vanish when all is done", async () => {
  const one = talk();
  one.world.knobs.monitorVanishes = true;
  const url = aao(await put(one));
  expect((await one.arm("GET", url)).status).toBe(200);
  one.world.clock.advance(10_000);
  expect((await one.arm("GET", url)).status).toBe(404);
});

describe("extensions", () => {
  const list = ({ ids }: Talk) => `${ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions`;
  const first = (one: Talk) => `${list(one)}/azureml`;
  const write = (one: Talk, method: string, properties: object) =>
    one.arm(method, first(one), { api: API.extensions, body: { properties } });
  const settings = async (one: Talk) =>
    (await one.arm("GET", first(one), { api: API.extensions })).body as {
      properties: Record<string, Record<string, string>>;
    };

  test("PATCH merges plain settings and replaces protected ones, which come back blank", async () => {
    const one = talk();
    await write(one, "PATCH", { configurationProtectedSettings: { a: "planted-a", b: "planted-b" } });
    one.world.clock.advance(10_000);
    await write(one, "PATCH", {
      configurationSettings: { new: "1" },
      configurationProtectedSettings: { a: "planted-c" },
    });
    one.world.clock.advance(10_000);
    const { properties } = await settings(one);
    expect(properties["configurationSettings"]).toMatchObject({ enableTraining: "True", new: "1" });
    expect(properties["configurationProtectedSettings"]).toEqual({ a: "" });
    expect([...one.world.secrets]).toEqual(expect.arrayContaining(["planted-a", "planted-b", "planted-c"]));
  });

  test("what changes nothing is answered 200", async () => {
    const one = talk();
    expect((await write(one, "PATCH", { configurationSettings: { enableTraining: "True" } })).status).toBe(
      200,
    );
  });

  test.each<[string, string, object]>([
    ["a setting that is no text", "PUT", { configurationSettings: { a: true } }],
    ["a read-only version", "PUT", { currentVersion: "1" }],
    ["a pinned version with auto-upgrade", "PUT", { version: "1.1.0" }],
    ["a patched type", "PATCH", { extensionType: "x" }],
  ])("refuses %s", async (_what, method, properties) => {
    expect((await write(talk(), method, properties)).status).toBe(400);
  });

  test("DELETE takes a while, unless it is forced", async () => {
    const one = talk();
    expect((await one.arm("DELETE", first(one), { api: API.extensions })).status).toBe(202);
    expect((await one.arm("GET", first(one), { api: API.extensions })).status).toBe(200);
    one.world.clock.advance(10_000);
    expect((await one.arm("GET", first(one), { api: API.extensions })).body).toEqual({
      error: { code: "ResourceNotFound", message: "Extension instance with name 'azureml' not found." },
    });
    const other = talk();
    other.world.knobs.forceDeleteBody = "serialized";
    const said = await other.arm("DELETE", `${first(other)}?forceDelete=true`, { api: API.extensions });
    expect(said).toMatchObject({ status: 200, body: { isSuccessStatusCode: true } });
  });
});

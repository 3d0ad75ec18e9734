import { type HttpClient, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Arm } from "../../src/azure/arm.ts";
import { Computes } from "../../src/azure/computes.ts";
import { Refusal, Unsettled } from "../../src/azure/errors.ts";
import { attemptLimit, createPipeline, withToken } from "../../src/azure/pipeline.ts";
import { memoise } from "../../src/azure/token.ts";
import { endpoint, type Scripted, scriptedArm, scriptedClient } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const thing = "/subscriptions/s/resourceGroups/g/providers/P/things/one";
const workspace = {
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  resourceGroup: "rg1",
  type: "Microsoft.MachineLearningServices/workspaces",
  name: "ws1",
};
const found: Scripted = { status: 200, body: { properties: {} } };
const correlationId = "00000000-0000-0000-0000-00000000c0de";

/** A gateway whose tokens are counted and can be rejected, and which keeps all headers that it sends. */
function gateway(answer: (request: PipelineRequest, nth: number) => Scripted, replace?: HttpClient) {
  const headers: Record<string, string>[] = [];
  const scripted = scriptedClient((request, nth) => {
    headers.push(request.headers.toJSON());
    return answer(request, nth);
  });
  const client = replace ?? scripted.client;
  const debug: string[] = [];
  const pipeline = createPipeline({
    client,
    deadline: Number.MAX_SAFE_INTEGER,
    userAgent: "azureml-clusters/0.1.0 (test)",
    correlationId,
    log: () => undefined,
    debug: (line) => void debug.push(line),
  });
  let exchanges = 0;
  const tokens = memoise(async () => {
    exchanges++;
    return { token: `planted-token-${exchanges}`, expiresOnTimestamp: Date.now() + 3_600_000 };
  });
  const arm = new Arm(endpoint, withToken(pipeline, tokens, endpoint), client, new AbortController().signal);
  return { arm, pipeline, client, headers, debug, requests: scripted.requests, exchanges: () => exchanges };
}

const refusal = (code: string): Scripted => ({ status: 401, body: { error: { code, message: "no" } } });

describe("the token", () => {
  test("goes to the Resource Manager", async () => {
    const { arm, requests } = gateway(() => found);
    await virtually(() => arm.get(thing, "1"));
    await virtually(() => arm.send({ method: "GET", path: `${endpoint}/operations/1?s=sig` }));
    expect(requests.map(({ authorization }) => authorization)).toEqual(
      Array(2).fill("Bearer planted-token-1"),
    );
  });

  test.each([
    "https://evil.test/operations/1",
    "https://arm.test.evil.test/operations/1",
    "https://arm.test@evil.test/operations/1",
    "https://arm.test:444/operations/1",
    "http://arm.test/operations/1",
    "https://evil.test\\@arm.test/operations/1",
  ])("goes nowhere else, and neither does the request: %s (testbed 7)", async (path) => {
    const { arm, requests } = gateway(() => found);
    expect(arm.isOwn(path)).toBe(false);
    await expect(virtually(() => arm.send({ method: "GET", path }))).rejects.toMatchObject({
      code: "ForeignHost",
    });
    expect(requests).toEqual([]);
  });

  test("is not sent after a redirect: that is an answer like any other", async () => {
    const headers = { location: "https://evil.test/" };
    const { arm, requests } = gateway(() => ({ status: 307, headers }));
    await expect(virtually(() => arm.get(thing, "1"))).rejects.toMatchObject({ code: "Http307" });
    expect(requests).toHaveLength(1);
  });

  test("is not needed without `withToken`, as for a cloud's metadata", async () => {
    const { pipeline, client, requests } = gateway(() => found);
    const bare = new Arm(endpoint, pipeline, client, new AbortController().signal);
    await virtually(() => bare.get("/metadata/endpoints", "1"));
    expect(requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe("a 401", () => {
  test.each([
    ["ExpiredAuthenticationToken", "GET"],
    ["InvalidAuthenticationToken", "GET"],
    ["ExpiredAuthenticationToken", "PUT"],
    ["ExpiredAuthenticationToken", "DELETE"],
  ] as const)("%s to %s: one new token and one more try", async (code, method) => {
    const { arm, requests, exchanges } = gateway((_request, nth) => (nth === 1 ? refusal(code) : found));
    const answer = await virtually(() => arm.send({ method, path: thing, apiVersion: "1" }));
    expect(answer.status).toBe(200);
    expect(requests.map(({ authorization }) => authorization)).toEqual([
      "Bearer planted-token-1",
      "Bearer planted-token-2",
    ]);
    expect(exchanges()).toBe(2);
  });

  test("that stays ends it there", async () => {
    const { arm, requests } = gateway(() => refusal("ExpiredAuthenticationToken"));
    await expect(virtually(() => arm.get(thing, "1"))).rejects.toMatchObject({
      code: "ExpiredAuthenticationToken",
    });
    expect(requests).toHaveLength(2);
  });

  test.each([
    "InvalidAuthenticationTokenTenant",
    "InvalidAuthenticationTokenAudience",
    "AuthenticationFailed",
  ])("%s is not mended by another token of the same kind", async (code) => {
    const { arm, requests, exchanges } = gateway(() => refusal(code));
    await expect(virtually(() => arm.get(thing, "1"))).rejects.toMatchObject({ code, status: 401 });
    expect(requests).toHaveLength(1);
    expect(exchanges()).toBe(1);
  });
});

describe("an attempt that hangs", () => {
  /** Answers never, but for the attempts that are named; gives up when it is told to, as the real client does. */
  function hanging(answers: (nth: number) => boolean) {
    const at: number[] = [];
    const client: HttpClient = {
      async sendRequest(request) {
        at.push(Date.now());
        if (answers(at.length))
          return { request, status: 200, headers: request.headers, bodyAsText: '{"properties":{}}' };
        return new Promise((_, reject) => {
          const abort = () => reject(Object.assign(new Error("aborted"), { name: "AbortError" }));
          request.abortSignal?.addEventListener("abort", abort);
        });
      },
    };
    return { at, client };
  }

  test("is ended after its limit, and a read is tried again", async () => {
    const { at, client } = hanging((nth) => nth === 3);
    const { arm } = gateway(() => ({ status: 500 }), client);
    await virtually(() => arm.get(thing, "1"));
    expect(at).toHaveLength(3);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(attemptLimit);
      expect(gap).toBeLessThan(attemptLimit + 1_000 * 2 ** index);
    }
  });

  test("leaves it open whether a write was done", async () => {
    const { at, client } = hanging(() => false);
    const { arm } = gateway(() => ({ status: 500 }), client);
    const put = virtually(() => arm.send({ method: "PUT", path: thing, body: {} }));
    await expect(put).rejects.toBeInstanceOf(Unsettled);
    await expect(put).rejects.toThrow("no answer within 1 min 15 s");
    expect(at).toHaveLength(1);
  });

  test("ends at once, and with the run's reason, when the run is cancelled", async () => {
    const { client } = hanging(() => false);
    const run = new AbortController();
    const { pipeline } = gateway(() => ({ status: 500 }), client);
    const arm = new Arm(endpoint, pipeline, client, run.signal);
    const reason = new Error("cancelled");
    await virtually(async () => {
      const began = Date.now();
      setTimeout(() => run.abort(reason), 2_000);
      await expect(arm.get(thing, "1")).rejects.toBe(reason);
      expect(Date.now() - began).toBe(2_000);
    });
  });

  test("no timer is left behind by one that was answered", async () => {
    const { arm } = gateway(() => found);
    await virtually(async () => {
      const began = Date.now();
      await arm.get(thing, "1");
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(Date.now() - began).toBe(10);
    });
  });
});

describe("every request", () => {
  test("carries the correlation id, who asks, and an id of its own: retries and Microsoft's client too", async () => {
    const { arm, headers } = gateway((_request, nth) => (nth % 2 === 1 ? { broken: "ECONNRESET" } : found));
    const computes = new Computes(arm, workspace);
    await virtually(async () => {
      await arm.get(thing, "1");
      await computes.get("gpu");
    });
    expect(headers).toHaveLength(4);
    for (const one of headers) {
      expect(one["x-ms-correlation-request-id"]).toBe(correlationId);
      expect(one["user-agent"]).toMatch(/^azureml-clusters\/0\.1\.0 \(test\)/);
      expect(one["x-ms-client-request-id"]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(one["authorization"]).toBe("Bearer planted-token-1");
    }
    const ids = headers.map((one) => one["x-ms-client-request-id"]);
    expect(new Set(ids).size).toBe(2);
  });
});

describe("the debug log", () => {
  test("has a line for each attempt, with how it ended and Azure's id, and never a query", async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,30}$/);
    await fc.assert(
      fc.asyncProperty(secret, fc.constantFrom(200, 404, 503), async (planted, status) => {
        const { arm, debug } = gateway((_request, nth) =>
          nth === 1
            ? { broken: "ECONNRESET" }
            : {
                status,
                headers: { "x-ms-request-id": "request-1" },
                body: { error: { code: "X", message: "y" } },
              },
        );
        const path = `${endpoint}${thing}?api-version=1&t=${planted}&c=${planted}&s=${planted}&h=${planted}`;
        await virtually(() => arm.send({ method: "GET", path }).catch(() => undefined));
        expect(debug[0]).toMatch(/^GET …\/P\/things\/one: ECONNRESET, \d+ ms$/);
        expect(debug[1]).toMatch(/^GET …\/P\/things\/one: \d{3} request-1, \d+ ms$/);
        expect(debug.join("\n")).not.toContain(planted);
        expect(debug.join("\n")).not.toContain("planted-token");
      }),
      { numRuns: 20 },
    );
  });
});

describe("an answer that is not what Azure sends", () => {
  const odd: Scripted[] = [
    { status: 200, body: '{"value":[{"id":"/subscr' },
    { status: 200, body: "<html>Sign in to the network</html>", headers: { "content-type": "text/html" } },
    { status: 200, body: "OK", headers: { "content-type": "text/plain" } },
  ];

  test.each(odd)("counts as lost, and is asked for again: %j", async (answer) => {
    const { arm, requests } = gateway((_request, nth) => (nth === 1 ? answer : found));
    expect(await virtually(() => arm.get(thing, "1"))).toEqual({ properties: {} });
    expect(requests).toHaveLength(2);
  });

  test.each(odd)("leaves it open whether a write was done: %j", async (answer) => {
    const { arm, requests } = gateway(() => answer);
    await expect(virtually(() => arm.send({ method: "DELETE", path: thing }))).rejects.toBeInstanceOf(
      Unsettled,
    );
    expect(requests).toHaveLength(1);
  });

  test("a page in the place of an error is told as what it is", async () => {
    const page: Scripted = {
      status: 403,
      body: "<html>Blocked</html>",
      headers: { "content-type": "text/html" },
    };
    const { arm } = gateway(() => page);
    const failure = virtually(() => arm.get(thing, "1"));
    await expect(failure).rejects.toBeInstanceOf(Refusal);
    await expect(failure).rejects.toThrow(
      /is a page, not one of Azure\. \(GET …\/P\/things\/one: status 403\)/,
    );
  });

  test("no body at all is an answer", async () => {
    const { arm } = scriptedArm(() => ({ status: 204 }));
    expect(await virtually(() => arm.send({ method: "DELETE", path: thing }))).toMatchObject({
      status: 204,
      body: undefined,
    });
  });
});

test("a defect of ours is not taken for trouble of the network", async () => {
  const defect = new TypeError("x is undefined");
  const { arm } = gateway(() => ({ status: 500 }), { sendRequest: () => Promise.reject(defect) });
  await expect(virtually(() => arm.get(thing, "1"))).rejects.toBe(defect);
  const refused = new RestError("refused", { code: "ECONNREFUSED" });
  const { arm: other } = gateway(() => ({ status: 500 }), { sendRequest: () => Promise.reject(refused) });
  await expect(virtually(() => other.get(thing, "1"))).rejects.toMatchObject({ code: "NoAnswer" });
});

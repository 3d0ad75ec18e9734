import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Refusal, Unsettled } from "../../src/azure/errors.ts";
import { maxRetries, type RetryOptions, retryByClassification } from "../../src/azure/retry.ts";
import { retryAfter } from "../../src/azure/retry-after.ts";
import { scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const url = "https://arm.test/subscriptions/s/providers/P/things/one?api-version=1&c=planted-signature";
const far = Number.MAX_SAFE_INTEGER;
const response = (status: number, headers: Record<string, string> = {}, method: HttpMethods = "GET") => ({
  status,
  headers: createHttpHeaders(headers),
  request: createPipelineRequest({ url, method }),
});
const lost = (code: string | undefined, method: HttpMethods) =>
  new RestError("lost", { ...(code && { code }), request: createPipelineRequest({ url, method }) });

/** What the strategy decides about an attempt, and what it logs. */
function decide(
  attempt: { response?: PipelineResponse; responseError?: RestError; retryCount?: number },
  options: Partial<RetryOptions> = {},
) {
  const log: string[] = [];
  const strategy = retryByClassification({ deadline: far, log: (line) => void log.push(line), ...options });
  const { retryAfterInMs, skipStrategy } = strategy.retry({ retryCount: 0, ...attempt });
  return { delay: skipStrategy ? undefined : retryAfterInMs, log };
}

const passing = [408, 429, 500, 502, 503, 504];
const final = [200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 405, 409, 410, 412, 415, 422, 501];
const neverSent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];
const maybeSent = ["ECONNRESET", "ETIMEDOUT", "EPIPE", "PARSE_ERROR", "REQUEST_SEND_ERROR", undefined];
const writes = ["PUT", "PATCH", "POST", "DELETE"] as const;

describe("which attempts are repeated", () => {
  test.each(["GET", "HEAD"] as const)("%s: whatever may pass, and every lost answer", (method) => {
    for (const status of passing)
      expect(decide({ response: response(status, {}, method) }).delay).toBeDefined();
    for (const status of final)
      expect(decide({ response: response(status, {}, method) }).delay).toBeUndefined();
    for (const code of [...neverSent, ...maybeSent]) {
      expect(decide({ responseError: lost(code, method) }).delay).toBeDefined();
    }
  });

  test.each(writes)(
    "%s: only what never left; a 429 may mean a locked resource (arm-contract 8)",
    (method) => {
      for (const status of [...passing, ...final]) {
        expect(decide({ response: response(status, {}, method) }).delay).toBeUndefined();
      }
      for (const code of [...neverSent, ...maybeSent]) {
        const repeated = decide({ responseError: lost(code, method) }).delay !== undefined;
        expect({ code, repeated }).toEqual({ code, repeated: neverSent.includes(code ?? "") });
      }
    },
  );

  test("a POST that changes nothing, as a token endpoint's, counts as a read", () => {
    expect(decide({ response: response(503, {}, "POST") }, { repeatable: true }).delay).toBeDefined();
    expect(decide({ responseError: lost("ECONNRESET", "POST") }, { repeatable: true }).delay).toBeDefined();
    expect(decide({ response: response(400, {}, "POST") }, { repeatable: true }).delay).toBeUndefined();
  });
});

describe("Retry-After", () => {
  test("whole seconds, as Resource Manager sends them, are obeyed to the millisecond", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(...passing), (seconds, status) => {
        const headers = { "retry-after": String(seconds) };
        expect(decide({ response: response(status, headers) }).delay).toBe(seconds * 1000);
      }),
    );
  });

  test("a date, as a proxy sends it, is waited for; one that is over means now", async () => {
    await virtually(async () => {
      const at = (ms: number) => retryAfter(new Date(Date.now() + ms).toUTCString());
      const whole = Date.now() % 1000;
      expect(at(60_000)).toBe(60_000 - whole);
      expect(at(-60_000)).toBe(0);
    });
  });

  test.each(["soon", "-5", "1.5", "12 seconds", "", "1e3", "2 3"])(
    "%j is neither, and counts as none",
    (value) => {
      expect(retryAfter(value)).toBeUndefined();
    },
  );

  test("there is none without the header or without an answer", () => {
    expect(retryAfter(undefined)).toBeUndefined();
  });
});

describe("full jitter", () => {
  const bound = (retryCount: number) => Math.min(16_000, 1_000 * 2 ** retryCount);

  test("anything up to a bound that doubles from 1 s to 16 s", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.constantFrom(...passing), (retryCount, status) => {
        const { delay } = decide({ response: response(status), retryCount });
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(bound(retryCount));
      }),
    );
  });

  test.each([0, 3, 6])("the whole of it is used (retry %d)", (retryCount) => {
    const delays = Array.from(
      { length: 200 },
      () => decide({ response: response(503), retryCount }).delay ?? 0,
    );
    expect(Math.min(...delays)).toBeLessThan(bound(retryCount) / 4);
    expect(Math.max(...delays)).toBeGreaterThan((bound(retryCount) * 3) / 4);
  });
});

describe("the deadline", () => {
  test("no attempt is planned that would come after it", async () => {
    await virtually(async () => {
      fc.assert(
        fc.property(fc.nat(120), fc.nat(120_000), (seconds, left) => {
          const attempt = { response: response(429, { "retry-after": String(seconds) }) };
          const { delay } = decide(attempt, { deadline: Date.now() + left });
          expect(delay).toBe(seconds * 1000 < left ? seconds * 1000 : undefined);
        }),
      );
    });
  });
});

describe("the log", () => {
  test("has one line with the call, the reason, the attempt and the delay, and no query", () => {
    expect(decide({ response: response(429, { "retry-after": "7" }), retryCount: 1 }).log).toEqual([
      "GET …/P/things/one: status 429; attempt 3 in 7.0 s.",
    ]);
    const { log } = decide({ responseError: lost("ECONNRESET", "GET") });
    expect(log).toEqual([
      expect.stringMatching(/^GET …\/P\/things\/one: ECONNRESET; attempt 2 in \d\.\d s\.$/),
    ]);
  });

  test("says why no more is tried, and is silent about what is final", () => {
    const late = decide({ response: response(429, { "retry-after": "7" }) }, { deadline: 0 });
    expect(late.log).toEqual([expect.stringMatching(/status 429; .*after the time limit\.$/)]);
    expect(decide({ response: response(404) }).log).toEqual([]);
  });
});

describe("a gateway with this strategy", () => {
  const path = "/subscriptions/s/providers/P/things/one";
  const put = { method: "PUT", path, apiVersion: "1", body: {} } as const;

  test("reads through trouble of every kind", async () => {
    const trouble = [
      { broken: "ECONNRESET" },
      { status: 429, headers: { "retry-after": "2" } },
      { status: 503 },
      { status: 200, body: "{ cut" },
      { status: 408 },
      { broken: "ETIMEDOUT" },
      { status: 500, body: { error: { code: "X", message: "y" } } },
    ];
    const { arm, requests } = scriptedArm(
      (_request, nth) => trouble[nth - 1] ?? { status: 200, body: { properties: {} } },
    );
    expect(await virtually(() => arm.get(path, "1"))).toEqual({ properties: {} });
    expect(requests).toHaveLength(maxRetries + 1);
  });

  test("gives up after the last attempt with what Azure said, within about a minute", async () => {
    const { arm, requests } = scriptedArm(() => ({
      status: 503,
      body: { error: { code: "ServerBusy", message: "later" } },
    }));
    await expect(virtually(() => arm.get(path, "1"))).rejects.toMatchObject({
      code: "ServerBusy",
      status: 503,
    });
    expect(requests).toHaveLength(maxRetries + 1);
    const took = (requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0);
    expect(took).toBeLessThanOrEqual(1_000 + 2_000 + 4_000 + 8_000 + 3 * 16_000);
  });

  test.each([
    { status: 408 },
    { status: 429, headers: { "retry-after": "3" } },
    { status: 500 },
    { status: 503 },
    { broken: "ECONNRESET" },
    { status: 200, body: "{ cut" },
    { status: 200, body: "<html>", headers: { "content-type": "text/html" } },
  ])("sends a write once where Azure may have acted on it: %j", async (trouble) => {
    const { arm, requests } = scriptedArm(() => trouble);
    await expect(virtually(() => arm.send(put))).rejects.toBeInstanceOf(Unsettled);
    expect(requests).toHaveLength(1);
  });

  test.each(neverSent)("sends a write again where Azure can't have: %s", async (broken) => {
    const { arm, requests } = scriptedArm((_request, nth) =>
      nth < 4 ? { broken } : { status: 201, body: {} },
    );
    expect((await virtually(() => arm.send(put))).status).toBe(201);
    expect(requests).toHaveLength(4);
  });

  test("hands on what a throttled write was told to wait", async () => {
    const { arm } = scriptedArm(() => ({ status: 429, headers: { "retry-after": "17" }, body: {} }));
    await expect(virtually(() => arm.send(put))).rejects.toMatchObject({ retryAfter: 17_000 });
  });

  test("does not repeat what is refused", async () => {
    const { arm, requests } = scriptedArm(() => ({ status: 409, body: { error: { code: "Conflict" } } }));
    await expect(virtually(() => arm.send(put))).rejects.toBeInstanceOf(Refusal);
    expect(requests).toHaveLength(1);
  });
});

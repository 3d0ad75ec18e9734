import { createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import { armFailure, callName, lostFailure, Refusal, Unsettled } from "../../src/azure/errors.ts";
import type { Answer } from "../../src/azure/wire.ts";

const url =
  "https://management.azure.com/subscriptions/s/resourceGroups/rg1/providers/Microsoft.X/things/one?api-version=1&c=planted";
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  url,
  body,
  requestId: "request-1",
  header: (name) => headers[name],
});
const writes = ["PUT", "PATCH", "POST", "DELETE"] as const;

test("a call is named without its query, its subscription and its group", () => {
  expect(callName("GET", url)).toBe("GET …/Microsoft.X/things/one");
  expect(callName("GET", "https://h/subscriptions/s?x=1")).toBe("GET /subscriptions/s");
  expect(callName("PUT", "no url")).toBe("PUT no url");
});

describe("an error answer", () => {
  const body = {
    error: {
      code: "AuthorizationFailed",
      message: "The client\r\nmay not.",
      details: [{ code: "Inner", message: "why", details: [{ code: "Deeper", message: "really why" }] }],
    },
  };

  test("tells the code, the cause on one line, what is nested, the call and the request id", () => {
    const failure = armFailure("GET", answer(403, body));
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toMatchObject({
      status: 403,
      code: "AuthorizationFailed",
      message: "The client may not. (GET …/Microsoft.X/things/one: status 403)",
      requestId: "request-1",
      details: ["  Inner: why", "    Deeper: really why"],
    });
  });

  test.each([
    "AuthorizationFailed",
    "LinkedAuthorizationFailed",
    "InvalidAuthenticationTokenTenant",
    "SubscriptionNotFound",
    "ResourceGroupNotFound",
    "AnotherOperationInProgress",
    "Conflict",
    "NoRegisteredProviderFound",
  ])("%s has a remedy", (code) => {
    expect(armFailure("PUT", answer(400, { error: { code, message: "x" } })).remedy).toMatch(/\w{4}.*\.$/);
  });

  test.each([
    [{ code: "Bare", message: "not wrapped" }, "Bare", "not wrapped"],
    [{ error: null, code: "Bare", message: "null beside it" }, "Bare", "null beside it"],
    [{ error: { message: "no code" } }, "Http400", "no code"],
    [{ error: { code: "NoMessage" } }, "NoMessage", "Azure gave no reason."],
    [{ error: {} }, "Http400", "Azure gave no reason."],
    [undefined, "Http400", "Azure gave no reason."],
    [null, "Http400", "Azure gave no reason."],
    [42, "Http400", "Azure gave no reason."],
    ["<html>Bad Gateway</html>", "Http400", "The answer is a page, not one of Azure."],
    [{ error: "invalid_client" }, "Http400", "invalid_client"],
  ])("takes a body as it comes: %j", (odd, code, message) => {
    const failure = armFailure("GET", answer(400, odd));
    expect(failure.code).toBe(code);
    expect(failure.message).toBe(`${message} (GET …/Microsoft.X/things/one: status 400)`);
  });

  test("a page is not told: it may be long, and holds what it likes", () => {
    expect(armFailure("GET", answer(400, "x".repeat(5_000))).message.length).toBeLessThan(300);
  });
});

describe("what is known of a write", () => {
  test.each(writes)(
    "%s: a refusal is a refusal, trouble leaves it open whether it was done (arm-contract 8)",
    (method) => {
      for (const status of [400, 401, 403, 404, 409, 412]) {
        expect(armFailure(method, answer(status, {}))).toBeInstanceOf(Refusal);
      }
      for (const status of [408, 429, 500, 502, 503, 504]) {
        const failure = armFailure(method, answer(status, {}, { "retry-after": "7" }));
        expect(failure).toBeInstanceOf(Unsettled);
        expect(failure).toMatchObject({ retryAfter: 7_000 });
      }
    },
  );

  test("a read changes nothing, whatever answers it", () => {
    for (const status of [404, 429, 500, 504]) {
      expect(armFailure("GET", answer(status, {}))).toBeInstanceOf(Refusal);
    }
  });
});

describe("a lost answer", () => {
  const request = createPipelineRequest({ url, method: "PUT" });
  const broken = new RestError("socket\nhang up", { code: "ECONNRESET", request });

  test.each(writes)("to %s leaves it open whether it was done", (method) => {
    const failure = lostFailure(method, broken);
    expect(failure).toBeInstanceOf(Unsettled);
    expect(failure).toMatchObject({ code: "NoAnswer", cause: broken });
    expect(failure.message).toContain("socket hang up (ECONNRESET)");
    expect(failure.message).not.toContain("planted");
  });

  test("to a read is none that matters", () => {
    const failure = lostFailure("GET", broken);
    expect(failure).not.toBeInstanceOf(Unsettled);
    expect(failure.code).toBe("NoAnswer");
    expect(failure.remedy).toContain("network");
  });

  test("is told without a request and a code too", () => {
    expect(lostFailure("GET", new RestError("gone")).message).toBe(
      "No usable answer to GET: gone (NoAnswer).",
    );
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { observe } from "../../src/azure/arm.ts";
import { Refusal } from "../../src/azure/errors.ts";
import { Failure } from "../../src/model/failure.ts";
import { endpoint, type Scripted, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const things = "/subscriptions/s/resourceGroups/g/providers/P/things";

describe("a request", () => {
  test("names its version, its query and its body; a path with odd letters is escaped", async () => {
    const { arm, requests } = scriptedArm(() => ({ status: 201, body: { id: "x" } }));
    const answer = await virtually(() =>
      arm.send({
        method: "PUT",
        path: `${things}/ä (1)`,
        apiVersion: "2025-12-01",
        query: { underlyingResourceAction: "Detach" },
        body: { a: ["ä"] },
      }),
    );
    expect(requests).toEqual([
      expect.objectContaining({
        method: "PUT",
        url: `${endpoint}${things}/%C3%A4%20(1)?api-version=2025-12-01&underlyingResourceAction=Detach`,
        body: '{"a":["ä"]}',
      }),
    ]);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 201, body: { id: "x" } });
  });

  test("a URL that Azure gave is sent letter by letter (arm-contract 1.7)", async () => {
    const path = `${endpoint}/operations/1%2A2?api-Version=1&t=6&c=MIIH%2Ba*b&s=sig~n&h=Ha-sh`;
    const { arm, requests } = scriptedArm(() => ({ status: 200, body: {} }));
    await virtually(() => arm.send({ method: "GET", path }));
    expect(requests.map(({ url }) => url)).toEqual([path]);
  });

  test("an answer's headers are read in any case, its request id among them", async () => {
    const headers = { "X-Ms-Request-Id": "r-1", "Azure-AsyncOperation": "https://x" };
    const { arm } = scriptedArm(() => ({ status: 202, headers }));
    const answer = await virtually(() => arm.send({ method: "DELETE", path: things }));
    expect(answer.requestId).toBe("r-1");
    expect(answer.header("azure-asyncoperation")).toBe("https://x");
    expect(answer.header("location")).toBeUndefined();
  });
});

describe("a list", () => {
  test("is all its pages, in order, whatever their sizes (arm-contract 1.2)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        async (pages) => {
          const { arm, requests } = scriptedArm((request) => {
            const page = Number(new URL(request.url).searchParams.get("$skipToken") ?? 0);
            const more = page + 1 < pages.length;
            const nextLink = more ? `${endpoint}${things}?api-version=1&$skipToken=${page + 1}` : null;
            return {
              status: 200,
              body: { value: pages[page], ...(page % 2 === 0 || more ? { nextLink } : {}) },
            };
          });
          expect(await virtually(() => arm.list(things, "1"))).toEqual(pages.flat());
          expect(requests).toHaveLength(pages.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("whose next page is a foreign host's gives it neither a question nor a token (testbed 7)", async () => {
    const { arm, requests } = scriptedArm(() => ({
      status: 200,
      body: { value: [1], nextLink: "https://evil.test/?page=2" },
    }));
    await expect(virtually(() => arm.list(things, "1"))).rejects.toMatchObject({ code: "ForeignHost" });
    expect(requests).toHaveLength(1);
  });

  test("whose pages lead in a circle ends (testbed 9)", async () => {
    const { arm, requests } = scriptedArm((_request, nth): Scripted => {
      if (nth > 20) return { status: 410, body: { error: { code: "AskedForEver", message: "in a circle" } } };
      const nextLink = `${endpoint}${things}?api-version=1&$skipToken=${nth % 2}`;
      return { status: 200, body: { value: [nth], nextLink } };
    });
    await virtually(() => arm.list(things, "1").catch(() => undefined));
    expect(requests.length).toBeLessThanOrEqual(4);
  });

  test("that breaks off fails: half a list is none", async () => {
    const { arm } = scriptedArm((_request, nth) =>
      nth === 1
        ? { status: 200, body: { value: [1], nextLink: `${endpoint}${things}?page=2` } }
        : { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } },
    );
    await expect(virtually(() => arm.list(things, "1"))).rejects.toBeInstanceOf(Refusal);
  });
});

describe("a look", () => {
  const refusal = (status: number) => new Refusal(status, "X", "y");

  test("brings the thing, that there is none, or that we may not see it", async () => {
    expect(await observe(async () => 5)).toEqual({ is: "present", value: 5 });
    expect(await observe(() => Promise.reject(refusal(404)))).toEqual({ is: "absent" });
    const why = refusal(403);
    expect(await observe(() => Promise.reject(why))).toEqual({ is: "denied", why });
  });

  test.each([
    refusal(401),
    refusal(400),
    refusal(500),
    new Failure("NoAnswer", "x"),
    new TypeError("defect"),
  ])("fails for everything else: %s", async (error) => {
    await expect(observe(() => Promise.reject(error))).rejects.toBe(error);
  });
});

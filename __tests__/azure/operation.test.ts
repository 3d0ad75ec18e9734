import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { follow, nextPoll } from "../../src/azure/operation.ts";
import type { Answer } from "../../src/azure/wire.ts";
import { endpoint, type Scripted, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

function accepted(headers: Record<string, string>): Answer {
  return { status: 201, url: endpoint, body: {}, requestId: undefined, header: (name) => headers[name] };
}

const monitor = `${endpoint}/subscriptions/s/providers/P/locations/l/computeOperationsStatus/1?api-version=2025-12-01&service=new&t=638&c=MIIH%2Ba*b&s=sig~n&h=Ha-sh`;

interface Recorded {
  source: string;
  monitor: string;
  kind: "azure-asyncoperation" | "location";
  polls: { status: number; body?: { status?: string; error?: unknown } }[];
}
const file = new URL("../fixtures/real-operations.json", import.meta.url);
const { operations } = JSON.parse(readFileSync(file, "utf8")) as { operations: Recorded[] };

describe("operations as real Azure answered them", () => {
  test.each(operations.map((operation, index) => [index, operation.source, operation] as const))(
    "%i %s",
    async (_index, _source, { kind, polls, monitor: url }) => {
      const last = polls.at(-1);
      const ended = last?.body?.status === "Succeeded" || (kind === "location" && last?.status === 204);
      const cut = new AbortController();
      const path = `${endpoint}${new URL(url).pathname}?api-version=1`;
      let asked = 0;
      const { arm } = scriptedArm((): Scripted => {
        const poll = polls[asked++];
        if (asked > polls.length + 2) cut.abort(new Error("the recording ends here"));
        return poll ?? last ?? { status: 500 };
      }, cut.signal);
      const outcome = virtually(() => follow(arm, accepted({ [kind]: path }), () => undefined));
      if (ended) {
        expect(await outcome).toEqual({ is: "succeeded" });
        const end = polls.findIndex(({ status, body }) => status === 204 || body?.status === "Succeeded");
        expect(asked).toBe(end + 1);
      } else {
        await expect(outcome).rejects.toThrow("the recording ends here");
      }
    },
  );
});

describe("follow", () => {
  test("sends the signed status URL as it came (arm-contract 1.7)", async () => {
    const { arm, requests } = scriptedArm(() => ({ status: 200, body: { status: "Succeeded" } }));
    await virtually(() => follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined));
    expect(requests.map(({ url }) => url)).toEqual([monitor]);
  });

  test("never asks a foreign host, and takes the monitor that is Azure's own (testbed 7)", async () => {
    const { arm, requests } = scriptedArm(() => ({ status: 200, body: { status: "Succeeded" } }));
    const foreign = "https://eastus.rp.kubernetesconfiguration.azure.com/operations/1";
    const both = accepted({ location: foreign, "azure-asyncoperation": monitor });
    expect(await virtually(() => follow(arm, both, () => undefined))).toEqual({ is: "succeeded" });
    const alone = await virtually(() => follow(arm, accepted({ location: foreign }), () => undefined));
    expect(alone).toEqual({ is: "ask-the-resource" });
    expect(requests.every(({ url }) => url.startsWith(endpoint))).toBe(true);
  });

  test("ends Failed with everything the error holds", async () => {
    const error = { code: "BadRequest", message: "no", details: [{ code: "Inner", message: "why" }] };
    const { arm } = scriptedArm(() => ({ status: 200, body: { status: "Failed", error } }));
    const outcome = await virtually(() =>
      follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined),
    );
    expect(outcome).toEqual({ is: "failed", state: "Failed", error });
  });

  test("survives throttling, server errors and broken connections for as long as it is let", async () => {
    const trouble: Scripted[] = [
      { status: 429, headers: { "retry-after": "7" } },
      { status: 500, body: { error: { code: "InternalServerError", message: "x" } } },
      { broken: "ECONNRESET" },
      { status: 200, body: "{ cut" },
      { status: 502, headers: { "content-type": "text/html" }, body: "<html>" },
    ];
    const many = Array.from({ length: 100 }, (_, index) => trouble[index % trouble.length] as Scripted);
    const script = [...many, { status: 200, body: { status: "Succeeded" } }];
    const { arm, requests } = scriptedArm((_request, nth) => script[nth - 1] ?? { status: 500 });
    const outcome = await virtually(() =>
      follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined),
    );
    expect(outcome).toEqual({ is: "succeeded" });
    expect(requests).toHaveLength(101);
  });

  test("a monitor that vanishes leaves it to the resource (arm-contract 8)", async () => {
    const { arm } = scriptedArm(() => ({
      status: 404,
      body: { error: { code: "NotFound", message: "gone" } },
    }));
    const outcome = await virtually(() =>
      follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined),
    );
    expect(outcome).toEqual({ is: "ask-the-resource" });
  });

  test("waits as long as Retry-After says, and notices the end within 5 % without it", async () => {
    const asked = await virtually(async () => {
      const began = Date.now();
      const { arm, requests } = scriptedArm((_request, nth) => ({
        status: 200,
        ...(nth <= 2 && { headers: { "retry-after": "30" } }),
        body: { status: Date.now() - began < 600_000 ? "InProgress" : "Succeeded" },
      }));
      await follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined);
      return requests.map(({ at }) => at - began);
    });
    expect(asked.slice(0, 3)).toEqual([1_000, 31_000, 61_000]);
    expect(asked.at(-1)).toBeLessThanOrEqual(600_000 * 1.05);
    const gaps = asked.slice(3).map((at, index) => at - (asked[index + 2] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000);
  });

  test("stops at once when the run is cancelled", async () => {
    const run = new AbortController();
    const { arm } = scriptedArm(() => ({ status: 200, body: { status: "InProgress" } }), run.signal);
    setTimeout(() => run.abort(new Error("cancelled")), 1_200);
    await expect(follow(arm, accepted({ "azure-asyncoperation": monitor }), () => undefined)).rejects.toThrow(
      "cancelled",
    );
  });
});

test("the first question comes after a second", () => {
  expect(nextPoll(Date.now())).toBe(1_000);
});

import { describe, expect, test } from "@jest/globals";
import { Refusal } from "../../src/azure/errors.ts";
import { Relay } from "../../src/azure/relay.ts";
import type { Failure } from "../../src/model/failure.ts";
import { type Scripted, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const namespaceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Relay/namespaces/r";
const connection = `https://arm.test${namespaceId}/hybridConnections/arc1`;
const rule = `${connection}/authorizationRules/azureml_rw`;

function relay(answer: (nth: number) => Scripted = () => ({ status: 200, body: {} })) {
  const { arm, requests } = scriptedArm((_request, nth) => answer(nth));
  const of = new Relay(arm, { namespaceId, connectionName: "arc1" });
  return {
    of,
    seen: () => requests.map(({ method, url, body }) => [method, url.split("?")[0], body]),
    requests,
  };
}

describe("the Relay beside an Arc cluster (extension.md 1d)", () => {
  test("is written by the bodies that the CLI sends (testbed 8)", async () => {
    const { of, seen, requests } = relay();
    await virtually(async () => {
      await of.putNamespace("westeurope");
      await of.putConnection();
      await of.putRule();
    });
    expect(seen()).toEqual([
      [
        "PUT",
        `https://arm.test${namespaceId}`,
        '{"location":"westeurope","tags":{"created_by":"Azure Arc-enabled ML"}}',
      ],
      ["PUT", connection, '{"properties":{"requiresClientAuthorization":true}}'],
      ["PUT", rule, '{"properties":{"rights":["Manage","Send","Listen"]}}'],
    ]);
    expect(requests.every(({ url }) => url.endsWith("?api-version=2017-04-01"))).toBe(true);
  });

  test("gives its connection string, asked for again where the answer is lost", async () => {
    const string = "Endpoint=sb://r/;SharedAccessKey=planted";
    const { of, seen } = relay((nth) =>
      nth === 1 ? { broken: "ECONNRESET" } : { status: 200, body: { primaryConnectionString: string } },
    );
    expect(await virtually(() => of.connectionString())).toBe(string);
    expect(seen().map(([method, url]) => [method, url])).toEqual(Array(2).fill(["POST", `${rule}/listKeys`]));
  });

  test.each<[string, Scripted, string]>([
    ["no key", { status: 200, body: {} }, "NoRelayKey"],
    ["an empty key", { status: 200, body: { primaryConnectionString: "" } }, "NoRelayKey"],
    ["no answer at all", { status: 200 }, "NoRelayKey"],
    [
      "a refusal",
      { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } },
      "AuthorizationFailed",
    ],
  ])("that gives %s is one clear failure", async (_what, answer, code) => {
    const failure = (await virtually(() =>
      relay(() => answer)
        .of.connectionString()
        .catch((error: unknown) => error),
    )) as Failure;
    expect(failure.code).toBe(code);
  });

  test("that is not there is a refusal with status 404", async () => {
    const missing = relay(() => ({ status: 404, body: { error: { code: "NotFound", message: "none" } } }));
    for (const look of [
      () => missing.of.getNamespace(),
      () => missing.of.getConnection(),
      () => missing.of.getRule(),
    ]) {
      const failure = await virtually(() => look().catch((error: unknown) => error));
      expect(failure).toBeInstanceOf(Refusal);
      expect((failure as Refusal).status).toBe(404);
    }
  });
});

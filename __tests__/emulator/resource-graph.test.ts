import { describe, expect, test } from "@jest/globals";
import { FLEET_GROUP, World } from "../../emulator/index.ts";
import { type Said, type Talk, talk } from "./talk.ts";

const path = "/providers/Microsoft.ResourceGraph/resources";
const workspaces = "resources | where type =~ 'Microsoft.MachineLearningServices/workspaces'";
const clusters =
  "resources | where type in~ ('microsoft.containerservice/managedclusters', 'microsoft.kubernetes/connectedclusters') | project id, type | order by id asc";

const fleet = () => talk(World.fleet({ subscriptions: 3, clusters: 12, arc: 2 }));
const ask = (one: Talk, query: string, more: object = {}): Promise<Said> =>
  one.arm("POST", path, { api: "2022-10-01", body: { query, ...more } });
interface Answer {
  data: { id: string; type: string }[];
  totalRecords: number;
  $skipToken?: string;
  resultTruncated: string;
}
const answer = ({ body }: Said) => body as unknown as Answer;
const error = ({ body }: Said) =>
  (body as unknown as { error: { code: string; details: Record<string, unknown>[] } }).error;

describe("Resource Graph (arm-contract 6)", () => {
  test("shows workspaces, clusters and extensions, with types in lower case, and no computes", async () => {
    const one = fleet();
    expect(answer(await ask(one, workspaces)).data).toMatchObject([
      { type: "microsoft.machinelearningservices/workspaces", tags: { environment: "production" } },
      { tags: { environment: "test" } },
      {},
    ]);
    expect(answer(await ask(one, clusters)).totalRecords).toBe(12);
    const extensions =
      "KubernetesConfigurationResources | where properties.ExtensionType =~ 'Microsoft.AzureML.Kubernetes' | project id, version = tostring(properties.CurrentVersion)";
    expect(answer(await ask(one, extensions)).data[0]).toEqual({
      id: expect.stringMatching(/extensions\/azureml$/),
      version: "1.1.84",
    });
    const computes = "resources | where type =~ 'microsoft.machinelearningservices/workspaces/computes'";
    expect(answer(await ask(one, computes)).data).toEqual([]);
  });

  test("comes in pages, whose tokens belong to their query", async () => {
    const one = fleet();
    const first = answer(await ask(one, clusters, { options: { $top: 5 } }));
    expect(first).toMatchObject({ count: 5, totalRecords: 12, resultTruncated: "true" });
    const $skipToken = first.$skipToken;
    const second = answer(await ask(one, clusters, { options: { $skipToken } }));
    const third = answer(await ask(one, clusters, { options: { $skipToken: second.$skipToken } }));
    expect(third.$skipToken).toBeUndefined();
    const ids = [first, second, third].flatMap(({ data }) => data.map(({ id }) => id));
    expect(new Set(ids).size).toBe(12);
    expect((await ask(one, workspaces, { options: { $skipToken } })).status).toBe(400);
  });

  test("leaves out what the caller can't see without a word, unless nothing is left", async () => {
    const one = fleet();
    const [, second = "", third = ""] = [...one.world.subscriptions.keys()];
    one.world.revoke(one.world.application.clientId);
    one.world.grant(one.world.application.clientId, ["*/read"], [], `/subscriptions/${second}`);
    const both = answer(await ask(one, clusters, { subscriptions: [second, third] }));
    expect(both.data.map(({ id }) => id.split("/")[2])).toEqual(Array(4).fill(second));
    expect(answer(await ask(one, clusters, { managementGroups: [FLEET_GROUP] })).totalRecords).toBe(4);
    const none = await ask(one, clusters, { subscriptions: [third] });
    expect(error(none).details[0]?.["code"]).toBe("NoValidSubscriptionsInQueryRequest");
    expect((await ask(one, clusters, { managementGroups: ["strange"] })).status).toBe(403);
    const invalid = await ask(one, clusters, { subscriptions: ["nonsense"] });
    expect(error(invalid).details[0]?.["code"]).toBe("SubscriptionsContainInvalidGuids");
  });

  test.each([
    ["resources | summarize count()", 12, "summarize"],
    ["resources | where type contains 'x'", 23, "contains"],
    ["resources | where type =~ 'x", 26, "'"],
    ["resources |", 11, "<EOF>"],
  ])("refuses what it does not know, with its place: %s", async (query, position, token) => {
    const said = await ask(fleet(), query);
    expect(said.status).toBe(400);
    expect(error(said)).toMatchObject({
      code: "BadRequest",
      details: [
        { code: "InvalidQuery" },
        { code: "ParserFailure", line: 1, characterPositionInLine: position, token },
      ],
    });
  });

  test("refuses unknown tables and unknown options", async () => {
    expect((await ask(fleet(), "secrets | project id")).status).toBe(400);
    expect((await ask(fleet(), clusters, { options: { top: 1 } })).status).toBe(400);
  });

  test("tells its quota in every answer, and answers 429 once it is used up", async () => {
    const one = fleet();
    const said: Said[] = [];
    for (let count = 0; count < 16; count++) said.push(await ask(one, workspaces));
    expect(said.map(({ headers }) => headers["x-ms-user-quota-remaining"])).toEqual(
      [...Array(15).keys()].reverse().map(String).concat("0"),
    );
    expect(said[0]?.headers["x-ms-user-quota-resets-after"]).toBe("00:00:05");
    expect(said[15]).toMatchObject({ status: 429, body: { error: { code: "RateLimiting" } } });
    one.world.clock.advance(5_000);
    expect((await ask(one, workspaces)).status).toBe(200);
  });
});

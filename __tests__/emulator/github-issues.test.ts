import { describe, expect, test } from "@jest/globals";
import { type Said, type Talk, talk } from "./talk.ts";

interface Ask {
  method?: string;
  authorization?: string;
  body?: unknown;
}

function ask(one: Talk, path: string, { method = "GET", ...given }: Ask = {}): Promise<Said> {
  const authorization = given.authorization ?? `Bearer ${one.world.github.token}`;
  const body = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {});
  const url = `${one.emulator.origin}/_github/api/repos/contoso/models/${path}`;
  return one.say(method, url, { authorization }, method === "GET" ? "" : body);
}

const create = (one: Talk, body: object) => ask(one, "issues", { method: "POST", body });
const numbers = ({ body }: Said) => (body as unknown as { number: number }[]).map(({ number }) => number);

describe("issues of GitHub", () => {
  test("are created, changed, commented and closed", async () => {
    const one = talk();
    const made = await create(one, { title: "Look", body: "At this.", labels: ["fleet"] });
    expect(made).toMatchObject({
      status: 201,
      body: { number: 1, state: "open", labels: [{ name: "fleet" }] },
    });
    await ask(one, "issues/1", { method: "PATCH", body: { body: "At that." } });
    await ask(one, "issues/1/comments", { method: "POST", body: { body: "Well again." } });
    const closed = { state: "closed", state_reason: "completed" };
    expect((await ask(one, "issues/1", { method: "PATCH", body: closed })).body).toMatchObject(closed);
    expect(one.world.issues).toMatchObject([
      {
        title: "Look",
        body: "At that.",
        state: "closed",
        stateReason: "completed",
        comments: ["Well again."],
      },
    ]);
  });

  test("are listed by state and label, the newest first unless asked otherwise", async () => {
    const one = talk();
    for (const labels of [["a"], ["a", "b"], ["b"]]) await create(one, { title: "x", labels });
    await ask(one, "issues/3", { method: "PATCH", body: { state: "closed" } });
    expect(numbers(await ask(one, "issues"))).toEqual([2, 1]);
    expect(numbers(await ask(one, "issues?labels=a&direction=asc"))).toEqual([1, 2]);
    expect(numbers(await ask(one, "issues?labels=a,b"))).toEqual([2]);
    expect(numbers(await ask(one, "issues?labels=b&state=all"))).toEqual([3, 2]);
    expect(numbers(await ask(one, "issues?per_page=1"))).toEqual([2]);
  });
});

describe("what GitHub refuses of issues", () => {
  test.each<[string, object]>([
    ["no title", { title: undefined }],
    ["a title that is too long", { title: "x".repeat(257) }],
    ["a body that is too long", { body: "x".repeat(65_537) }],
    ["an unknown state", { state: "done" }],
    ["labels that are no list", { labels: "fleet" }],
    ["what it doesn't know", { verdict: "pass" }],
  ])("%s: 422", async (_what, body) => {
    const one = talk();
    expect((await create(one, { title: "x", ...body })).status).toBe(422);
    expect(one.world.issues).toEqual([]);
  });

  test.each<[string, string, Ask, number]>([
    ["an issue that is not there", "issues/7", { method: "PATCH" }, 404],
    ["another method", "issues/7", { method: "DELETE" }, 404],
    ["a wrong token", "issues", { authorization: "Bearer nonsense" }, 401],
    ["what is no JSON", "issues", { method: "POST", body: "{" }, 400],
  ])("%s", async (_what, path, given, status) => {
    expect((await ask(talk(), path, given)).status).toBe(status);
  });

  test("a token without `issues: write` may read: 403", async () => {
    const one = talk();
    one.world.knobs.githubIssues = "read";
    expect((await ask(one, "issues")).status).toBe(200);
    expect((await create(one, { title: "x" })).status).toBe(403);
  });

  test("a repository without issues: 410", async () => {
    const one = talk();
    one.world.knobs.githubIssues = "off";
    expect((await ask(one, "issues")).status).toBe(410);
  });
});

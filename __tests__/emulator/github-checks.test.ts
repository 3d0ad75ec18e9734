import { describe, expect, test } from "@jest/globals";
import { type Said, type Talk, talk } from "./talk.ts";

const sha = "a".repeat(40);
const output = { title: "Extension", summary: "All is well." };
const annotation = {
  path: ".github",
  start_line: 1,
  end_line: 1,
  annotation_level: "failure",
  message: "E40007",
};
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...annotation, message: `${index}` }));

interface Ask {
  path?: string;
  method?: string;
  authorization?: string;
  body?: unknown;
}

function ask(
  one: Talk,
  { path = "/repos/contoso/models/check-runs", method = "POST", ...given }: Ask,
): Promise<Said> {
  const authorization = given.authorization ?? `Bearer ${one.world.github.token}`;
  const body = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {});
  return one.say(method, `${one.emulator.origin}/_github/api${path}`, { authorization }, body);
}
const create = (one: Talk, body: object) => ask(one, { body: { name: "azureml", head_sha: sha, ...body } });

describe("check runs of GitHub", () => {
  test("are created, and completed by a conclusion", async () => {
    const one = talk();
    const said = await create(one, { conclusion: "success", output });
    expect(said).toMatchObject({
      status: 201,
      body: { id: 1, name: "azureml", head_sha: sha, status: "completed", conclusion: "success" },
    });
    expect(said.body).toMatchObject({
      output: { ...output, annotations_count: 0 },
      html_url: expect.any(String),
    });
    expect(one.world.checkRuns).toMatchObject([{ id: 1, name: "azureml", conclusion: "success", output }]);
  });

  test("take annotations fifty at a time, and add those of later requests", async () => {
    const one = talk();
    await create(one, { conclusion: "failure", output: { ...output, annotations: many(50) } });
    const said = await ask(one, {
      method: "PATCH",
      path: "/repos/contoso/models/check-runs/1",
      body: { output: { ...output, annotations: many(3) } },
    });
    expect(said).toMatchObject({
      status: 200,
      body: { output: { annotations_count: 53 }, conclusion: "failure" },
    });
    expect(said.text).not.toContain("E40007");
  });

  test("can be queued first and concluded later", async () => {
    const one = talk();
    expect((await create(one, { status: "in_progress" })).body).toMatchObject({ conclusion: null });
    const path = "/repos/Contoso/Models/check-runs/1";
    const said = await ask(one, { method: "PATCH", path, body: { conclusion: "neutral" } });
    expect(said.body).toMatchObject({ status: "completed", conclusion: "neutral", name: "azureml" });
  });

  test.each(["Bearer", "bearer", "token"])("the token after the word %s", async (word) => {
    const one = talk();
    const authorization = `${word} ${one.world.github.token}`;
    expect((await ask(one, { authorization, body: { name: "azureml", head_sha: sha } })).status).toBe(201);
    expect(one.world.secrets.has(one.world.github.token)).toBe(true);
    expect(JSON.stringify(one.world.exchanges)).not.toContain(one.world.github.token);
  });
});

describe("what GitHub refuses", () => {
  test.each<[string, object]>([
    ["no name", { name: undefined }],
    ["no commit", { head_sha: undefined }],
    ["a commit that is no SHA", { head_sha: "main" }],
    ["an unknown conclusion", { conclusion: "failed" }],
    ["a conclusion of GitHub's own", { conclusion: "stale" }],
    ["an unknown status", { status: "done" }],
    ["an end without conclusion", { status: "completed" }],
    ["output without a summary", { output: { title: "x" } }],
    ["output without a title", { output: { summary: "x" } }],
    ["a summary that is too long", { output: { ...output, summary: "x".repeat(65_536) } }],
    ["text that is too long", { output: { ...output, text: "x".repeat(65_536) } }],
    ["51 annotations", { output: { ...output, annotations: many(51) } }],
    [
      "an annotation without a path",
      { output: { ...output, annotations: [{ ...annotation, path: undefined }] } },
    ],
    [
      "an annotation without lines",
      { output: { ...output, annotations: [{ ...annotation, end_line: undefined }] } },
    ],
    [
      "an annotation of an unknown level",
      { output: { ...output, annotations: [{ ...annotation, annotation_level: "error" }] } },
    ],
    ["what it doesn't know", { verdict: "pass" }],
  ])("%s: 422", async (_what, body) => {
    const one = talk();
    expect((await create(one, body)).status).toBe(422);
    expect(one.world.checkRuns).toEqual([]);
  });

  test("a summary of exactly 65,535 characters is taken", async () => {
    expect((await create(talk(), { output: { ...output, summary: "x".repeat(65_535) } })).status).toBe(201);
  });

  test("a later request is checked as the first one is, and changes nothing when it is refused", async () => {
    const one = talk();
    await create(one, { conclusion: "success", output });
    const path = "/repos/contoso/models/check-runs/1";
    const body = { conclusion: "failure", output: { ...output, annotations: many(51) } };
    expect((await ask(one, { method: "PATCH", path, body })).status).toBe(422);
    expect(one.world.checkRuns).toMatchObject([{ conclusion: "success" }]);
  });

  test.each<[string, Ask, number]>([
    ["another repository", { path: "/repos/contoso/other/check-runs" }, 404],
    ["a run that is not there", { method: "PATCH", path: "/repos/contoso/models/check-runs/7" }, 404],
    ["another method", { method: "GET" }, 404],
    ["another resource", { path: "/repos/contoso/models/pulls" }, 404],
    ["a wrong token", { authorization: "Bearer nonsense" }, 401],
    ["no token", { authorization: "" }, 401],
    ["what is no JSON", { body: "{" }, 400],
  ])("%s", async (_what, given, status) => {
    expect((await ask(talk(), given)).status).toBe(status);
  });

  test("a token without `checks: write`: 403", async () => {
    const one = talk();
    one.world.knobs.githubChecks = "read";
    expect(await create(one, {})).toMatchObject({
      status: 403,
      body: { message: "Resource not accessible by integration" },
    });
    expect(one.world.checkRuns).toEqual([]);
  });

  test("the OIDC endpoint answers as before", async () => {
    const one = talk();
    const url = `${one.emulator.origin}/_github/oidc/token?audience=x`;
    const said = await one.say("GET", url, { authorization: `Bearer ${one.world.github.requestToken}` });
    expect(said).toMatchObject({ status: 200, body: { count: 1 } });
  });
});

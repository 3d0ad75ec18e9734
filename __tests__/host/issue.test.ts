import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Emulator, World } from "../../emulator/index.ts";
import type { Issue } from "../../src/host/host.ts";
import type { Failure } from "../../src/model/failure.ts";

let world: World;
let server: Server;
const environment = { ...process.env };

// The client reads the job's variables when it is loaded, as it does in a job.
let issues: typeof import("../../src/host/issue.ts");

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const emulator = new Emulator(world);
    const answer = await emulator.handle({
      method: request.method ?? "",
      url: `${emulator.origin}${request.url}`,
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
    });
    if (answer.kind !== "response") throw new Error(answer.kind);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, {
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/_github/api`,
    GITHUB_REPOSITORY: World.simple().github.repository,
  });
  issues = await import("../../src/host/issue.ts");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  process.env = environment;
});
beforeEach(() => {
  world = World.simple();
});

const keep = (parts: Partial<Issue> = {}, signal = new AbortController().signal) =>
  issues.keepIssue(
    {
      token: world.github.token,
      label: "fleet",
      open: true,
      title: "Look",
      body: "One is broken.",
      farewell: "All is well again.",
      ...parts,
    },
    signal,
  );

describe("an issue", () => {
  test("is opened once, kept up to date, and closed when all is well", async () => {
    const opened = await keep();
    expect(opened).toEqual({ done: "opened", url: expect.stringMatching(/\/issues\/1$/) });
    expect(await keep()).toMatchObject({ done: "unchanged" });
    expect(await keep({ body: "Two are broken." })).toEqual({ ...opened, done: "updated" });
    expect(world.issues).toHaveLength(1);
    expect(world.issues[0]).toMatchObject({ state: "open", labels: ["fleet"] });
    expect(world.issues[0]?.body).toContain("Two are broken.");
    expect(await keep({ open: false })).toEqual({ ...opened, done: "closed" });
    expect(world.issues[0]).toMatchObject({
      state: "closed",
      stateReason: "completed",
      comments: ["All is well again."],
    });
  });

  test("is not made where there is nothing to look at", async () => {
    expect(await keep({ open: false })).toEqual({ done: "none" });
    expect(world.issues).toEqual([]);
  });

  test("of people with the same label is theirs", async () => {
    const theirs = {
      number: 1,
      title: "Mine",
      body: "Leave it.",
      state: "open",
      stateReason: null,
      labels: ["fleet"],
      comments: [],
    } as const;
    world.issues.push({ ...theirs, labels: ["fleet"], comments: [] });
    expect(await keep({ open: false })).toEqual({ done: "none" });
    expect(await keep()).toMatchObject({ done: "opened" });
    expect(world.issues[0]).toEqual(theirs);
  });

  test("that somebody closed is followed by another, while something is wrong", async () => {
    await keep();
    for (const issue of world.issues) issue.state = "closed";
    expect(await keep()).toMatchObject({ done: "opened" });
    expect(world.issues).toHaveLength(2);
  });

  test("of two fleets is found by their labels", async () => {
    await keep({ label: "east" });
    await keep({ label: "west" });
    await keep({ label: "west", open: false });
    expect(world.issues.map(({ state }) => state)).toEqual(["open", "closed"]);
  });

  test("that was opened twice is closed twice", async () => {
    await keep();
    world.issues.push({ ...(world.issues[0] as (typeof world.issues)[0]), number: 2, comments: [] });
    await keep({ open: false });
    expect(world.issues.map(({ state }) => state)).toEqual(["closed", "closed"]);
  });
});

describe("an issue that GitHub refuses", () => {
  const refused = async (parts: Partial<Issue> = {}, signal?: AbortSignal): Promise<Failure> =>
    keep(parts, signal).then(
      () => Promise.reject(new Error("it was taken")),
      (failure: Failure) => failure,
    );

  test.each([
    ["read", "permissions: issues: write"],
    ["off", "switched off"],
  ] as const)("for the reason %j says what to do", async (knob, remedy) => {
    world.knobs.githubIssues = knob;
    const failure = await refused();
    expect(failure.code).toBe("IssueRefused");
    expect(failure.remedy).toContain(remedy);
    expect(JSON.stringify([failure.message, failure.remedy])).not.toContain(world.github.token);
  });

  test("for a wrong token says so", async () => {
    expect((await refused({ token: "planted-wrong-token" })).remedy).toContain("a token that is valid");
  });

  test("is given up at once when the run is cancelled", async () => {
    const controller = new AbortController();
    controller.abort(new Error("Cancelled by SIGINT."));
    expect((await refused({}, controller.signal)).message).toContain("Cancelled by SIGINT.");
  });
});

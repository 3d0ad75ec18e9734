import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { githubHost } from "../../src/host/github.ts";
import type { Annotation, CheckRun } from "../../src/host/host.ts";
import type { Failure } from "../../src/model/failure.ts";

/** A request as GitHub gets it. */
interface Got {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: {
    readonly head_sha?: string;
    readonly output: { readonly annotations: readonly Record<string, unknown>[] };
  };
}

const signals = ["SIGINT", "SIGTERM"] as const;
const requests: Got[] = [];
/** How GitHub answers the next request, counted from 0. */
let answer: (number: number) => { status: number; body: unknown } | "silence";
let server: Server;
const folder = mkdtempSync(path.join(tmpdir(), "check-run-"));
const environment = { ...process.env };

// The client reads the job's variables when it is loaded, as it does in a job.
let checkRuns: typeof import("../../src/host/check-run.ts");

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Got["body"];
    requests.push({ method, url, authorization: headers.authorization, body });
    const reply = answer(requests.length - 1);
    if (reply === "silence") return;
    response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const event = path.join(folder, "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: { sha: "head-of-the-request" } } }));
  Object.assign(process.env, {
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/_github/api`,
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: "octo/ml",
    GITHUB_SHA: "merge",
    GITHUB_WORKFLOW_REF: "octo/ml/.github/workflows/gate.yml@refs/pull/7/merge",
  });
  checkRuns = await import("../../src/host/check-run.ts");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
  process.env = environment;
});
beforeEach(() => {
  requests.length = 0;
  answer = () => ({ status: 201, body: { id: 42, html_url: "https://github.test/octo/ml/runs/42" } });
});

const never = new AbortController().signal;
const annotation = (number: number): Annotation => ({
  level: "failure",
  title: `pods-running ${number}`,
  message: "It crashes.",
});
const run: CheckRun = {
  token: "planted-token",
  name: "azureml-clusters",
  conclusion: "failure",
  title: "verify-extension azureml: Fail",
  summary: "### Page",
  annotations: [annotation(0)],
};

describe("a check run", () => {
  test("is made at the head of a pull request, with its conclusion, and gives its URL", async () => {
    expect(await checkRuns.writeCheckRun(run, never)).toBe("https://github.test/octo/ml/runs/42");
    expect(requests).toEqual([
      {
        method: "POST",
        url: "/_github/api/repos/octo/ml/check-runs",
        authorization: "token planted-token",
        body: {
          name: "azureml-clusters",
          head_sha: "head-of-the-request",
          conclusion: "failure",
          output: {
            title: run.title,
            summary: run.summary,
            annotations: [
              {
                path: ".github/workflows/gate.yml",
                start_line: 1,
                end_line: 1,
                annotation_level: "failure",
                title: "pods-running 0",
                message: "It crashes.",
              },
            ],
          },
        },
      },
    ]);
  });

  test.each([
    [0, [0]],
    [50, [50]],
    [51, [50, 1]],
    [200, [50, 50, 50, 50]],
  ])("with %d annotations sends them in requests of %j", async (count, pages) => {
    const annotations = Array.from({ length: count }, (_, number) => annotation(number));
    await checkRuns.writeCheckRun({ ...run, annotations }, never);
    expect(requests.map(({ body }) => body.output.annotations.length)).toEqual(pages);
    expect(requests.map(({ method }) => method)).toEqual(["POST", ...pages.slice(1).map(() => "PATCH")]);
    expect(requests.slice(1).filter(({ url }) => url !== "/_github/api/repos/octo/ml/check-runs/42")).toEqual(
      [],
    );
    const titles = requests.flatMap(({ body }) => body.output.annotations.map(({ title }) => title));
    expect(titles).toEqual(annotations.map(({ title }) => title));
  });
});

test("GitHub's host has them, and tells the runner to mask the token before it is sent", async () => {
  const before = Object.fromEntries(signals.map((signal) => [signal, process.listeners(signal)]));
  const written: string[] = [];
  const stdout = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    let sentAfter: string[] = [];
    answer = () => {
      sentAfter = [...written];
      return { status: 201, body: { id: 42, html_url: "https://github.test/runs/42" } };
    };
    expect(await githubHost().checkRun?.(run)).toBe("https://github.test/runs/42");
    expect(sentAfter.join("")).toContain("::add-mask::planted-token");
  } finally {
    stdout.mockRestore();
    for (const signal of signals) {
      const added = process.listeners(signal).filter((one) => !before[signal]?.includes(one));
      for (const listener of added) process.removeListener(signal, listener);
    }
  }
});

describe("a check run that GitHub refuses", () => {
  const refused = async (signal = never): Promise<Failure> =>
    checkRuns.writeCheckRun(run, signal).then(
      () => Promise.reject(new Error("it was taken")),
      (failure: Failure) => failure,
    );

  test.each([
    [401, "Bad credentials", "github.token"],
    [403, "Resource not accessible by integration", "permissions: checks: write"],
    [404, "Not Found", "token of this repository"],
  ])("with %d says why and what to do", async (status, message, remedy) => {
    answer = () => ({ status, body: { message } });
    const failure = await refused();
    expect(failure.code).toBe("CheckRunRefused");
    expect(failure.message).toContain(message);
    expect(failure.remedy).toContain(remedy);
    expect(JSON.stringify([failure.message, failure.remedy, failure.cause])).not.toContain("planted-token");
  });

  test("for another reason says that", async () => {
    answer = () => ({ status: 422, body: { message: "No commit found for SHA: head-of-the-request" } });
    const { message, remedy } = await refused();
    expect(message).toContain("No commit found");
    expect(remedy).toBeUndefined();
  });

  test("where the connection breaks says so", async () => {
    answer = () => {
      server.closeAllConnections();
      return "silence";
    };
    expect(await refused()).toMatchObject({ code: "CheckRunRefused" });
  });

  test("with a page of annotations says so: the run is there, the rest is missing", async () => {
    const annotations = Array.from({ length: 60 }, (_, number) => annotation(number));
    answer = (number) => (number === 0 ? { status: 201, body: { id: 42 } } : { status: 502, body: {} });
    await expect(checkRuns.writeCheckRun({ ...run, annotations }, never)).rejects.toMatchObject({
      code: "CheckRunRefused",
      message: expect.stringContaining("not all of its annotations"),
    });
    expect(requests).toHaveLength(2);
  });

  test("is given up at once when the run is cancelled", async () => {
    const controller = new AbortController();
    answer = () => {
      controller.abort(new Error("Cancelled by SIGINT."));
      return "silence";
    };
    expect((await refused(controller.signal)).message).toContain("Cancelled by SIGINT.");
  });
});

test("a push has its own commit, and so has a request without a head", () => {
  expect(checkRuns.headOf({ payload: {}, sha: "pushed" })).toBe("pushed");
  expect(checkRuns.headOf({ payload: { pull_request: { number: 1 } }, sha: "pushed" })).toBe("pushed");
});

test.each([
  ["octo/ml/.github/workflows/ci.yml@refs/heads/main", "octo/ml", ".github/workflows/ci.yml"],
  ["Octo/ML/.github/workflows/ci.yml@refs/heads/a@b", "octo/ml", ".github/workflows/ci.yml"],
  ["octo/rules/.github/workflows/required.yml@refs/heads/main", "octo/ml", ".github"],
  ["", "octo/ml", ".github"],
])("of the workflow %j in %s the file is %s", (reference, repository, file) => {
  expect(checkRuns.workflowFile(reference, repository)).toBe(file);
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { githubHost } from "../../src/host/github.ts";
import type { Host } from "../../src/host/host.ts";
import { Failure } from "../../src/model/failure.ts";

const folder = mkdtempSync(path.join(tmpdir(), "host-"));
const files = {
  GITHUB_OUTPUT: path.join(folder, "output"),
  GITHUB_STATE: path.join(folder, "state"),
  GITHUB_STEP_SUMMARY: path.join(folder, "summary"),
};
const written: string[] = [];
const signals = ["SIGINT", "SIGTERM"] as const;
let before: Record<string, unknown[]>;

beforeAll(() => {
  jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  written.length = 0;
  for (const file of Object.values(files)) writeFileSync(file, "");
  Object.assign(process.env, files, { RUNNER_TEMP: folder });
  before = Object.fromEntries(signals.map((signal) => [signal, process.listeners(signal)]));
});
afterEach(() => {
  for (const signal of signals) {
    const added = process.listeners(signal).filter((listener) => !before[signal]?.includes(listener));
    for (const listener of added) process.removeListener(signal, listener);
  }
  for (const name of Object.keys(process.env)) {
    if (
      /^(INPUT_|STATE_|GITHUB_(WORKSPACE|OUTPUT|STATE|STEP_SUMMARY)|ACTIONS_ID_TOKEN_|RUNNER_)/.test(name)
    ) {
      delete process.env[name];
    }
  }
});

const stdout = () => written.join("");

/** What .NET takes for white space at the start of a line, which the runner cuts off before it looks (testbed 1). */
const dotnetBlank = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** The commands that the runner finds in what a step writes: `::name::` at a line's start, `##[name]` anywhere. */
function commands(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.replace(dotnetBlank, "").startsWith("::") || line.includes("##["));
}

const piece = fc.oneof(
  fc.constantFrom(
    "::error::x",
    "::add-mask::a",
    "::stop-commands::t",
    "##[error]x",
    "##[command]",
    "###[group]",
  ),
  fc.constantFrom("::", ":", "##", "#", "[", "\n", "\r\n", "\r", " ", "\t", "\v", "\f", "\u00a0", "\u0085"),
  fc.constantFrom("\u2028", "\u2029", "\u3000", "\ufeff", "\u200b", "%0A::error::x", "text"),
  fc.string(),
);
const untrusted = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

describe("untrusted text is no workflow command", () => {
  const host = () => githubHost();

  test.each([
    "::error::planted",
    "  ::error::planted",
    "\t::warning file=x::planted",
    "fine\n::error::planted",
    "fine\r\n   ::error::planted",
    "fine\r::error::planted",
    "a ##[error]planted",
    "##[command]planted",
    "###[error]planted",
    "\u0085::error::planted",
    ":::error::planted",
  ])("%j", (text) => {
    host().info(text);
    expect(commands(stdout())).toEqual([]);
    expect(stdout()).toContain("planted");
  });

  test("in no line of the log, whatever the text; a person reads it as it was", () => {
    const one = host();
    fc.assert(
      fc.property(untrusted, (text) => {
        written.length = 0;
        one.info(text);
        expect(commands(stdout())).toEqual([]);
        expect(stdout().replaceAll("\u200b", "")).toBe(`${text.replaceAll("\u200b", "")}\n`);
      }),
    );
  });

  test("nor in a group, whose only commands are its own", () => {
    const one = host();
    fc.assert(
      fc.property(untrusted, fc.array(untrusted, { maxLength: 3 }), (title, lines) => {
        written.length = 0;
        one.group(title, lines);
        const found = commands(stdout());
        expect(found.at(0)).toMatch(/^::group::/);
        expect(found.at(-1)).toBe("::endgroup::");
        expect(found).toHaveLength(2);
      }),
    );
  });

  test("nor in an error or a debug line: each is one command, and its text comes back whole", () => {
    const one = host();
    const unescaped = (data: string) =>
      data.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
    fc.assert(
      fc.property(untrusted, untrusted, (title, message) => {
        written.length = 0;
        one.error(title, message);
        one.debug(message);
        const lines = stdout().split("\n");
        expect(lines).toHaveLength(3);
        expect(unescaped(lines[0]?.replace(/^::error [\s\S]*?::/, "") ?? "")).toBe(message);
        expect(unescaped(lines[1]?.replace(/^::debug::/, "") ?? "")).toBe(message);
      }),
    );
  });
});

describe("what a step is given", () => {
  test("inputs, trimmed, as the runner passes them; empty when they are not given", () => {
    process.env["INPUT_COMPUTE-NAME"] = "  gpu \n";
    process.env["INPUT_DRY-RUN"] = "true";
    const host = githubHost();
    expect([host.input("compute-name"), host.input("dry-run"), host.input("file")]).toEqual([
      "gpu",
      "true",
      "",
    ]);
  });

  test("files, environment and what the main step kept", async () => {
    const file = path.join(folder, "compute.yml");
    writeFileSync(file, "name: größer\n");
    process.env["STATE_journal"] = "kept";
    const host = githubHost();
    expect(await host.readFile(file)).toBe("name: größer\n");
    await expect(host.readFile(path.join(folder, "missing"))).rejects.toThrow("ENOENT");
    expect([host.state("journal"), host.state("other"), host.name]).toEqual(["kept", "", "github"]);
    expect(host.environment["RUNNER_TEMP"]).toBe(folder);
  });
});

/** What the runner reads of a file of `name<<delimiter` blocks. */
function blocks(file: string): Record<string, string> {
  const found = readFileSync(file, "utf8").matchAll(/^(.+?)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}

describe("what a step leaves", () => {
  test("outputs and state, in the files that the runner names, whatever they hold", () => {
    const host = githubHost();
    const value = 'a\nb<<EOF\nEOF\n::error::x "quoted" %0A ä';
    host.output("findings", value);
    host.output("changed", "true");
    host.saveState("journal", value);
    expect(blocks(files.GITHUB_OUTPUT)).toEqual({ findings: value, changed: "true" });
    expect(blocks(files.GITHUB_STATE)).toEqual({ journal: value });
    expect(stdout()).toBe("");
  });

  test("a secret is told to the runner as one command", () => {
    githubHost().mask("planted\nsecret");
    expect(stdout()).toBe("::add-mask::planted%0Asecret\n");
  });

  test("the page, added to the step's summary", async () => {
    const host = githubHost();
    await host.summary("### One");
    await host.summary("### Two\n");
    const text = readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
    expect(text.split(/\n+/).filter((line) => line !== "")).toEqual(["### One", "### Two"]);
  });

  test("no page where the runner takes none", async () => {
    delete process.env["GITHUB_STEP_SUMMARY"];
    await expect(githubHost().summary("### One")).resolves.toBeUndefined();
    expect(readFileSync(files.GITHUB_STEP_SUMMARY, "utf8")).toBe("");
  });

  test("the report, outside the workspace, for its owner's eyes, under a new name each time", async () => {
    const host = githubHost();
    const one = await host.writeReport("attach", '{"a":1}');
    const two = await host.writeReport("attach", '{"a":2}');
    expect(one).not.toBe(two);
    expect(path.relative(folder, one).split(path.sep)).toEqual([
      "azureml-clusters",
      expect.stringMatching(/^attach-[0-9a-f-]{36}\.json$/),
    ]);
    expect([readFileSync(one, "utf8"), readFileSync(two, "utf8")]).toEqual(['{"a":1}', '{"a":2}']);
    expect(statSync(one).mode & 0o077).toBe(0);
    expect(readdirSync(path.dirname(one))).toHaveLength(2);
  });

  test("the report has a place without RUNNER_TEMP too", async () => {
    delete process.env["RUNNER_TEMP"];
    const file = await githubHost().writeReport("attach", "{}");
    expect(existsSync(file)).toBe(true);
    rmSync(file);
  });

  test("a file that the user named, in the workspace folder, for everybody, over an older one", async () => {
    process.env["GITHUB_WORKSPACE"] = path.join(folder, "workspace");
    const host = githubHost();
    await host.writeFile("out/deep/junit.xml", "<old/>");
    const file = await host.writeFile("out/deep/junit.xml", "<new/>");
    expect(file).toBe(path.join(folder, "workspace", "out", "deep", "junit.xml"));
    expect(readFileSync(file, "utf8")).toBe("<new/>");
    expect(statSync(file).mode & 0o444).toBe(0o444);
    const absolute = path.join(folder, "elsewhere.json");
    expect(await host.writeFile(absolute, "{}")).toBe(absolute);
  });

  test("a page that shows data, in the workspace folder", async () => {
    process.env["GITHUB_WORKSPACE"] = path.join(folder, "workspace");
    const file = await githubHost().writePage("out/fleet.html", { a: 1 }, ({ a }) => `<p>${a}`);
    expect(file).toBe(path.join(folder, "workspace", "out", "fleet.html"));
    expect(readFileSync(file, "utf8")).toBe("<p>1");
  });

  test("JSON files of a folder are read with those in it, or the one file that is named", async () => {
    process.env["GITHUB_WORKSPACE"] = path.join(folder, "workspace");
    const host = githubHost();
    for (const file of ["reports/a/1.json", "reports/2.json", "reports/a/b.txt"])
      await host.writeFile(file, file);
    const inside = { "2.json": "reports/2.json", [path.join("a", "1.json")]: "reports/a/1.json" };
    expect(await host.readJsonFiles("reports")).toEqual(inside);
    expect(await host.readJsonFiles("reports/2.json")).toEqual({ "reports/2.json": "reports/2.json" });
    await expect(host.readJsonFiles("nowhere")).rejects.toThrow("ENOENT");
  });

  test("a folder of files, outside the workspace, for its owner's eyes (W1)", async () => {
    const host = githubHost();
    const one = await host.writeFolder("diagnostics", { "pods.txt": "one", "gateway.log": "two" });
    expect(await host.writeFolder("diagnostics", {})).not.toBe(one);
    expect(path.relative(folder, one).split(path.sep)).toEqual([
      "azureml-clusters",
      expect.stringMatching(/^diagnostics-[0-9a-f-]{36}$/),
    ]);
    expect(readdirSync(one).sort()).toEqual(["gateway.log", "pods.txt"]);
    expect(readFileSync(path.join(one, "gateway.log"), "utf8")).toBe("two");
    expect(statSync(one).mode & 0o077).toBe(0);
    expect(statSync(path.join(one, "pods.txt")).mode & 0o077).toBe(0);
  });

  test("every file of a folder stays in it, under a name that every file system and upload-artifact take", async () => {
    const nasty = fc.array(
      fc.constantFrom(
        "..",
        "/",
        "\\",
        "a",
        "A",
        "con",
        ".",
        ":",
        "\0",
        "\n",
        '"',
        "*",
        "?",
        "ä",
        "x".repeat(300),
      ),
      { maxLength: 6 },
    );
    const names = fc.uniqueArray(
      nasty.map((pieces) => pieces.join("")),
      { maxLength: 8 },
    );
    const host = githubHost();
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const files = Object.fromEntries(given.map((name, index) => [name, String(index)]));
        const made = await host.writeFolder("../diagnostics", files);
        expect(path.dirname(made)).toBe(path.join(folder, "azureml-clusters"));
        const written = readdirSync(made);
        const contents = written.map((name) => readFileSync(path.join(made, name), "utf8"));
        expect(contents.sort()).toEqual(Object.values(files).sort());
        expect(written.filter((name) => !/^[\w-][\w.-]{0,130}$/.test(name) || name.endsWith("."))).toEqual(
          [],
        );
        expect(new Set(written.map((name) => name.toLowerCase())).size).toBe(written.length);
        expect(written.filter((name) => /^con(\.|$)/i.test(name))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the job's OIDC token", () => {
  async function withIssuer(
    answer: (request: IncomingMessage) => { status: number; body: unknown },
    use: (host: Host) => Promise<void>,
  ): Promise<void> {
    const server = createServer((request, response) => {
      const { status, body } = answer(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    process.env["ACTIONS_ID_TOKEN_REQUEST_URL"] = `http://127.0.0.1:${port}/token?api-version=2.0`;
    process.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "planted-request-token";
    try {
      await use(githubHost());
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test("without the variables, the failure says which permission the job lacks", async () => {
    const failure = await githubHost()
      .idToken("api://AzureADTokenExchange")
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: "NoIdToken",
      remedy: expect.stringContaining("permissions: id-token: write"),
      link: expect.stringMatching(/^https:\/\/docs\.github\.com\//),
    });
  });

  test("is asked for with the audience and the job's own token, and is masked", async () => {
    const asked: (string | undefined)[] = [];
    await withIssuer(
      ({ url, headers }) => {
        asked.push(url, headers.authorization);
        return { status: 200, body: { value: "planted-oidc-token" } };
      },
      async (host) => {
        expect(await host.idToken("api://AzureADTokenExchange")).toBe("planted-oidc-token");
      },
    );
    expect(asked).toEqual([
      "/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange",
      "Bearer planted-request-token",
    ]);
    expect(stdout()).toContain("::add-mask::planted-oidc-token\n");
  });

  test("a refusal of GitHub's is a failure with a remedy, and its cause", async () => {
    await withIssuer(
      () => ({ status: 401, body: { message: "no" } }),
      async (host) => {
        await expect(host.idToken("x")).rejects.toMatchObject({
          code: "NoIdToken",
          remedy: expect.stringContaining("id-token: write"),
          cause: expect.anything(),
        });
      },
    );
  });
});

describe("cancellation", () => {
  test.each(signals)(
    "%s aborts the run with a failure that names it, and ends the process within 5 s",
    (signal) => {
      jest.useFakeTimers();
      const exit = jest.spyOn(process, "exit").mockImplementation((() => undefined) as () => never);
      try {
        const { cancellation } = githubHost();
        expect(cancellation.aborted).toBe(false);
        process.emit(signal);
        expect(cancellation.aborted).toBe(true);
        expect(cancellation.reason).toMatchObject({ code: "Cancelled", message: `Cancelled by ${signal}.` });
        jest.advanceTimersByTime(5_000);
        expect(exit).toHaveBeenCalledWith(1);
      } finally {
        exit.mockRestore();
        jest.useRealTimers();
      }
    },
  );

  test("the reason of the first signal stays when the second comes", () => {
    jest.useFakeTimers();
    try {
      const { cancellation } = githubHost();
      process.emit("SIGINT");
      process.emit("SIGTERM");
      expect(cancellation.reason).toMatchObject({ message: "Cancelled by SIGINT." });
      jest.clearAllTimers();
    } finally {
      jest.useRealTimers();
    }
  });
});

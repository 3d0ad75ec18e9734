import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type Step, type StepResult, startStep } from "../../emulator/runner.ts";

let folder: string;
let scripts = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "runner-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

function start(script: string, step: Omit<Step, "entry"> = {}) {
  scripts += 1;
  const imports = `import { appendFileSync, writeFileSync } from "node:fs";\nconst { env } = process;\n`;
  return startStep({ entry: write(`step-${scripts}.mjs`, imports + script), ...step });
}

function run(script: string, step: Omit<Step, "entry"> = {}): Promise<StepResult> {
  return start(script, step).finished;
}

/** A step that prints these lines. */
function print(...lines: string[]): Promise<StepResult> {
  return run(`process.stdout.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(""))});`);
}

/** A step that writes this text to one of its command files. */
function writeTo(file: string, text: string, step: Omit<Step, "entry"> = {}): Promise<StepResult> {
  return run(`writeFileSync(env.GITHUB_${file}, ${JSON.stringify(text)});`, step);
}

describe("what a step is given", () => {
  test("inputs in upper case, spaces as underscores, dashes kept", async () => {
    const { stdout } = await run(`console.log(env["INPUT_DRY-RUN"], env.INPUT_TWO_WORDS);`, {
      inputs: { "dry-run": "true", "Two words": "yes" },
    });
    expect(stdout).toBe("true yes\n");
  });

  test("defaults of action.yml, an empty string where there is none, and a warning for other inputs", async () => {
    const action = write("action.yml", "inputs:\n  wait:\n    default: 'true'\n  name: {}\n  mode:\n");
    const result = await run(
      `console.log(JSON.stringify([env.INPUT_WAIT, env.INPUT_NAME, env.INPUT_MODE]));`,
      {
        action,
        inputs: { Mode: "", nmae: "x" },
      },
    );
    expect(result.stdout).toBe('["true","",""]\n');
    expect(result.annotations).toEqual([
      { level: "warning", message: "Unexpected input(s) 'nmae', valid inputs are ['wait', 'name', 'mode']" },
    ]);
  });

  test("an environment of its own, to which env adds", async () => {
    process.env["OF_THE_PARENT"] = "leaked";
    const { stdout } = await run(`console.log(env.OF_THE_PARENT, env.CI, env.GITHUB_REPOSITORY, env.MORE);`, {
      env: { MORE: "more" },
    });
    expect(stdout).toBe("undefined true octo-org/octo-repo more\n");
  });

  test("state in a post step alone", async () => {
    const script = "console.log(env.STATE_phase);";
    expect((await run(script, { state: { phase: "detached" } })).stdout).toBe("undefined\n");
    expect((await run(script, { state: { phase: "detached" }, isPost: true })).stdout).toBe("detached\n");
  });
});

describe("files", () => {
  test("both forms of name and value", async () => {
    const text = "a=1=2\nb<<END\nfirst\n\nc=not a pair\nEND\n\nempty=\nnone<<E\nE\nd=x<<y\n";
    const { outputs, outcome } = await writeTo("OUTPUT", text);
    expect(outputs).toEqual({ a: "1=2", b: "first\n\nc=not a pair", empty: "", none: "", d: "x<<y" });
    expect(outcome).toBe("success");
  });

  test.each([["no separator"], ["=x"], ["x<<END\nnever closed\n"], ["x<<\n"]])("refuses %j", async (text) => {
    const result = await writeTo("OUTPUT", `good=1\n${text}`);
    expect(result).toMatchObject({ outcome: "failure", exitCode: 0, outputs: { good: "1" } });
    expect(result.annotations[0]?.message).toBe("Unable to process file command 'output' successfully.");
  });

  test("state, environment, what is left under RUNNER_TEMP", async () => {
    expect((await writeTo("STATE", "phase=detached")).state).toEqual({ phase: "detached" });
    expect((await writeTo("ENV", "A=b")).env).toEqual({ A: "b" });
    const { files } = await run("writeFileSync(`" + "$" + "{env.RUNNER_TEMP}/report.json`, '{}');");
    expect(files).toEqual({ "report.json": "{}" });
  });

  test("a summary of up to 1 MiB, masked", async () => {
    const script = (bytes: number) =>
      `console.log("::add-mask::hidden"); writeFileSync(env.GITHUB_STEP_SUMMARY, "hidden".padEnd(${bytes}, "x"));`;
    const fits = await run(script(1024 * 1024));
    expect(fits.summary.slice(0, 5)).toBe("***xx");
    const tooLong = await run(script(1024 * 1024 + 1));
    expect(tooLong.summary).toBe("");
    expect(tooLong.annotations[0]?.message).toContain("supports content up to a size of 1024k, got 1024k");
  });
});

describe("workflow commands", () => {
  test("annotations, groups, debug", async () => {
    const result = await print(
      "plain ::error::text",
      "::group::Plan",
      "  ::error title=Not%3A found%2C,file=a.ts::100%25%0Agone%253A",
      "::endgroup::",
      "::debug::hidden",
      "::NOTICE::seen",
      "::unknown::kept",
    );
    expect(result.log.split("\n")).toEqual([
      ...["plain ::error::text", "##[group]Plan", "Error: 100%", "gone%3A", "##[endgroup]"],
      ...["Notice: seen", "::unknown::kept"],
    ]);
    expect(result.annotations).toEqual([
      { level: "error", message: "100%\ngone%3A", title: "Not: found," },
      { level: "notice", message: "seen" },
    ]);
  });

  test("the older form, anywhere in a line", async () => {
    const { annotations, log } = await print("time ##[warning title=a%5D]old%3Bform");
    expect(annotations).toEqual([{ level: "warning", message: "old;form", title: "a]" }]);
    expect(log).toBe("Warning: old;form");
  });

  test("a lone CR begins a line too, and standard error is read as well", async () => {
    const { annotations } = await run(
      `process.stdout.write("a\\r::error::one"); console.error("::error::two");`,
    );
    expect(annotations.map(({ message }) => message).sort()).toEqual(["one", "two"]);
  });

  test("stop-commands until its token", async () => {
    const { annotations, log, masks } = await print(
      ...["::stop-commands::token-1", "::error::text", "::token-1::", "::error::command"],
    );
    expect(annotations.map(({ message }) => message)).toEqual(["command"]);
    expect(log.split("\n")).toEqual(["::stop-commands::***", "::error::text", "::***::", "Error: command"]);
    expect(masks).toEqual(["token-1"]);
  });

  test("disabled commands fail the step", async () => {
    expect(await print("::set-env name=A::b")).toMatchObject({ outcome: "failure", exitCode: 0 });
    expect(await print("::stop-commands::error")).toMatchObject({ outcome: "failure", exitCode: 0 });
  });

  test("at most ten annotations of a level", async () => {
    const { annotations, log } = await print(
      ...Array.from({ length: 12 }, (_, index) => `::error::${index}`),
    );
    expect(annotations).toHaveLength(10);
    expect(log.split("\n")).toHaveLength(12);
  });
});

describe("masks", () => {
  test("hide a value, its lines and its encoded forms from then on", async () => {
    const { log, stdout } = await print(
      ...["s3cret/key", "::add-mask::s3cret/key%0Asecond line"],
      ...["s3cret/keysecond line!", "s3cret%2Fkey", "::error::second line", "czNjcmV0L2tleQ=="],
    );
    expect(log.split("\n")).toEqual(["s3cret/key", "***!", "***", "Error: ***", "***"]);
    expect(stdout).toContain("second line");
  });

  test("drop outputs that hold one on their way out of the job", async () => {
    const result = await run(`
      console.log("::add-mask::11112222");
      writeFileSync(env.GITHUB_OUTPUT, "id=/subscriptions/11112222/x\\nname=x\\n");`);
    expect(result.outputs).toEqual({ name: "x" });
    expect(result.stepOutputs).toEqual({ id: "/subscriptions/11112222/x", name: "x" });
    expect(result.log).toContain("Warning: Skip output 'id' since it may contain secret.");
  });
});

describe("the end of a step", () => {
  test("exit code, lines as they come, nothing left behind", async () => {
    const lines: string[] = [];
    const result = await run("console.log(env.RUNNER_TEMP); process.exitCode = 3;", {
      onLine: (line) => lines.push(line),
    });
    expect(result).toMatchObject({ exitCode: 3, signal: null, outcome: "failure" });
    expect(lines).toEqual([result.stdout.trimEnd()]);
    const again = await run(
      `import { existsSync } from "node:fs"; console.log(existsSync(${JSON.stringify(lines[0])}));`,
    );
    expect(again.stdout).toBe("false\n");
  });

  test("a kill", async () => {
    const step = start(`console.log("up"); setInterval(() => {}, 1000);`, {
      onLine: () => step.kill("SIGKILL"),
    });
    expect(await step.finished).toMatchObject({ exitCode: null, signal: "SIGKILL", outcome: "failure" });
  });

  test("cancellation: SIGINT, SIGTERM after 7.5 s, SIGKILL after 10 s", async () => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "performance", "queueMicrotask"] });
    try {
      const stubborn = `
        process.on("SIGINT", () => console.log("SIGINT"));
        process.on("SIGTERM", () => console.log("SIGTERM"));
        setInterval(() => {}, 1000);
        console.log("up");`;
      const step = start(stubborn, {
        onLine: (line) => {
          if (line === "up") step.cancel();
          if (line === "SIGINT") jest.advanceTimersByTime(7_500);
          if (line === "SIGTERM") jest.advanceTimersByTime(2_500);
        },
      });
      expect(await step.finished).toMatchObject({ log: "up\nSIGINT\nSIGTERM", signal: "SIGKILL" });
    } finally {
      jest.useRealTimers();
    }
  });

  test("a Node that is not there", async () => {
    await expect(run("", { node: path.join(folder, "no-node") })).rejects.toThrow("ENOENT");
  });
});

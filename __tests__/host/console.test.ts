import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import type { Finding } from "../../src/model/finding.ts";
import type { Report } from "../../src/model/report.ts";
import { consoleOf } from "../support/screens.ts";

const signals = ["SIGINT", "SIGTERM"] as const;
let before: Record<string, unknown[]>;
beforeEach(() => {
  before = Object.fromEntries(signals.map((signal) => [signal, process.listeners(signal)]));
});
afterEach(() => {
  for (const signal of signals) {
    const added = process.listeners(signal).filter((listener) => !before[signal]?.includes(listener));
    for (const listener of added) process.removeListener(signal, listener);
  }
});

const finding: Finding = {
  id: "cluster-stopped",
  severity: "error",
  source: "L1",
  seen: "The cluster is stopped.",
  remedy: "Start it, or choose another `cluster-name`.",
};
const report = (more: Partial<Report> = {}): Report => ({
  reportVersion: 1,
  product: "azureml-clusters 0.1.0",
  action: "attach",
  verdict: "done",
  changed: true,
  state: "Succeeded",
  target: { computeName: "gpu" },
  steps: [{ kind: "create-compute", title: 'attach as compute "gpu"', result: "done", milliseconds: 4000 }],
  findings: [],
  startedAt: "2026-11-21T07:00:00.000Z",
  milliseconds: 5000,
  correlationId: "9b4f420f-a3f0-48a4-aaa6-cd462f50220b",
  ...more,
});
const error = (code: string) => ({
  code,
  message: "It went wrong.",
  details: ["compute-name: not given"],
  remedy: "Mend `compute-name`.",
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const escapes = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe("text of others moves no cursor and colours nothing", () => {
  const nasty = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "\u001b[31m",
          "\u001b]0;title\u0007",
          "\u009b2J",
          "\u001bc",
          "\r",
          "\b",
          "\u202e",
          "\u001b",
          "ok",
          "\n",
          "\t",
        ),
        fc.string(),
      ),
    )
    .map((parts) => parts.join(""));

  test("in no line, group, finding, error, report or prompt, on a terminal or not", async () => {
    await fc.assert(
      fc.asyncProperty(nasty, fc.boolean(), async (text, tty) => {
        const { host, stdout, stderr } = consoleOf({ tty, plain: true, verbose: true, useDeviceCode: true });
        host.info(text);
        host.debug(text);
        host.group(text, [text]);
        host.error(text, text);
        host.finding?.({ ...finding, seen: text, remedy: text });
        host.deviceCode?.(text);
        await host.conclude?.(
          report({
            state: text,
            findings: [{ ...finding, seen: `${text}!` }],
            error: { ...error("X"), message: text, details: [text] },
          }),
        );
        expect(stdout.text + stderr.text).not.toMatch(escapes);
        for (const signal of signals) process.removeAllListeners(signal);
      }),
      { numRuns: 50 },
    );
  });

  test.each(["json", "yaml"] as const)(
    "in %s it is written in another way, and is read back whole",
    async (output) => {
      const state = "\u001b[31mred\u009b2J\u202e\u007f";
      const { host, stdout } = consoleOf({ output });
      await host.conclude?.(report({ state }));
      expect(stdout.text).not.toMatch(escapes);
      const read = output === "json" ? JSON.parse(stdout.text) : parse(stdout.text);
      expect(read).toEqual(report({ state }));
    },
  );
});

describe("a terminal", () => {
  test("has colours; a finding's is its severity's", () => {
    const { host, stdout } = consoleOf();
    host.finding?.(finding);
    host.finding?.({ ...finding, severity: "warning" });
    expect(stdout.text).toContain("\u001b[31merror\u001b[39m");
    expect(stdout.text).toContain("\u001b[33mwarning\u001b[39m");
    expect(stdout.seen.join("\n")).toContain("→ Start it, or choose another");
  });

  test.each([
    ["a pipe", { tty: false }],
    ["--no-color", { plain: true }],
    ["NO_COLOR", { environment: { NO_COLOR: "1" } }],
    ["CI", { environment: { CI: "true" } }],
    ["TERM=dumb", { environment: { TERM: "dumb" } }],
  ])("with %s there are plain lines alone", async (_title, options) => {
    const { host, stdout, stderr } = consoleOf(options);
    host.live?.({ what: "attach", state: "Creating" });
    host.info("one");
    host.finding?.(finding);
    await host.conclude?.(report({ findings: [finding] }));
    expect(stdout.text + stderr.text).not.toContain("\u001b");
    expect(stdout.text).not.toContain("\r");
    expect(stdout.text).toContain("one\n");
  });

  test("breaks no line in a pipe, and each between words on a terminal", () => {
    const long = "word ".repeat(60).trim();
    const pipe = consoleOf({ tty: false });
    pipe.host.info(long);
    expect(pipe.stdout.text).toBe(`${long}\n`);
    const terminal = consoleOf({ columns: 40 });
    terminal.host.finding?.({ ...finding, seen: long });
    expect(Math.max(...terminal.stdout.seen.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test("names inputs by their options", () => {
    const { host, stdout } = consoleOf({ inputNames: ["cluster-name"] });
    host.finding?.(finding);
    expect(stdout.seen.join(" ")).toContain("choose another --cluster-name.");
  });
});

describe("the live line", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("shows state and time, is drawn again every second at least, stays below other lines, and goes away", () => {
    const { host, stdout } = consoleOf();
    host.live?.({ what: "attach gpu", state: "Creating" });
    expect(stdout.seen.at(-1)).toMatch(/attach gpu: Creating, 0\.0 s$/);
    jest.advanceTimersByTime(3_000);
    expect(stdout.seen.at(-1)).toMatch(/attach gpu: Creating, 3\.0 s$/);
    host.info("a line");
    expect(stdout.seen).toEqual(["a line", expect.stringMatching(/attach gpu: Creating, 3\.0 s$/)]);
    host.live?.({ what: "attach gpu", state: "Updating" });
    jest.advanceTimersByTime(1_000);
    expect(stdout.seen.at(-1)).toMatch(/attach gpu: Updating, 4\.0 s$/);
    host.live?.();
    jest.advanceTimersByTime(5_000);
    expect(stdout.seen).toEqual(["a line", ""]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("is never longer than the terminal is wide", () => {
    for (const columns of [12, 20, 40, 80]) {
      const { host, stdout } = consoleOf({ columns });
      host.live?.({ what: "attach ".repeat(30), state: "a state ".repeat(10) });
      jest.advanceTimersByTime(400_000);
      expect(stdout.seen.at(-1)?.length).toBeLessThan(columns);
      host.live?.();
    }
  });

  test("is gone before the run's end is told, and when the process ends", async () => {
    const one = consoleOf();
    one.host.live?.({ what: "attach", state: "" });
    await one.host.conclude?.(report());
    expect(one.stdout.seen.filter((line) => /[⠋⠙⠹⠸⠼⠴⠦⠧]/.test(line))).toEqual([]);
    const { host, stdout } = consoleOf();
    const listeners = process.listeners("exit");
    host.live?.({ what: "attach", state: "" });
    for (const listener of process.listeners("exit").filter((one) => !listeners.includes(one))) listener(0);
    expect(stdout.seen).toEqual([""]);
  });
});

describe("the end of a run", () => {
  test.each([
    [report(), 0],
    [report({ verdict: "failed", error: error("Different") }), 1],
    [report({ verdict: "failed", error: error("InvalidInput") }), 2],
    [report({ verdict: "cancelled", error: error("Cancelled") }), 130],
  ])("exit code of %#", async (ended, code) => {
    const { host } = consoleOf();
    await host.conclude?.(ended);
    expect(host.exitCode).toBe(code);
  });

  test("tells a finding once, whether it was shown before or not", async () => {
    const { host, stdout } = consoleOf({ tty: false });
    host.finding?.(finding);
    await host.conclude?.(report({ findings: [finding, { ...finding, id: "other", seen: "Another." }] }));
    expect(stdout.text.split("The cluster is stopped.")).toHaveLength(2);
    expect(stdout.text.split("Another.")).toHaveLength(2);
  });

  test("tells what went wrong, with options by their names, and where to read on", async () => {
    const { host, stdout } = consoleOf({ tty: false, inputNames: ["compute-name"] });
    await host.conclude?.(
      report({
        verdict: "failed",
        error: { ...error("Different"), link: "https://example.org", requestId: "r1" },
      }),
    );
    for (const text of [
      "Different: It went wrong.",
      "--compute-name: not given",
      "Mend --compute-name.",
      "https://example.org",
      "r1",
    ]) {
      expect(stdout.text).toContain(text);
    }
  });

  test.each(["json", "yaml"] as const)("%s has standard output for itself", async (output) => {
    const { host, stdout, stderr } = consoleOf({ output, tty: false });
    host.info("a line");
    host.group("title", ["grouped"]);
    host.finding?.(finding);
    host.error("title", "message");
    await host.conclude?.(report());
    expect(output === "json" ? JSON.parse(stdout.text) : parse(stdout.text)).toEqual(report());
    for (const text of ["a line", "title", "grouped", "The cluster is stopped."])
      expect(stderr.text).toContain(text);
  });

  test("debug lines are for --verbose", () => {
    const quiet = consoleOf();
    quiet.host.debug("detail");
    expect(quiet.stdout.text).toBe("");
    const verbose = consoleOf({ verbose: true });
    verbose.host.debug("detail");
    expect(verbose.stdout.seen).toContain("detail");
  });
});

describe("files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "console-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("the report is written where somebody asked for it, for nobody else's eyes, and else nowhere", async () => {
    const file = path.join(folder, "report.json");
    expect(await consoleOf().host.writeReport("attach", "{}")).toBe("");
    expect(await consoleOf({ reportPath: file }).host.writeReport("attach", "{}")).toBe(file);
    expect(readFileSync(file, "utf8")).toBe("{}");
    expect(statSync(file).mode & 0o077).toBe(0);
    await consoleOf().host.summary("page");
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  test("inputs are trimmed, files are read", async () => {
    writeFileSync(path.join(folder, "file"), "größer");
    const { host } = consoleOf({ inputs: { "compute-name": " gpu\n" } });
    expect([host.input("compute-name"), host.input("file")]).toEqual(["gpu", ""]);
    expect(await host.readFile(path.join(folder, "file"))).toBe("größer");
  });
});

describe("signing in", () => {
  test("there is no job's token, and the failure says what there is", async () => {
    await expect(consoleOf().host.idToken("x")).rejects.toMatchObject({
      code: "NoIdToken",
      remedy: expect.stringContaining("az login"),
    });
  });

  test("a device code is there where it was asked for, and its prompt goes to standard error", () => {
    expect(consoleOf().host.deviceCode).toBeUndefined();
    const { host, stdout, stderr } = consoleOf({ useDeviceCode: true, output: "json" });
    host.deviceCode?.("open the page");
    expect([stdout.text, stderr.text]).toEqual(["", "open the page\n"]);
  });
});

test("Ctrl+C ends the run in good order, and pressed again the process", () => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, "exit").mockImplementation((() => undefined) as () => never);
  try {
    const { host, stdout } = consoleOf();
    process.emit("SIGINT");
    expect(host.cancellation.reason).toMatchObject({ code: "Cancelled" });
    expect(stdout.seen.join(" ")).toContain("Ctrl+C once more");
    expect(exit).not.toHaveBeenCalled();
    process.emit("SIGINT");
    expect(exit).toHaveBeenLastCalledWith(130);
    jest.advanceTimersByTime(5_000);
    expect(exit.mock.calls.every(([code]) => code === 130)).toBe(true);
  } finally {
    exit.mockRestore();
    jest.useRealTimers();
  }
});

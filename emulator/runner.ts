/**
 * The contract of the GitHub Actions runner with a JavaScript action, as far as a step can see it: inputs and files
 * in the environment, workflow commands in the output, signals on cancellation. It follows the runner's own source
 * (actions/runner: ActionRunner, ActionCommandManager, FileCommandManager, SecretMasker, ProcessInvoker).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EOL, tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { type Annotation, StepLog } from "./runner-log.ts";

export interface Step {
  /** Path of the action's script. */
  entry: string;
  /** Path of the `action.yml`: its defaults become inputs, and inputs that it does not declare are warned of. */
  action?: string;
  inputs?: Record<string, string>;
  /** Added to a minimal environment. A `GITHUB_WORKSPACE` or `RUNNER_TEMP` given here is used and kept. */
  env?: Record<string, string>;
  /** What the main step saved; a post step reads it. */
  state?: Record<string, string>;
  isPost?: boolean;
  /** The Node that runs the step, by default this one. */
  node?: string;
  /** Each line as the runner shows it: commands obeyed, secrets masked. */
  onLine?: (line: string) => void;
}

export interface StepResult {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** `failure` also where a command or file could not be processed, whatever the exit code. */
  outcome: "success" | "failure";
  /** What a person sees in the log. */
  log: string;
  /** What the process wrote, as it is. */
  stdout: string;
  stderr: string;
  /** Outputs as another job gets them: those that hold a masked value are dropped, with the runner's warning. */
  outputs: Record<string, string>;
  /** Outputs as later steps of the same job read them. */
  stepOutputs: Record<string, string>;
  state: Record<string, string>;
  env: Record<string, string>;
  summary: string;
  annotations: Annotation[];
  masks: string[];
  /** Every file that the step left under `RUNNER_TEMP`, by relative path with `/`. */
  files: Record<string, string>;
  ms: number;
}

export interface RunningStep {
  finished: Promise<StepResult>;
  /** Cancels as the runner does: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. */
  cancel(): void;
  kill(signal: NodeJS.Signals): void;
  pid: number;
}

const SIGTERM_AFTER_MS = 7_500;
const SIGKILL_AFTER_MS = 10_000;
const SUMMARY_LIMIT_BYTES = 1024 * 1024;
const FILE_COMMANDS = ["OUTPUT", "STATE", "ENV", "PATH", "STEP_SUMMARY"] as const;
type FileCommand = (typeof FILE_COMMANDS)[number];

/** Runs one step in a folder of its own, which is removed afterwards. */
export function startStep(step: Step): RunningStep {
  const folder = mkdtempSync(path.join(tmpdir(), "step-"));
  for (const name of ["commands", "temp", "tools", "workspace"]) mkdirSync(path.join(folder, name));
  for (const name of FILE_COMMANDS) writeFileSync(commandFile(folder, name), "");
  const log = new StepLog({
    debug: step.env?.["RUNNER_DEBUG"] === "1",
    onLine: step.onLine ?? (() => {}),
  });
  const env = { ...baseEnvironment(folder), ...inputsAndState(step, log), ...step.env };
  const started = performance.now();
  const child = spawn(step.node ?? process.execPath, [path.resolve(step.entry)], {
    cwd: env["GITHUB_WORKSPACE"],
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = readLines(child.stdout, log);
  const stderr = readLines(child.stderr, log);
  const finished = closed(child)
    .then(({ exitCode, signal }) => {
      const ms = performance.now() - started;
      return {
        exitCode,
        signal,
        stdout: stdout(),
        stderr: stderr(),
        ms,
        ...gather(folder, env, log, exitCode),
      };
    })
    .finally(() => rmSync(folder, { recursive: true, force: true }));
  return {
    finished,
    cancel: () => cancel(child),
    kill: (signal) => void child.kill(signal),
    pid: child.pid ?? Number.NaN,
  };
}

function commandFile(folder: string, name: FileCommand): string {
  return path.join(folder, "commands", name.toLowerCase());
}

/** Of the parent's environment only what a program needs to be found and to start. */
export function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "SystemRoot", "NODE_COMPILE_CACHE"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function baseEnvironment(folder: string): Record<string, string> {
  return {
    ...inherited(),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: "octocat",
    GITHUB_API_URL: "https://api.github.com",
    GITHUB_EVENT_NAME: "workflow_dispatch",
    GITHUB_JOB: "job",
    GITHUB_REF: "refs/heads/main",
    GITHUB_REPOSITORY: "octo-org/octo-repo",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_RUN_ID: "1",
    GITHUB_RUN_NUMBER: "1",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_SHA: "0".repeat(40),
    GITHUB_WORKFLOW: "workflow",
    GITHUB_WORKSPACE: path.join(folder, "workspace"),
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_ENVIRONMENT: "self-hosted",
    RUNNER_NAME: "runner",
    RUNNER_OS: { win32: "Windows", darwin: "macOS" }[process.platform as string] ?? "Linux",
    RUNNER_TEMP: path.join(folder, "temp"),
    RUNNER_TOOL_CACHE: path.join(folder, "tools"),
    ...Object.fromEntries(FILE_COMMANDS.map((name) => [`GITHUB_${name}`, commandFile(folder, name)])),
  };
}

function inputsAndState(step: Step, log: StepLog): Record<string, string> {
  const inputs = withDefaults(step, log).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    value,
  ]);
  const state = step.isPost ? Object.entries(step.state ?? {}) : [];
  return Object.fromEntries([...inputs, ...state.map(([name, value]) => [`STATE_${name}`, value])]);
}

/** A declared input without default is the empty string; one that is given, even empty, is left as it is. */
function withDefaults({ inputs = {}, action }: Step, log: StepLog): [string, string][] {
  if (action === undefined) return Object.entries(inputs);
  const document = parse(readFileSync(action, "utf8")) as {
    inputs?: Record<string, { default?: unknown } | null>;
  };
  const declared = Object.entries(document.inputs ?? {});
  const given = new Set(Object.keys(inputs).map((name) => name.toLowerCase()));
  const valid = new Set(declared.map(([name]) => name.toLowerCase()));
  const unexpected = Object.keys(inputs).filter((name) => !valid.has(name.toLowerCase()));
  if (unexpected.length > 0) {
    const names = declared.map(([name]) => name).join("', '");
    log.annotate(
      "warning",
      `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${names}']`,
    );
  }
  const defaults = declared
    .filter(([name]) => !given.has(name.toLowerCase()))
    .map(([name, input]): [string, string] => [name, String(input?.default ?? "")]);
  return [...Object.entries(inputs), ...defaults];
}

/** Hands each line to the log, from both streams as the runner does; a lone CR ends a line too. */
function readLines(stream: NodeJS.ReadableStream, log: StepLog): () => string {
  let all = "";
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    all += chunk;
    // A CR at the end of a chunk waits for the LF that may follow it.
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) log.receive(line);
  });
  stream.on("end", () => {
    if (rest !== "") log.receive(rest.replace(/\r$/, ""));
  });
  return () => all;
}

function closed(child: ChildProcess): Promise<Pick<StepResult, "exitCode" | "signal">> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function cancel(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timers = [
    setTimeout(() => child.kill("SIGTERM"), SIGTERM_AFTER_MS),
    setTimeout(() => child.kill("SIGKILL"), SIGKILL_AFTER_MS),
  ];
  child.once("exit", () => timers.forEach(clearTimeout));
  child.kill("SIGINT");
}

type Gathered = Omit<StepResult, "exitCode" | "signal" | "stdout" | "stderr" | "ms">;

function gather(
  folder: string,
  env: Record<string, string>,
  log: StepLog,
  exitCode: number | null,
): Gathered {
  const stepOutputs = readPairs(folder, "OUTPUT", log);
  const state = readPairs(folder, "STATE", log);
  const stepEnv = readPairs(folder, "ENV", log);
  const summary = readSummary(folder, log);
  const outcome = exitCode === 0 && !log.failed ? "success" : "failure";
  const outputs = withoutSecrets(stepOutputs, log);
  const files = readFiles(env["RUNNER_TEMP"] ?? folder);
  const { annotations, masks } = log;
  return {
    ...{ outcome, log: log.lines.join("\n"), annotations, masks },
    ...{ outputs, stepOutputs, state, env: stepEnv, summary, files },
  };
}

function readPairs(folder: string, name: FileCommand, log: StepLog): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    for (const [key, value] of pairs(readFileSync(commandFile(folder, name), "utf8"))) found[key] = value;
  } catch (error) {
    log.fail(
      `Unable to process file command '${name.toLowerCase()}' successfully.`,
      (error as Error).message,
    );
  }
  return found;
}

/** `name=value` on one line, or `name<<delimiter`, the value's lines, and the delimiter on a line of its own. */
function* pairs(text: string): Generator<[string, string]> {
  const lines = text.split(process.platform === "win32" ? /\r?\n/ : "\n");
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === "") continue;
    const [separator] = /=|<</.exec(line) ?? [];
    if (separator === undefined) throw new Error(`Invalid format '${line}'`);
    const at = line.indexOf(separator);
    const name = line.slice(0, at);
    const rest = line.slice(at + separator.length);
    if (name === "") throw new Error(`Invalid format '${line}'. Name must not be empty`);
    yield [name, separator === "=" ? rest : heredoc(rest, lines)];
  }
}

function heredoc(delimiter: string, lines: string[]): string {
  const end = delimiter === "" ? -1 : lines.indexOf(delimiter);
  if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
  const value = lines.splice(0, end + 1).slice(0, -1);
  return value.join(EOL);
}

function readSummary(folder: string, log: StepLog): string {
  const content = readFileSync(commandFile(folder, "STEP_SUMMARY"));
  if (content.length <= SUMMARY_LIMIT_BYTES) return log.mask(content.toString("utf8"));
  const [limit, size] = [SUMMARY_LIMIT_BYTES, content.length].map((bytes) => Math.floor(bytes / 1024));
  log.annotate(
    "error",
    `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${limit}k, got ${size}k.`,
  );
  return "";
}

/** The runner does this where a job's outputs leave the job, not where a step sets them. */
function withoutSecrets(outputs: Record<string, string>, log: StepLog): Record<string, string> {
  const safe = Object.entries(outputs).filter(([name, value]) => {
    const isSafe = log.mask(value) === value;
    if (!isSafe) log.annotate("warning", `Skip output '${name}' since it may contain secret.`);
    return isSafe;
  });
  return Object.fromEntries(safe);
}

function readFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file).replaceAll(path.sep, "/"), readFileSync(file, "utf8")];
    }),
  );
}

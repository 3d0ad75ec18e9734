/**
 * The contract of the agent of Azure Pipelines with a task, as far as a task can see it: everything in the environment,
 * commands in the output, signals on cancellation. It follows the agent's own source (azure-pipelines-agent: Handler,
 * NodeHandler, Command, TaskCommandExtension, TaskRestrictionsChecker).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { inherited } from "../../emulator/runner.ts";

/** A service connection, or the one to Azure DevOps itself, which has a name instead of an id. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface TaskRun {
  /** The folder that holds `task.json`. */
  readonly folder: string;
  readonly stage: "execution" | "postjobexecution";
  readonly inputs: Readonly<Record<string, string>>;
  readonly endpoints: readonly Endpoint[];
  /** Variables of the job that are no secrets, by the names of their environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the main step of the same task kept. */
  readonly taskVariables?: Readonly<Record<string, string>>;
  /** The Node that the agent brings for the handler. */
  readonly handler: { readonly name: "Node24" | "Node20_1"; readonly node: string };
  readonly onLine?: (line: string, task: ChildProcess) => void;
}

export interface TaskResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What `task.complete` told; `Failed` where the process ended otherwise than it should. */
  readonly result: string | undefined;
  /** What a person sees in the log without debugging. */
  readonly log: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly issues: readonly { readonly type: string; readonly message: string }[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly taskVariables: Readonly<Record<string, string>>;
  /** Pages by the heading that people see. */
  readonly summaries: Readonly<Record<string, string>>;
  /** Every file that the task left in the job's folder. */
  readonly files: Readonly<Record<string, string>>;
}

interface TaskJson {
  readonly inputs: readonly { name: string; required: boolean; defaultValue?: string }[];
  readonly restrictions: { settableVariables: { allowed: string[] } };
  readonly execution: Handlers;
  readonly postjobexecution: Handlers;
}
type Handlers = Record<TaskRun["handler"]["name"], { target: string }>;

/** Runs one stage of a task, in folders of its own, which are removed afterwards. */
export async function runTask(run: TaskRun): Promise<TaskResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
  const [temporary, sources] = [path.join(folder, "temp"), path.join(folder, "sources")];
  for (const one of [temporary, sources]) mkdirSync(one);
  const task = taskJson(run);
  const env = { ...environment(run), AGENT_TEMPDIRECTORY: temporary };
  try {
    const child = spawn(run.handler.node, [script(run)], {
      cwd: sources,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = new AgentLog(task.restrictions.settableVariables.allowed);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.receive(line);
        run.onLine?.(line, child);
      });
    }
    const texts = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    const ended = await closed(child);
    const [stdout, stderr] = await texts;
    return { ...ended, stdout, stderr, ...log.ended(ended.exitCode), files: readFiles(temporary) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function closed(child: ChildProcess): Promise<Pick<TaskResult, "exitCode" | "signal">> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(String(chunk));
  return chunks.join("");
}

function taskJson({ folder }: TaskRun): TaskJson {
  return JSON.parse(readFileSync(path.join(folder, "task.json"), "utf8"));
}

/** The script that the task names for the handler. */
export function script(run: TaskRun): string {
  return path.join(run.folder, taskJson(run)[run.stage][run.handler.name].target);
}

/** Everything that a task is given. */
export function environment(run: TaskRun): Record<string, string> {
  const variables: Record<string, string> = {
    AGENT_VERSION: "4.265.1",
    SYSTEM_HOSTTYPE: "build",
    SYSTEM_CULTURE: "en-US",
    VSTS_SECRET_VARIABLES: "[]",
    COMMAND_CORRELATION_ID: "emulated-correlation",
    ...run.variables,
  };
  const kept = Object.entries(run.taskVariables ?? {}).map(([name, value]) => [
    `VSTS_TASKVARIABLE_${variableName(name)}`,
    value,
  ]);
  return {
    ...inherited(),
    VSTS_PUBLIC_VARIABLES: JSON.stringify(Object.keys(variables)),
    ...variables,
    ...Object.fromEntries(kept),
    ...Object.fromEntries(inputs(run, taskJson(run))),
    ...Object.fromEntries(run.endpoints.flatMap(endpointVariables)),
  };
}

/** VarUtil.ConvertToEnvVariableFormat. */
function variableName(name: string): string {
  return name.replaceAll(/[. ]/g, "_").toUpperCase();
}

function inputs({ inputs: given }: TaskRun, { inputs: declared }: TaskJson): [string, string][] {
  const unknown = Object.keys(given).filter((name) => !declared.some((input) => input.name === name));
  if (unknown.length > 0) throw new Error(`the task has no input ${unknown}`);
  return declared.map(({ name, required, defaultValue = "" }) => {
    const value = given[name] ?? defaultValue;
    if (required && value === "") throw new Error(`the input ${name} is required`);
    return [`INPUT_${variableName(name)}`, value];
  });
}

function endpointVariables({ id, url, scheme, parameters, data = {} }: Endpoint): [string, string][] {
  return [
    [`ENDPOINT_URL_${id}`, url],
    [`ENDPOINT_AUTH_${id}`, JSON.stringify({ parameters, scheme })],
    [`ENDPOINT_AUTH_SCHEME_${id}`, scheme],
    ...named(`ENDPOINT_AUTH_PARAMETER_${id}`, parameters),
    [`ENDPOINT_DATA_${id}`, JSON.stringify(data)],
    ...named(`ENDPOINT_DATA_${id}`, data),
  ];
}

function named(prefix: string, values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).map(([name, value]) => [`${prefix}_${variableName(name)}`, value]);
}

function readFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [name, readFileSync(path.join(parentPath, name), "utf8")]),
  );
}

export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Reads a task's lines as the agent does, and keeps what a person would see. */
class AgentLog {
  readonly #allowed: readonly string[];
  readonly #lines: string[] = [];
  readonly #issues: { type: string; message: string }[] = [];
  readonly #outputs: Record<string, string> = {};
  readonly #taskVariables: Record<string, string> = {};
  readonly #summaries: Record<string, string> = {};
  readonly #results: string[] = [];
  readonly #handlers: Readonly<Record<string, (command: Command) => void>> = {
    "task.debug": () => {},
    // The agent's source has `issue` for another name of it.
    "task.issue": ({ properties, data }) => this.#issue(properties["type"] ?? "", data),
    "task.logissue": ({ properties, data }) => this.#issue(properties["type"] ?? "", data),
    "task.setsecret": () => {},
    "task.setvariable": (command) => this.#setVariable(command),
    "task.settaskvariable": ({ properties, data }) => {
      this.#taskVariables[properties["variable"] ?? ""] = data;
    },
    "task.uploadsummary": ({ data }) => {
      this.#summaries[path.basename(data, ".md")] = readFileSync(data, "utf8");
    },
    "task.complete": ({ properties }) => this.#results.push(properties["result"] ?? ""),
  };

  constructor(allowed: readonly string[]) {
    this.#allowed = allowed;
  }

  receive(line: string): void {
    const command = parseCommand(line);
    if (!command) this.#lines.push(line);
    else if (this.#handlers[command.name]) this.#handlers[command.name]?.(command);
    else this.#issue("warning", `##vso[${command.name}] is no command of the agent`);
  }

  ended(exitCode: number | null) {
    const result = exitCode === 0 ? this.#results.join() : "Failed";
    return {
      result,
      log: this.#lines,
      issues: this.#issues,
      outputs: this.#outputs,
      taskVariables: this.#taskVariables,
      summaries: this.#summaries,
    };
  }

  #issue(type: string, message: string): void {
    this.#issues.push({ type, message });
    this.#lines.push(`##[${type}]${message}`);
  }

  #setVariable({ properties, data }: Command): void {
    const { variable = "", isOutput } = properties;
    if (!this.#allowed.includes(variable)) this.#issue("warning", `${variable} is no variable to set`);
    else if (isOutput === "true") this.#outputs[variable] = data;
  }
}

/** Command.TryParse: `##vso[area.event name=value;name=value]data`, anywhere in a line. */
export function parseCommand(line: string): Command | undefined {
  const [, info, data] = /##vso\[([^\]]*)\](.*)$/.exec(line) ?? [];
  if (info === undefined || data === undefined) return undefined;
  const [name = "", ...rest] = info.split(" ");
  const pairs = rest
    .join(" ")
    .split(";")
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), unescaped(pair.slice(pair.indexOf("=") + 1))]);
  return { name: name.toLowerCase(), properties: Object.fromEntries(pairs), data: unescaped(data) };
}

/** CommandStringConvertor.Unescape. */
function unescaped(text: string): string {
  return text
    .replaceAll("%3B", ";")
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%5D", "]")
    .replaceAll("%AZP25", "%");
}

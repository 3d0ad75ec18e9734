import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { Emulator, type Exchange, type Served, serve, World } from "../../emulator/index.ts";
import { inherited, startStep } from "../../emulator/runner.ts";
import { type ActionName, doors } from "../../src/model/doors.ts";
import { manual } from "../../src/model/manual.ts";
import type { Report } from "../../src/model/report.ts";
import { outputsOf } from "../../src/report/outputs.ts";
import { runTask } from "./agent.ts";
import { doorOf } from "./door.ts";
import { handlers } from "./pipelines.ts";
import { steady } from "./play.ts";

const root = path.join(import.meta.dirname, "../..");

/** One action in one situation, whatever host it runs in. */
export interface Scenario {
  readonly action: ActionName;
  readonly inputs?: Readonly<Record<string, string>>;
  /** What is the case before. */
  readonly before?: (world: World) => void;
}

/** How a run ended: well, badly, or before anything was sent. */
export type Ending = "done" | "failed" | "refused";

/** What a run of a scenario came to, with what differs from run to run named instead. */
export interface Outcome {
  readonly ending: Ending;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly requests: readonly string[];
}

type Inputs = Readonly<Record<string, string>>;
interface Ended {
  readonly failed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}
type Way = (action: ActionName, inputs: Inputs, env: Inputs) => Promise<Ended>;

/** The three hosts. `tasks` is the folder of the packaged tasks. */
export function hosts(tasks: string): Readonly<Record<string, Way>> {
  return {
    github: onGithub,
    "azure-pipelines": (...call) => inPipelines(tasks, ...call),
    console: inTerminal,
  };
}

/** Plays a scenario in one host, in a world of its own. All sign in the same way, with the environment's client secret. */
export async function playIn(way: Way, scenario: Scenario): Promise<Outcome> {
  const world = World.simple();
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  world.knobs.managedClusterSeconds = { create: 0.5, update: 0.5 };
  world.knobs.balancerCleanupSeconds = 0.5;
  world.knobs.extensionSeconds = { write: 0.5, delete: 0.5 };
  scenario.before?.(world);
  const azure = await serve(new Emulator(world));
  try {
    const signsIn = "azure-environment" in doors[scenario.action].inputs;
    const inputs = { ...(signsIn && { "azure-environment": azure.url }), ...scenario.inputs };
    const { failed, outputs } = await way(scenario.action, inputs, environment(world, azure));
    if (world.violations.length > 0) throw new Error(world.violations.join("\n"));
    const refused = outputs["error-code"] === "InvalidInput";
    return {
      ending: failed ? (refused ? "refused" : "failed") : "done",
      outputs: settled(outputs, world),
      requests: requestsOf(world),
    };
  } finally {
    await azure.close();
  }
}

function environment(world: World, azure: Served): Inputs {
  return {
    NODE_EXTRA_CA_CERTS: azure.caFile,
    AZURE_TENANT_ID: world.tenantId,
    AZURE_CLIENT_ID: world.application.clientId,
    AZURE_CLIENT_SECRET: world.application.secret,
    AZURE_SUBSCRIPTION_ID: world.subscriptionId,
    AZURE_RESOURCE_GROUP: "rg1",
    AZURE_WORKSPACE_NAME: "ws1",
  };
}

const onGithub: Way = async (action, inputs, env) => {
  const step = startStep({
    entry: path.join(root, "dist", `${action}.js`),
    action: doorOf(action),
    ...{ inputs: { ...inputs }, env: { ...env } },
  });
  const { outcome, stepOutputs } = await step.finished;
  return { failed: outcome === "failure", outputs: stepOutputs };
};

async function inPipelines(tasks: string, action: ActionName, inputs: Inputs, env: Inputs): Promise<Ended> {
  const { result, outputs } = await runTask({
    folder: path.join(tasks, action),
    stage: "execution",
    handler: handlers[0],
    inputs: renamed(inputs, (name) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())),
    endpoints: [],
    variables: env,
  });
  const kebabCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { failed: result !== "Succeeded", outputs: renamed(outputs, kebabCase) };
}

function renamed(values: Inputs, name: (name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]));
}

/** What the console ended with, beside what it wrote. */
export interface ConsoleRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it left in the folder that it ran in. */
  readonly left: readonly string[];
}

/** Runs the built console in an empty folder. */
export async function runConsole(
  args: readonly string[],
  env: Inputs,
  input = "",
  node = process.execPath,
): Promise<ConsoleRun> {
  const cwd = mkdtempSync(path.join(tmpdir(), "console-"));
  try {
    const child = spawn(node, [path.join(root, "dist/console.js"), ...args], {
      cwd,
      env: { ...inherited(), HOME: cwd, TMPDIR: cwd, ...env },
    });
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await ended, stdout, stderr, left: readdirSync(cwd) };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

const inTerminal: Way = async (action, inputs, env) => {
  const known = manual[action].inputs;
  const secret = (name: string) => known.find((input) => input.name === name)?.secret === true;
  const secrets = Object.entries(inputs).filter(([name]) => secret(name));
  const variables = secrets.map(([name, value]) => [
    `AZUREML_CLUSTERS_${name.toUpperCase().replaceAll("-", "_")}`,
    value,
  ]);
  const options = Object.entries(inputs).filter(([name]) => !secret(name));
  const args = options.map(([name, value]) => `--${name}=${value}`);
  const run = await runConsole([action, ...args, "--output", "json"], {
    ...env,
    ...Object.fromEntries(variables),
  });
  const report = JSON.parse(run.stdout) as Report;
  const { exitCode } = run;
  if ((exitCode === 2) !== (report.error?.code === "InvalidInput")) throw new Error(`exit code ${exitCode}`);
  return { failed: exitCode !== 0, outputs: outputsOf(report) };
};

/** Where the report and the diagnostics lie is each host's own; a time or an id differs from run to run. */
function settled(outputs: Readonly<Record<string, string>>, world: World): Record<string, unknown> {
  const kept = Object.entries(outputs).filter(([name]) => !["report", "diagnostics"].includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, parsed(constant(value, world))]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What was said to Azure and to the clusters: method, address, headers and body. Between two writes the order of reads is
 * set aside, since they go out in parallel, and how often a state was asked for, since that is a matter of pace. A POST
 * that lists credentials or reviews rights is a read as well.
 */
function requestsOf(world: World): string[] {
  const segments: Set<string>[] = [new Set()];
  for (const exchange of world.exchanges) {
    const line = constant(requestLine(exchange), world);
    if (["PUT", "PATCH", "DELETE"].includes(exchange.method)) segments.push(new Set([line]), new Set());
    else segments.at(-1)?.add(line);
  }
  return segments.flatMap((lines) => [...lines].sort());
}

/** What tells one run, or one host, from another. */
const ownHeaders = [
  "user-agent",
  "x-ms-client-request-id",
  "x-ms-correlation-request-id",
  "host",
  "content-length",
];

function requestLine({ host, method, url, status, requestHeaders, requestBody }: Exchange): string {
  // Of a sign-in, what Microsoft's library says of itself and of the time is set aside too.
  if (host === "entra") {
    const form = new URLSearchParams(requestBody);
    const shown = ["grant_type", "scope", "client_id"].map((name) => `${name}=${form.get(name) ?? ""}`);
    return [`entra ${method} ${url} ${status}`, ...shown].join(" | ");
  }
  const headers = Object.entries(requestHeaders).filter(([name]) => !ownHeaders.includes(name.toLowerCase()));
  const shown = headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort();
  return [`${host} ${method} ${url} ${status}`, ...shown, requestBody].join(" | ");
}

function constant(value: string, world: World): string {
  return steady(value, world)
    .replace(/127\.0\.0\.1:\d+/g, "<host>")
    .replace(/\b(infer)[0-9a-f]{10}\b/g, "$1<generated>")
    .replace(/192\.0\.2\.\d+/g, "<address>")
    .replace(/([?&](?:t|c|s|h)=)[^&\s|"]+/g, "$1<signature>")
    .replace(/("azureml-clusters\.protected":")[^"]*/g, "$1<digest>");
}

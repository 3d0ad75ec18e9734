import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { Emulator, type Served, serve, World } from "../../emulator/index.ts";
import { type Endpoint, environment, runTask, script, type TaskResult, type TaskRun } from "./agent.ts";
import { keep, steady } from "./play.ts";
import { leaks } from "./secret-scanner.ts";

const root = path.join(import.meta.dirname, "../..");

/** The Node of each handler: the one that runs the tests, and the one that runs npm. */
export const handlers = [
  { name: "Node24", node: process.execPath },
  { name: "Node20_1", node: process.env["npm_node_execpath"] ?? process.execPath },
] as const;

/** The content of the extension as it is packaged, in a folder of its own. */
export function stagedContent(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), "vsix-"));
  execFileSync(process.execPath, [path.join(root, "scripts/package-vsix.mjs"), "--stage", folder]);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** What a task is run with beside the common inputs; by its service connection with a client secret. */
export interface TaskOptions extends Partial<TaskRun> {
  readonly connection?: Endpoint;
}

/** A stage: the packaged tasks as the agent runs them, against an emulator over HTTPS. */
export interface Stage {
  readonly world: World;
  readonly azure: Served;
  attach(options?: TaskOptions): Promise<TaskResult>;
  detach(options?: TaskOptions): Promise<TaskResult>;
  /** The same under the mock runner of azure-pipelines-task-lib. */
  mock(action: "attach" | "detach", options?: TaskOptions): Promise<MockResult>;
}

/** What the mock runner saw of a task. */
export interface MockResult {
  readonly succeeded: boolean;
  readonly errorIssues: readonly string[];
  readonly warningIssues: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Plays a scenario with the packaged tasks, in real time and over real sockets. Whatever the scenario, no secret may be
 * seen, no cluster may be deleted, and the agent takes every command. `name` is the scenario's file name.
 */
export async function playTasks(name: string, scenario: (stage: Stage) => Promise<void>): Promise<void> {
  const world = World.simple();
  // Shorter than the first question, so that what is seen does not depend on the pace of the machine.
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  const azure = await serve(new Emulator(world));
  const content = stagedContent();
  const seen: TaskResult[] = [];
  const prepared = (action: string, options: TaskOptions = {}) =>
    taskRun(path.join(content.folder, action), options, world, azure);
  const perform = (action: string) => async (options?: TaskOptions) => {
    const result = await runTask(prepared(action, options));
    seen.push(result);
    return result;
  };
  const mock: Stage["mock"] = (action, options) => mocked(prepared(action, options));
  try {
    await scenario({ world, azure, attach: perform("attach"), detach: perform("detach"), mock });
    for (const result of seen) {
      expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
      expect(result.issues.filter(({ type }) => type === "warning")).toEqual([]);
    }
    expect(world.violations).toEqual([]);
  } finally {
    keep(name, world.exchanges);
    content.remove();
    await azure.close();
  }
}

function taskRun(
  folder: string,
  { connection, ...options }: TaskOptions,
  world: World,
  azure: Served,
): TaskRun {
  const cluster = { clusterName: "aks1", clusterResourceGroup: "rg1" };
  const common = { resourceGroup: "rg1", workspaceName: "ws1", computeName: "gpu" };
  const chosen = connection ?? withSecret(world, azure);
  return {
    stage: "execution",
    handler: handlers[0],
    ...options,
    folder,
    endpoints: [chosen, azureDevOps(world), ...(options.endpoints ?? [])],
    inputs: {
      azureSubscription: chosen.id,
      ...common,
      ...(folder.endsWith("attach") && cluster),
      ...options.inputs,
    },
    variables: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      SYSTEM_OIDCREQUESTURI: `${azure.url}${world.pipelineJob.oidcPath}`,
      ...options.variables,
    },
  };
}

async function mocked(run: TaskRun): Promise<MockResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "mock-"));
  const task = { TASK_SCRIPT: script(run), TASK_NODE: run.handler.node, AGENT_TEMPDIRECTORY: folder };
  const runner = [path.join(import.meta.dirname, "mock-runner.mjs")];
  const env = { ...environment(run), ...task };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, runner, { env });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The connection to Azure DevOps itself, which every task is given. */
function azureDevOps(world: World): Endpoint {
  const parameters = { AccessToken: world.pipelineJob.accessToken };
  return { id: "SYSTEMVSSCONNECTION", url: "https://dev.azure.com/contoso/", scheme: "OAuth", parameters };
}

/** Of the type AzureRM, with the words of Microsoft's own tasks. Only Azure Stack has an address of its own. */
function connectionTo(world: World, azure: Served, scheme: string, more: Record<string, string>): Endpoint {
  return {
    id: world.pipelineJob.serviceConnectionId,
    url: `${azure.url}/`,
    scheme,
    parameters: { tenantid: world.tenantId, serviceprincipalid: world.application.clientId, ...more },
    data: { environment: "AzureStack", subscriptionId: world.subscriptionId, scopeLevel: "Subscription" },
  };
}

/** A service connection with a client secret. */
export function withSecret(world: World, azure: Served): Endpoint {
  const parameters = { authenticationType: "spnKey", serviceprincipalkey: world.application.secret };
  return connectionTo(world, azure, "ServicePrincipal", parameters);
}

/** A service connection with workload identity federation. */
export function withFederation(world: World, azure: Served): Endpoint {
  return connectionTo(world, azure, "WorkloadIdentityFederation", {});
}

/** A service connection of a scheme that nobody can sign in with here. */
export function withCertificate(world: World, azure: Served): Endpoint {
  return connectionTo(world, azure, "ServicePrincipal", { authenticationType: "spnCertificate" });
}

/**
 * Every text of a task that a person, another task or an artifact can hold. The commands that tell the agent of a
 * secret are left out: the protocol has it there in clear.
 */
function everythingSeen(result: TaskResult): Record<string, string> {
  const stdout = result.stdout.split("\n").filter((line) => !line.startsWith("##vso[task.setsecret]"));
  const kept = JSON.stringify([result.outputs, result.taskVariables, result.files]);
  return { stdout: stdout.join("\n"), stderr: result.stderr, log: result.log.join("\n"), kept };
}

/** What a task left, as a snapshot: what changes from run to run is named instead. */
export function shownTask(task: TaskResult, world: World) {
  const texts = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, steady(value, world)]));
  const summaries = Object.entries(texts(task.summaries)).map(([name, page]) => [name, page.split("\n")]);
  return {
    exitCode: task.exitCode,
    result: task.result,
    log: steady(task.log.join("\n"), world).split("\n"),
    outputs: texts(task.outputs),
    taskVariables: task.taskVariables,
    summaries: Object.fromEntries(summaries),
    stderr: steady(task.stderr, world),
  };
}

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "@jest/globals";
import { Emulator, type Exchange, type Served, serve, toJsonLines, World } from "../../emulator/index.ts";
import { type RunningStep, type StepResult, startStep } from "../../emulator/runner.ts";
import { doorOf } from "./door.ts";
import { leaks } from "./secret-scanner.ts";

const root = path.join(import.meta.dirname, "../..");

/** What a step is run with beside the common inputs. */
export interface StepOptions {
  readonly inputs?: Record<string, string>;
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Record<string, string | undefined>;
  readonly node?: string;
  /** Called with each line of the log. */
  readonly onLine?: (line: string, step: RunningStep) => void;
  /** Runs the post step with what the main step saved. */
  readonly after?: Record<string, string>;
}

/** A stage: the built actions as the runner runs them, against an emulator over HTTPS. */
export interface Stage {
  readonly world: World;
  readonly azure: Served;
  attach(options?: StepOptions): Promise<StepResult>;
  detach(options?: StepOptions): Promise<StepResult>;
  create(options?: StepOptions): Promise<StepResult>;
  deploy(options?: StepOptions): Promise<StepResult>;
  ensure(options?: StepOptions): Promise<StepResult>;
  verify(options?: StepOptions): Promise<StepResult>;
  list(options?: StepOptions): Promise<StepResult>;
  update(options?: StepOptions): Promise<StepResult>;
}

const CLUSTER = { "cluster-name": "aks1", "cluster-resource-group": "rg1" };

/** What each action is run with when a scenario says nothing else. */
const USUAL_INPUTS = {
  attach: { "compute-name": "gpu", ...CLUSTER },
  detach: { "compute-name": "gpu" },
  "create-cluster": { ...CLUSTER, "cluster-name": "new1" },
  "deploy-extension": CLUSTER,
  ensure: { "compute-name": "gpu", workloads: "training", ...CLUSTER },
  "verify-extension": CLUSTER,
  "list-versions": {},
  "update-components": { "compute-name": "gpu" },
} satisfies Record<string, Record<string, string>>;
type Action = keyof typeof USUAL_INPUTS;

/**
 * Plays a scenario with the built bundle, in real time and over real sockets. Whatever the scenario, no secret
 * may be seen, no foreign host may get a token, no cluster may be deleted; what was exchanged is kept for the
 * referee. `name` is the scenario's file name.
 */
export async function play(name: string, scenario: (stage: Stage) => Promise<void>): Promise<void> {
  const world = World.simple();
  // Shorter than the first question, so that what is seen does not depend on the pace of the machine.
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  world.knobs.managedClusterSeconds = { create: 0.5, update: 0.5 };
  world.knobs.balancerCleanupSeconds = 0.5;
  const azure = await serve(new Emulator(world));
  const seen: StepResult[] = [];
  const perform =
    (action: Action) =>
    async (options: StepOptions = {}) => {
      const result = await startedStep(action, options, world, azure).finished;
      seen.push(result);
      return result;
    };
  try {
    await scenario({
      ...{ world, azure },
      attach: perform("attach"),
      detach: perform("detach"),
      create: perform("create-cluster"),
      deploy: perform("deploy-extension"),
      ensure: perform("ensure"),
      verify: perform("verify-extension"),
      list: perform("list-versions"),
      update: perform("update-components"),
    });
    for (const result of seen) expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
    expect(world.violations).toEqual([]);
  } finally {
    keep(name, world.exchanges);
    await azure.close();
  }
}

function startedStep(action: Action, options: StepOptions, world: World, azure: Served): RunningStep {
  const step: RunningStep = startStep({
    entry: path.join(root, "dist", options.after ? "after.js" : `${action}.js`),
    action: doorOf(action),
    inputs: {
      "azure-environment": azure.url,
      ...USUAL_INPUTS[action],
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
      ...options.inputs,
    },
    env: environment(world, azure, options.env),
    ...(options.node && { node: options.node }),
    ...(options.after && { isPost: true, state: options.after }),
    onLine: (line) => options.onLine?.(line, step),
  });
  return step;
}

/** What a job with `permissions: id-token: write` has, and the variables that name the workspace. */
function environment(world: World, azure: Served, more: StepOptions["env"] = {}): Record<string, string> {
  const all = {
    NODE_EXTRA_CA_CERTS: azure.caFile,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
    AZURE_SUBSCRIPTION_ID: world.subscriptionId,
    AZURE_RESOURCE_GROUP: "rg1",
    AZURE_WORKSPACE_NAME: "ws1",
    ...more,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * Every text of a step that a person, another step or an artifact can hold. Of what the process wrote as it is,
 * the commands that tell the runner of a secret are left out: the protocol has it there in clear.
 */
export function everythingSeen(result: StepResult): Record<string, string> {
  const { stdout, stderr, log, summary, outputs, stepOutputs, state, env, files } = result;
  const spoken = stdout.split("\n").filter((line) => !line.startsWith("::add-mask::"));
  const kept = { outputs, stepOutputs, state, env, files };
  const texts = Object.entries(kept).map(([where, values]) => [where, Object.values(values).join("\n")]);
  return { ...Object.fromEntries(texts), stdout: spoken.join("\n"), stderr, log, summary };
}

/** Keeps what was said to Resource Manager for the referee. */
export function keep(name: string, exchanges: readonly Exchange[]): void {
  const folder = path.join(root, ".artifacts/exchanges");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.jsonl`), toJsonLines([...exchanges]));
}

/** What a step left, as a snapshot: what changes from run to run is named instead. */
export function shown(result: StepResult, world: World) {
  const { exitCode, log, outputs, summary, state } = result;
  return {
    exitCode,
    log: steady(log, world).split("\n"),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, steady(value, world)])),
    state,
    summary: steady(summary, world).split("\n"),
    stderr: steady(result.stderr, world),
  };
}

/** Method, path and status of every request, in order; a status that is asked for again and again counts once. */
export function requests(world: World): string[] {
  const lines = world.exchanges.map(({ host, method, url, status, fault }) => {
    const path = steady(new URL(url).pathname, world).replace(/^.*?\/providers\//, "…/");
    return `${host} ${method} ${path} ${status}${fault ? " (fault)" : ""}`;
  });
  const firstWrite = lines.findIndex((line) => /^arm (PUT|PATCH|DELETE)/.test(line));
  const end = firstWrite === -1 ? lines.length : firstWrite;
  // Reads before the first write go out in parallel and arrive in any order.
  const signIn = lines.slice(0, end).filter((line) => !line.startsWith("arm "));
  const observed = lines.slice(0, end).filter((line) => line.startsWith("arm "));
  const steadyOrder = [...signIn, ...observed.sort(), ...lines.slice(end)];
  return steadyOrder.filter((line, index) => line !== steadyOrder[index - 1]);
}

/** A text with what changes from run to run named instead. */
export function steady(text: string, world: World): string {
  return text
    .replaceAll(world.subscriptionId, "<subscription>")
    .replaceAll(world.tenantId, "<tenant>")
    .replaceAll(world.application.clientId, "<client>")
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, "https://azure.test")
    .replace(/\/runs\/\d+/g, "/runs/<run>")
    .replace(/[^\s"`]*azureml-clusters[/\\]([a-z-]+)-[0-9a-f-]{36}\.json/g, "<temp>/$1.json")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, "<time>")
    .replace(/ *\b\d+(\.\d)? (s|min \d\d s)(?= |,|\.|$|\n)/gm, " <duration>")
    .replace(/ {2,}\|/g, " |")
    .replace(/-{3,}(?= \|)/g, "---");
}

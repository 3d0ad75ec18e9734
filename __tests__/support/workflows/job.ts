import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { Served, World } from "../../../emulator/index.ts";
import { type StepResult, startStep } from "../../../emulator/runner.ts";
import { doorOf } from "../door.ts";
import { allFilledIn, type Before, type Contexts, holds } from "./expressions.ts";
import { others, type Storage } from "./others.ts";
import { type Job, ownUse, type Step } from "./parts.ts";

/** What a workflow is run with. */
export interface Start {
  readonly world: World;
  readonly azure: Served;
  readonly storage: Storage;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly runId?: string;
  /** Values of inputs that are other ones in this world, by what the example calls them. */
  readonly names?: Readonly<Record<string, string>>;
  /** Stand in for actions of this repository, by their folders. */
  readonly standIns?: Readonly<Record<string, StandIn>>;
}

/** How a step went; of an action of others only whether it did its work. */
export interface StepRun {
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  readonly result?: StepResult;
  readonly why?: string;
}

/** How a job went. */
export interface JobRun {
  readonly id: string;
  readonly result: "success" | "failure" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepRun[];
}

/** Does the work of an action, and gives its outputs; `undefined` leaves it to the action. */
export type StandIn = (
  inputs: Readonly<Record<string, string>>,
  folders: { readonly workspace: string; readonly temp: string },
) => Promise<Record<string, string> | undefined>;

/** An action.yml, as far as it is looked at here. */
interface Manifest {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly runs: { readonly main: string; readonly post?: string; readonly "post-if"?: string };
}

/** The steps of one job, on a machine of its own. */
export class StepRunner {
  before: Before = "success";
  readonly runs: StepRun[] = [];
  readonly #folder: string;
  readonly #job: Job;
  readonly #contexts: Contexts;
  readonly #start: Start;
  readonly #steps: Record<string, { outputs: Record<string, string>; outcome: string; conclusion: string }> =
    {};
  readonly #masks = new Set<string>();
  readonly #after: (() => void | Promise<void>)[] = [];
  readonly #env: Record<string, string> = {};

  constructor(folder: string, job: Job, contexts: Contexts, start: Start) {
    this.#folder = folder;
    this.#job = job;
    this.#contexts = contexts;
    this.#start = start;
    for (const name of ["workspace", "temp"]) mkdirSync(path.join(folder, name));
  }

  /** Runs a step, or skips it. */
  async run(step: Step): Promise<void> {
    const name = step.name ?? step.id ?? step.uses ?? step.run ?? "";
    const env = { ...(this.#contexts["env"] as object), ...this.#job.env, ...this.#env };
    const contexts = {
      ...this.#contexts,
      steps: this.#steps,
      env: allFilledIn(env, this.#contexts),
      runner: { temp: this.#folders().temp },
      job: { status: this.before },
    };
    if (!holds(step.if, contexts, this.before)) {
      this.#note(step, { name, outcome: "skipped" }, {});
      return;
    }
    const inputs = this.#inputs(step, contexts);
    const stepEnv = { ...contexts.env, ...allFilledIn(step.env ?? {}, contexts) };
    const own = ownUse(step.uses);
    const stoodIn = own && (await this.#start.standIns?.[own]?.(inputs, this.#folders()));
    if (stoodIn) this.#note(step, { name, outcome: "success" }, stoodIn);
    else if (own) await this.#runOwn(step, name, own, inputs, stepEnv);
    else if (step.uses) this.#runOther(step, name, inputs);
    else await this.#runShell(step, name, stepEnv);
  }

  /** The inputs of a step; what an example calls by names of its own has other ones in this world. */
  #inputs(step: Step, contexts: Contexts): Record<string, string> {
    const { names = {} } = this.#start;
    const given = Object.entries(allFilledIn(step.with ?? {}, contexts));
    return Object.fromEntries(given.map(([name, value]) => [name, names[value] ?? value]));
  }

  #folders() {
    return { workspace: path.join(this.#folder, "workspace"), temp: path.join(this.#folder, "temp") };
  }

  /** What is left to do: post steps, in the order that the last comes first. */
  async end(): Promise<void> {
    for (const work of this.#after.toReversed()) await work();
  }

  /** The outputs of the job; one that holds a secret never leaves it. */
  outputs(): Record<string, string> {
    const all = allFilledIn(this.#job.outputs ?? {}, { ...this.#contexts, steps: this.#steps });
    const safe = Object.entries(all).filter(
      ([, value]) => ![...this.#masks].some((mask) => value.includes(mask)),
    );
    return Object.fromEntries(safe);
  }

  async #runOwn(
    step: Step,
    name: string,
    action: string,
    inputs: Record<string, string>,
    env: Record<string, string>,
  ): Promise<void> {
    const manifest = doorOf(action);
    const folder = path.dirname(manifest);
    const { runs, inputs: declared } = parse(readFileSync(manifest, "utf8")) as Manifest;
    // The one thing that no example says: where this Azure is.
    const azure = "azure-environment" in declared && { "azure-environment": this.#start.azure.url };
    const common = { action: manifest, inputs: { ...inputs, ...azure }, env: this.#environment(env) };
    const result = await startStep({ ...common, entry: path.join(folder, runs.main) }).finished;
    this.#noteResult(step, name, result);
    const { post, "post-if": condition = "always()" } = runs;
    if (post) {
      this.#after.push(async () => {
        if (!holds(condition, this.#contexts, this.before)) return;
        await startStep({
          ...common,
          entry: path.join(folder, post),
          isPost: true,
          state: result.state,
        }).finished;
      });
    }
  }

  async #runShell(step: Step, name: string, env: Record<string, string>): Promise<void> {
    const script = path.join(this.#folder, "script.sh");
    writeFileSync(script, `set -eo pipefail\n${step.run ?? ""}`);
    const result = await startStep({ entry: script, node: "/bin/bash", env: this.#environment(env) })
      .finished;
    this.#noteResult(step, name, result);
  }

  #runOther(step: Step, name: string, inputs: Record<string, string>): void {
    const work = others[(step.uses ?? "").split("@")[0] ?? ""];
    if (!work) throw new Error(`the driver does not know ${step.uses}`);
    try {
      const after = work({
        inputs,
        workspace: this.#folders().workspace,
        storage: this.#start.storage,
      });
      if (after) this.#after.push(after);
      this.#note(step, { name, outcome: "success" }, {});
    } catch (error) {
      this.#note(step, { name, outcome: "failure", why: (error as Error).message }, {});
    }
  }

  /** What a job with `permissions: id-token: write` has. */
  #environment(env: Record<string, string>): Record<string, string> {
    const { world, azure, runId = "1" } = this.#start;
    const permissions = this.#job.permissions ?? {};
    const oidc = permissions["id-token"] === "write";
    return {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      GITHUB_WORKSPACE: this.#folders().workspace,
      RUNNER_TEMP: this.#folders().temp,
      GITHUB_API_URL: `${azure.url}/_github/api`,
      GITHUB_REPOSITORY: world.github.repository,
      GITHUB_RUN_ID: runId,
      GITHUB_SHA: "5".repeat(40),
      ...(oidc && {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
      }),
      ...env,
    };
  }

  #noteResult(step: Step, name: string, result: StepResult): void {
    Object.assign(this.#env, result.env);
    for (const mask of result.masks) this.#masks.add(mask);
    this.#note(step, { name, outcome: result.outcome, result }, result.stepOutputs);
  }

  #note(step: Step, run: StepRun, outputs: Record<string, string>): void {
    this.runs.push(run);
    const forgiven = run.outcome === "failure" && step["continue-on-error"] === true;
    if (run.outcome === "failure" && !forgiven) this.before = "failure";
    if (step.id) {
      this.#steps[step.id] = {
        outputs,
        outcome: run.outcome,
        conclusion: forgiven ? "success" : run.outcome,
      };
    }
  }
}

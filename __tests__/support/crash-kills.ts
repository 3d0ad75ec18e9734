import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  Emulator,
  type Exchange,
  type JsonObject,
  type Served,
  serve,
  type World,
} from "../../emulator/index.ts";
import { type RunningStep, type StepResult, startStep } from "../../emulator/runner.ts";
import { attach } from "../../src/actions/attach.ts";
import { run } from "../../src/actions/run.ts";
import { updateComponents } from "../../src/actions/update-components.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { endOf, inputsOf, leftIn, type SituationName, situations } from "./crash-situations.ts";
import { inProcessClient } from "./in-process.ts";
import { leaks } from "./secret-scanner.ts";

const root = path.join(import.meta.dirname, "../..");
/** The lease of a dead run is over by then, by the clock of the API server. */
const aMinute = 61_000;

/** Where a process is killed: at its n-th request, before it happens or before it is answered. */
export interface Kill {
  readonly nth: number;
  readonly after: boolean;
}

/** The built actions in a world of their own: real processes, real sockets, nothing shared but the emulated Azure. */
export interface KillStage {
  readonly world: World;
  readonly emulator: Emulator;
  /** Runs the action and kills it without warning where it is told to. @returns whether it came so far. */
  kill(kill: Kill): Promise<boolean>;
  /** Runs the action to its end. */
  run(): Promise<StepResult>;
  /** A secret of this world that a process wrote anywhere but to the runner's ears. */
  leaked(): readonly string[];
  close(): Promise<void>;
}

/** Sets a situation up. */
export async function killStage(name: SituationName): Promise<KillStage> {
  const world = situations[name].newWorld();
  const emulator = new Emulator(world);
  const azure = await serve(emulator);
  const leaked: string[] = [];
  const ended = async (step: RunningStep) => {
    const result = await step.finished;
    leaked.push(...leaksOf(result, world));
    return result;
  };
  return {
    world,
    emulator,
    run: () => ended(startRun(name, world, azure)),
    leaked: () => leaked,
    close: () => azure.close(),
    async kill({ nth, after }) {
      let step: RunningStep | undefined;
      world.killClient = () => step?.kill("SIGKILL");
      world.faults.push({ match: {}, nth, phase: after ? "after" : "before", kind: "kill" });
      step = startRun(name, world, azure);
      const { signal } = await ended(step);
      world.faults.length = 0;
      world.clock.advance(aMinute);
      return signal === "SIGKILL";
    },
  };
}

function startRun(name: SituationName, world: World, azure: Served): RunningStep {
  const { action } = situations[name];
  return startStep({
    entry: path.join(root, `dist/${action}.js`),
    action: path.join(root, action, "action.yml"),
    inputs: {
      ...inputsOf(name, world, azure.url),
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
    },
    env: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
    },
  });
}

/** What a dead process leaves on its disk and in its outputs is looked through as well: the key is nowhere (issue 5). */
function leaksOf(result: StepResult, world: World): string[] {
  const { stdout, stderr, log, summary, stepOutputs, state, env, files } = result;
  const spoken = stdout.split("\n").filter((line) => !line.startsWith("::add-mask::"));
  const kept = Object.entries({ stepOutputs, state, env, files });
  const said = {
    ...Object.fromEntries(kept.map(([where, values]) => [where, Object.values(values).join("\n")])),
    ...{ stdout: spoken.join("\n"), stderr, log, summary },
  };
  return leaks(said, world.secrets).map(({ where, form }) => `a secret (${form}) in ${where}`);
}

/** A run that nobody killed: what it asked, and what it left. */
export interface CleanStep {
  readonly sent: readonly Exchange[];
  readonly end: JsonObject;
}

/** Runs to the end, so that it is known what is to be killed and what must come of it. */
export async function cleanStep(name: SituationName): Promise<CleanStep> {
  const stage = await killStage(name);
  try {
    const { exitCode, log } = await stage.run();
    if (exitCode !== 0) throw new Error(`the clean ${name} ended with ${exitCode}:\n${log}`);
    return { sent: [...stage.world.exchanges], end: endOf(stage.world) };
  } finally {
    await stage.close();
  }
}

/** What came of the kills of one situation. */
export interface Kills {
  /** How many processes were killed. */
  readonly killed: number;
  /** Runs that were not killed after all, since they were over before the request that they were to die at. */
  readonly survived: number;
  readonly lost: readonly string[];
}

/**
 * Kills a run before each of its requests, and after the effect of each that writes: what only reads has none, so that
 * there is nothing between the two. One more run follows each kill, in this process; as long as kills leave the world
 * as it was, they share it and that run.
 */
export async function killEverywhere(
  name: SituationName,
  { sent, end }: CleanStep,
  atOnce: number,
): Promise<Kills> {
  const all = sent.flatMap(({ method }, index): Kill[] => {
    const before = { nth: index + 1, after: false };
    return method === "GET" ? [before] : [before, { ...before, after: true }];
  });
  const kills = { killed: 0, survived: 0, lost: [] as string[] };
  await Promise.all(Array.from({ length: atOnce }, () => killInTurn(name, all, end, kills)));
  return kills;
}

async function killInTurn(
  name: SituationName,
  left: Kill[],
  wanted: JsonObject,
  kills: { killed: number; survived: number; lost: string[] },
): Promise<void> {
  let last: Kill | undefined;
  let stage: KillStage | undefined;
  const recover = async () => {
    const loss = stage && recovery(stage, wanted, await runHere(name, stage));
    if (loss && last) kills.lost.push(`${last.after ? "after" : "before"} request ${last.nth}: ${loss}`);
    await stage?.close();
    stage = undefined;
  };
  for (let kill = left.shift(); kill; kill = left.shift()) {
    last = kill;
    stage ??= await killStage(name);
    const untouched = leftIn(stage.world);
    if (await stage.kill(kill)) kills.killed += 1;
    else kills.survived += 1;
    if (leftIn(stage.world) !== untouched) await recover();
  }
  await recover();
}

/** Pairs of kills, drawn by a seed: the same one gives the same pairs. The second run is about as long as the first. */
export function sampleOfPairs({ sent }: CleanStep, count: number, seed: number): Kill[][] {
  const random = drawing(seed);
  const kill = (): Kill => ({ nth: 1 + Math.floor(random() * sent.length), after: random() < 0.5 });
  return Array.from({ length: count }, () => [kill(), kill()]);
}

/** Numbers from 0 to 1 (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kills two runs, one after the other, at each of those pairs; the last run is a process of its own as well. */
export async function killTwice(
  name: SituationName,
  { end }: CleanStep,
  pairs: readonly (readonly Kill[])[],
): Promise<Kills> {
  const kills = { killed: 0, survived: 0, lost: [] as string[] };
  await Promise.all(
    pairs.map(async (pair) => {
      const stage = await killStage(name);
      try {
        for (const kill of pair) {
          if (await stage.kill(kill)) kills.killed += 1;
          else kills.survived += 1;
        }
        const { exitCode, log } = await stage.run();
        const loss = recovery(stage, end, { isWell: exitCode === 0, said: lastOf(log) });
        if (loss) kills.lost.push(`${JSON.stringify(pair)}: ${loss}`);
      } finally {
        await stage.close();
      }
    }),
  );
  return kills;
}

/** How the last run went. */
interface Last {
  readonly isWell: boolean;
  readonly said: string;
}

/** One more run, without a process of its own: what it needs of the ones before it is in the world. */
async function runHere(name: SituationName, { world, emulator }: KillStage): Promise<Last> {
  const { clientId, secret } = world.application;
  const host = memoryHost({
    inputs: inputsOf(name, world, emulator.origin),
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
    },
  });
  const client = inProcessClient(emulator);
  const exit = await (situations[name].action === "attach"
    ? run(attach, host, client)
    : run(updateComponents, host, client));
  return { isWell: exit === 0, said: JSON.stringify(host.said.errors) };
}

/** What is wrong in the end; `undefined` where the last run has put everything right. */
function recovery(stage: KillStage, wanted: JsonObject, { isWell, said }: Last): string | undefined {
  if (!isWell) return `the run after it failed:\n${said}`;
  const leaked = stage.leaked();
  if (leaked.length > 0) return leaked.join("; ");
  const end = endOf(stage.world);
  const parts = Object.keys(wanted).filter((key) => !isDeepStrictEqual(end[key], wanted[key]));
  if (parts.length === 0) return undefined;
  return parts
    .map((key) => `${key} is ${JSON.stringify(end[key])} instead of ${JSON.stringify(wanted[key])}`)
    .join("; ");
}

function lastOf(log: string): string {
  return log.split("\n").slice(-12).join("\n");
}

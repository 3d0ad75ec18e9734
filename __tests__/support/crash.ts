import { isDeepStrictEqual } from "node:util";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { Emulator, type JsonObject, type World } from "../../emulator/index.ts";
import { attach } from "../../src/actions/attach.ts";
import { run } from "../../src/actions/run.ts";
import { updateComponents } from "../../src/actions/update-components.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { endOf, inputsOf, leftIn, type SituationName, situations } from "./crash-situations.ts";
import { inProcessClient } from "./in-process.ts";
import { virtually } from "./virtual-time.ts";

/** Where a process dies: at its n-th request, which has not happened by then, or has and is not answered. */
export interface Death {
  readonly nth: number;
  readonly after: boolean;
}

/** A client whose process can die: from then on nothing is answered, and nothing is sent any more. */
export interface MortalClient extends HttpClient {
  readonly death: Promise<"died">;
  /** Method and path of each request that was sent. */
  readonly sent: readonly string[];
}

/** How a run went that may have died. */
export interface Ended {
  /** `died`: it was left behind, and nothing of it is left but what the world has. */
  readonly exit: 0 | 1 | "died";
  readonly host: MemoryHost;
  readonly report: Report | undefined;
  readonly sent: readonly string[];
}

/** A client that dies where it is told to. */
export function mortal(client: HttpClient, death?: Death): MortalClient {
  const sent: string[] = [];
  let die: (word: "died") => void = () => undefined;
  const died = new Promise<"died">((resolve) => {
    die = resolve;
  });
  const never = new Promise<never>(() => undefined);
  return {
    death: died,
    sent,
    async sendRequest(request) {
      const nth = sent.length + 1;
      if (death && nth > death.nth) return never;
      sent.push(`${request.method} ${new URL(request.url).pathname}`);
      if (death?.nth !== nth) return client.sendRequest(request);
      if (death.after) await client.sendRequest(request).catch(() => undefined);
      die("died");
      return never;
    },
  };
}

/** A world in which runs die, and others come after them. */
export function crashScene(name: SituationName, world: World = situations[name].newWorld()) {
  const emulator = new Emulator(world);
  const wire = inProcessClient(emulator);

  function hostFor(inputs: Record<string, string>): MemoryHost {
    const { clientId, secret } = world.application;
    return memoryHost({
      inputs: { ...inputsOf(name, world, emulator.origin), ...inputs },
      environment: {
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: secret,
        AZURE_TENANT_ID: world.tenantId,
      },
    });
  }

  /** One run, in virtual time; where it dies, its timers are gone with it. */
  async function perform(
    death?: Death,
    inputs: Record<string, string> = {},
    client = mortal(wire, death),
  ): Promise<Ended> {
    const host = hostFor(inputs);
    const exit = await virtually(() => Promise.race([start(name, host, client), client.death]));
    const text = host.said.reports[0];
    return { exit, host, report: text ? (JSON.parse(text) as Report) : undefined, sent: client.sent };
  }

  return { world, emulator, wire, hostFor, perform, end: () => endOf(world) };
}

/** Starts the action of a situation. */
export function start(name: SituationName, host: MemoryHost, client: HttpClient): Promise<0 | 1> {
  return situations[name].action === "attach"
    ? run(attach, host, client)
    : run(updateComponents, host, client);
}

/** What a run was that nobody stopped, and what stood after each of its requests. */
export interface WatchedRun extends Ended {
  /** What the world had after each request, and before the first, as digests. */
  readonly left: readonly string[];
}

export type CrashScene = ReturnType<typeof crashScene>;

/** Lets a run go to its end, and notes what each of its requests leaves. */
export async function watched(scene: CrashScene): Promise<WatchedRun> {
  const left = [leftIn(scene.world)];
  const wire: HttpClient = {
    async sendRequest(request) {
      const answer = await scene.wire.sendRequest(request);
      // What only reads changes nothing; but operations end by themselves, which is noticed where it is asked for.
      const isQuiet = request.method === "GET" && !/operation|\/(computes|extensions)\//i.test(request.url);
      left.push((isQuiet && left.at(-1)) || leftIn(scene.world));
      return answer;
    },
  };
  return { ...(await scene.perform(undefined, {}, mortal(wire))), left };
}

/** A death for each different thing that a run leaves, the first that leaves it: after its n-th request, or before all. */
export function differentDeaths(left: readonly string[]): Map<string, Death> {
  const deaths = new Map<string, Death>();
  left.forEach((digest, nth) => {
    if (!deaths.has(digest)) deaths.set(digest, nth === 0 ? { nth: 1, after: false } : { nth, after: true });
  });
  return deaths;
}

/** What a clean run sends, what each request leaves, and what is left in the end. */
export async function cleanRun(name: SituationName) {
  const scene = crashScene(name);
  const { exit, report, sent, left } = await watched(scene);
  if (exit !== 0) throw new Error(`the clean ${name} failed: ${JSON.stringify(report?.error)}`);
  return { sent, left, end: scene.end(), exchanges: scene.world.exchanges };
}

/** The lease of a dead run is over by then. */
export function aMinuteLater(): Promise<void> {
  return virtually(() => new Promise<void>((resolve) => setTimeout(resolve, 61_000)));
}

/** Lets runs die one after the other, and a minute later runs once more: what is wrong then; `undefined` where nothing is. */
export async function tryDeaths(
  name: SituationName,
  deaths: readonly Death[],
  wanted: JsonObject,
): Promise<string | undefined> {
  const scene = crashScene(name);
  for (const death of deaths) await scene.perform(death);
  await aMinuteLater();
  return lossOf(await scene.perform(), scene.end(), wanted);
}

/** What is wrong after a run that was to put everything right. */
export function lossOf({ exit, report }: Ended, end: JsonObject, wanted: JsonObject): string | undefined {
  if (exit !== 0) return `the run after it ended in ${report?.error?.code}: ${report?.error?.message}`;
  const parts = Object.keys(wanted).filter((key) => !isDeepStrictEqual(end[key], wanted[key]));
  if (parts.length === 0) return undefined;
  return parts
    .map((key) => `${key} is ${JSON.stringify(end[key])} instead of ${JSON.stringify(wanted[key])}`)
    .join("; ");
}

/** Whether a death is tried. */
type Picked = (death: Death, index: number) => boolean;
const all: Picked = () => true;

/** What trying every pair of deaths came to. */
export interface Pairs {
  /** Pairs of requests, each before and after its effect. */
  readonly pairs: number;
  /** Those that leave something different; the others leave the same as one of them. */
  readonly tried: number;
  readonly lost: readonly string[];
}

/**
 * Two deaths in a row, at every pair of requests. What the first leaves decides how the second run goes, and what that
 * leaves how the last one goes; so of the pairs that leave the same one is tried.
 * @param sample which first and second deaths are tried; by default all
 */
export async function tryPairs(
  name: SituationName,
  sample: { readonly first?: Picked; readonly second?: Picked } = {},
): Promise<Pairs> {
  const clean = await cleanRun(name);
  const firsts = differentDeaths(clean.left);
  const seen = new Set<string>();
  const lost: string[] = [];
  let pairs = 0;
  for (const first of [...firsts.values()].filter(sample.first ?? all)) {
    const scene = crashScene(name);
    await scene.perform(first);
    const leaving = leftIn(scene.world);
    const second = await watched(scene);
    const points = clean.left.filter((digest) => digest === leaving).length * 2;
    pairs += points * second.sent.length * 2;
    const loss = lossOf(second, { ...scene.end(), leases: [] }, { ...clean.end, leases: [] });
    if (loss) lost.push(`${text(first)}: ${loss}`);
    for (const [index, [digest, death]] of [...differentDeaths(second.left)].entries()) {
      if (seen.has(digest) || !(sample.second ?? all)(death, index)) continue;
      seen.add(digest);
      const wrong = await tryDeaths(name, [first, death], clean.end);
      if (wrong) lost.push(`${text(first)}, then ${text(death)} (${second.sent[death.nth - 1]}): ${wrong}`);
    }
  }
  return { pairs, tried: seen.size, lost };
}

function text({ nth, after }: Death): string {
  return `${after ? "after" : "before"} request ${nth}`;
}

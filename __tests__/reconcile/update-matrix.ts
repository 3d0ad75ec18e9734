import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Fault, JsonObject, World } from "../../emulator/index.ts";
import { textAt } from "../../emulator/json.ts";
import type { Report } from "../../src/model/report.ts";
import {
  aMinuteLater,
  type CrashScene,
  cleanRun,
  crashScene,
  type Death,
  type Ended,
  lossOf,
  mortal,
  start,
} from "../support/crash.ts";
import { endOf, type SituationName } from "../support/crash-situations.ts";
import { type Spot, spotsAmong, type Trial } from "../support/fault-matrix.ts";
import { everythingSaid, leaks } from "../support/secret-scanner.ts";
import { virtually } from "../support/virtual-time.ts";

/** What a clean run asks, and what it leaves in the end. */
export interface Clean {
  readonly spots: readonly Spot[];
  /** Method and path of each request. */
  readonly sent: readonly string[];
  readonly end: JsonObject;
}

/** The requests of a clean run of a situation. */
export async function cleanSpots(name: SituationName): Promise<Clean> {
  const { end, exchanges, sent } = await cleanRun(name);
  return { spots: spotsAmong(exchanges), sent, end };
}

/**
 * Runs an update in a new world with a fault, and holds it to what every run promises; where it failed, one more run
 * without faults has to put everything right.
 */
export async function tryUpdate(
  name: SituationName,
  fault: Fault,
  wanted: JsonObject,
  mustSucceed: boolean,
): Promise<Trial> {
  const scene = crashScene(name);
  const { world } = scene;
  world.faults.push(fault);
  const run = await scene.perform();
  const exit = run.exit === 0 ? 0 : 1;
  const broken = [
    ...brokenRun(run, scene),
    ...(exit === 0 ? brokenSuccess(endOf(world), wanted, fault) : []),
    ...when(mustSucceed && exit === 1, `ended in ${text(run)}`),
  ];
  if (exit === 0) return { exit, broken };
  world.faults.length = 0;
  return { exit, broken: [...broken, ...(await brokenNext(scene, run, wanted))] };
}

/** A pipeline cancels the run at a request, and has to wait no longer than five seconds (issue 5, 5). */
export async function tryCancelled(name: SituationName, at: Death, wanted: JsonObject): Promise<Trial> {
  const scene = crashScene(name);
  const host = scene.hostFor({});
  let cancelled: number | undefined;
  const cancel = () => {
    cancelled = Date.now();
    host.cancel();
  };
  let count = 0;
  const client: HttpClient = {
    async sendRequest(request) {
      count++;
      if (count === at.nth && !at.after) cancel();
      const answer = await scene.wire.sendRequest(request);
      if (count === at.nth && at.after) cancel();
      return answer;
    },
  };
  const { exit, took } = await virtually(async () => ({
    exit: await start(name, host, mortal(client)),
    took: Date.now() - (cancelled ?? Date.now()),
  }));
  const report = JSON.parse(host.said.reports[0] ?? "null") as Report;
  const run: Ended = { exit, host, report, sent: [] };
  const broken = [...brokenRun(run, scene), ...when(took > 5_000, `left after ${took} ms`)];
  // What comes after the last write may be all that is left out.
  if (exit === 0) return { exit, broken };
  return { exit, broken: [...broken, ...(await brokenNext(scene, run, wanted))] };
}

/** What a run that ended has said wrong, or left wrong. */
function brokenRun(run: Ended, { world }: CrashScene): string[] {
  return [
    ...brokenAlways(run),
    ...leaks(everythingSaid(run.host), world.secrets).map(
      ({ where, form }) => `a secret (${form}) in ${where}`,
    ),
    ...world.violations,
    ...(run.exit === 0 ? [] : brokenFailure(run, endOf(world), wasDetached(world))),
  ];
}

/** What one more run does not put right. */
async function brokenNext(scene: CrashScene, run: Ended, wanted: JsonObject): Promise<string[]> {
  await aMinuteLater();
  const loss = lossOf(await scene.perform(), scene.end(), wanted);
  return when(loss !== undefined, `one more run: ${loss}; first ${text(run)}`);
}

/** What holds whatever happened. */
function brokenAlways({ exit, host, report }: Ended): string[] {
  const { outputs, errors } = host.said;
  const message = errors[0]?.message ?? "";
  return [
    ...when(outputs["error-code"] === "Unexpected", `Unexpected: ${report?.error?.message}`),
    ...when(exit === 1 && errors.length !== 1, `${errors.length} error annotations`),
    ...when(exit === 1 && (!outputs["error-code"] || !report?.error?.message), "no error code or message"),
    ...when(exit === 1 && !message.startsWith(`${outputs["error-code"]}: `), `annotation "${message}"`),
    ...when(exit === 0 && (errors.length > 0 || "error-code" in outputs), "an error in a run that succeeded"),
  ];
}

/** A run that reports success has left the compute attached, as it should be; what it keeps for itself may stay. */
function brokenSuccess(end: JsonObject, wanted: JsonObject, { match, status }: Fault): string[] {
  // Whom Azure tells that there is no compute attaches it, and Azure changes nothing that is there (peers 0.1).
  if (match.method === "GET" && status === 404 && String(match.url).includes("/computes/")) return [];
  // Whom Azure tells that a thing is not there, or who may not see it, or what there is to upgrade to, can't know.
  const isOffer = String(match.url).includes("extensionTypes");
  const misled = match.method === "GET" && (status === 404 || status === 403 || isOffer);
  const parts = misled ? ["compute"] : ["compute", "extensions", "router"];
  const wrong = parts.filter((part) => JSON.stringify(end[part]) !== JSON.stringify(wanted[part]));
  return wrong.map((part) => `succeeded, but ${part} is ${JSON.stringify(end[part])?.slice(0, 300)}`);
}

/** A run that ends with the compute detached says so, and how to go on; and the journal is there to go on with. */
function brokenFailure({ report }: Ended, { compute, journals }: JsonObject, detached: boolean): string[] {
  const state = textAt(compute ?? null, "properties", "provisioningState") ?? "Absent";
  if (state === "Succeeded") return [];
  const said = JSON.stringify(report?.error ?? null);
  return [
    ...when(
      !/run the (same )?step again/i.test(said),
      `leaves ${state} without saying how to go on: ${said}`,
    ),
    ...when(
      state === "Absent" &&
        !(said.includes("azureml-clusters update-components") && /detached|not attached again/.test(said)),
      `leaves it detached without a word: ${said}`,
    ),
    ...when(
      detached && (!Array.isArray(journals) || journals.length !== 1),
      `leaves ${state} without a journal: ${said}`,
    ),
  ];
}

/** A run that was told that there is no compute has detached none, and keeps no journal of it. */
function wasDetached({ exchanges }: World): boolean {
  return exchanges.some(({ method, url }) => method === "DELETE" && url.includes("/computes/"));
}

function text({ report }: Ended): string {
  return `${report?.error?.code}: ${report?.error?.message}`;
}

function when(wrong: boolean, what: string): string[] {
  return wrong ? [what] : [];
}

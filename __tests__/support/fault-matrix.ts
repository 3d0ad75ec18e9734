import { type Exchange, type Fault, World } from "../../emulator/index.ts";
import { aksId, type Run, scene } from "./scene.ts";
import { everythingSaid, leaks } from "./secret-scanner.ts";
import { computePart, computeState, countCreates } from "./world-facts.ts";

/** The action under test. */
export type Actor = "attach" | "detach";

/** A request of a clean run at which faults are put: the n-th of those that match. */
export interface Spot {
  readonly name: string;
  readonly match: { readonly method: string; readonly url: string };
  readonly nth: number;
  /** Who answers it. */
  readonly host: string;
}

/** A kind of fault. `passes`: it may be gone at the next attempt, so that one alone must not end a run. */
export interface Kind {
  readonly name: string;
  readonly fault: Pick<Fault, "kind" | "status" | "retryAfter" | "headers" | "code">;
  readonly passes: boolean;
}

const status = (code: number, passes: boolean, retryAfter?: number): Kind => ({
  name: retryAfter === undefined ? `status ${code}` : `status ${code} with Retry-After ${retryAfter}`,
  fault: { kind: "status", status: code, ...(retryAfter !== undefined && { retryAfter }) },
  passes,
});

/** Every kind of fault that the matrix puts at every request (testbed 9). */
export const kinds: readonly Kind[] = [
  { name: "reset", fault: { kind: "reset" }, passes: true },
  { name: "hang", fault: { kind: "hang" }, passes: true },
  { name: "truncated", fault: { kind: "truncated" }, passes: true },
  { name: "not JSON", fault: { kind: "not-json" }, passes: true },
  { name: "HTML with status 502", fault: { kind: "html", status: 502 }, passes: true },
  { name: "HTML with status 200", fault: { kind: "html", status: 200 }, passes: true },
  ...[400, 403, 404, 409].map((code) => status(code, false)),
  ...[408, 429, 500, 502, 503, 504].map((code) => status(code, true)),
  status(429, true, 7),
  status(503, true, 7),
  { name: "expired token", fault: { kind: "expired-token" }, passes: true },
];

/** A small generator of numbers, the same in every run of the tests: for the jitter of retries, and to draw by. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A new world in which the actor has work to do, with operations of a few seconds. */
export function newScene(actor: Actor): ReturnType<typeof scene> {
  const world = World.simple();
  world.knobs.computeSeconds = { create: 4, detach: 3 };
  if (actor === "detach") {
    const resourceId = aksId(world);
    world.addCompute(workspaceOf(world), { name: "gpu", properties: { resourceId } });
  }
  return scene(world);
}

function workspaceOf(world: World): string {
  return aksId(world).replace(
    /\/Microsoft\.ContainerService\/.*$/,
    "/Microsoft.MachineLearningServices/workspaces/ws1",
  );
}

/** The requests of a clean run: of those with the same method and path the first and the last. */
export async function spotsOf(actor: Actor): Promise<Spot[]> {
  const stage = newScene(actor);
  const { exit } = await stage[actor]();
  if (exit !== 0) throw new Error(`the clean ${actor} failed`);
  return spotsAmong(stage.world.exchanges);
}

/** The requests of those exchanges: of those with the same method and path the first and the last. */
export function spotsAmong(exchanges: readonly Exchange[]): Spot[] {
  const groups = new Map<string, { host: string; method: string; path: string }[]>();
  for (const { host, method, url } of exchanges) {
    const path = new URL(url).pathname;
    const key = `${method} ${path}`;
    groups.set(key, [...(groups.get(key) ?? []), { host, method, path }]);
  }
  return [...groups.values()].flatMap((group) => spotsIn(group));
}

function spotsIn(group: readonly { host: string; method: string; path: string }[]): Spot[] {
  const [one] = group;
  if (!one) return [];
  // The name of an operation is another one in each world.
  const stable = one.path.replace(
    /(computeOperationsStatus|locations\/[^/]+\/operations|extensions\/[^/]+\/operations)\/.*$/,
    "$1",
  );
  const url = stable === one.path ? `${escaped(stable)}(\\?|$)` : escaped(stable);
  const short = stable.replace(/^.*\/providers\//, "…/").replace(/^\/[0-9a-f-]{36}\//, "/{tenant}/");
  const at = (nth: number, which: string): Spot => ({
    name: `${one.method} ${short}${which}`,
    match: { method: one.method, url },
    nth,
    host: one.host,
  });
  return group.length === 1 ? [at(1, "")] : [at(1, ", first"), at(group.length, ", last")];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A read answers the same whether it happened or not, unless a part of its answer arrives. */
export function phases({ match }: Spot, { fault }: Kind): readonly ("before" | "after")[] {
  return match.method === "GET" && fault.kind !== "truncated" ? ["before"] : ["before", "after"];
}

/** Whether the kind can be met there: only Resource Manager takes tokens. */
export function applies({ host }: Spot, { fault }: Kind): boolean {
  return fault.kind !== "expired-token" || host === "arm";
}

/** A run among faults: how it ended, and every promise that it broke. */
export interface Trial {
  readonly exit: 0 | 1;
  readonly broken: readonly string[];
}

/** Runs the actor in a new world with these faults and holds it to what every run promises. */
export async function tryWith(actor: Actor, faults: readonly Fault[], mustSucceed: boolean): Promise<Trial> {
  const stage = newScene(actor);
  stage.world.faults.push(...faults);
  const creates = countCreates(stage.world);
  const run = await stage[actor]();
  const misled = faults.some(({ match, status: code }) => code === 404 && isComputeRead(match));
  const broken = [
    ...brokenAlways(run, creates(), stage.world),
    ...(misled ? [] : brokenTruth(actor, run, creates(), stage.world)),
    ...(mustSucceed && run.exit !== 0 ? [`ended in ${text(run)}`] : []),
  ];
  return { exit: run.exit, broken };
}

/** A 404 to the look at a compute is no fault to anybody's eye: Azure says that there is none. */
function isComputeRead({ method, url }: Fault["match"]): boolean {
  return method === "GET" && String(url).includes("/computes/");
}

/** What holds whatever happened. */
export function brokenAlways({ exit, host, report }: Run, creates: number, world: World): string[] {
  const { outputs, errors } = host.said;
  const message = errors[0]?.message ?? "";
  return [
    ...when(creates > 1, `${creates} creates took effect`),
    ...world.violations,
    ...when(outputs["error-code"] === "Unexpected", `Unexpected: ${report.error?.message}`),
    ...when(exit === 1 && errors.length !== 1, `${errors.length} error annotations`),
    ...when(exit === 1 && (!outputs["error-code"] || !report.error?.message), "no error code or message"),
    ...when(exit === 1 && !message.startsWith(`${outputs["error-code"]}: `), `annotation "${message}"`),
    ...when(exit === 0 && (errors.length > 0 || "error-code" in outputs), "an error in a run that succeeded"),
    ...leaks(everythingSaid(host), world.secrets).map(({ where, form }) => `a secret (${form}) in ${where}`),
  ];
}

/** What a run says of the world is so. */
function brokenTruth(actor: Actor, run: Run, creates: number, world: World): string[] {
  const { outputs } = run.host.said;
  const state = computeState(world);
  const wanted = actor === "attach" ? "Succeeded" : "Absent";
  const claimed = outputs["state"] ?? "none";
  const lie = ["Succeeded", "Absent"].includes(claimed) && claimed !== state;
  const untouched = run.report.error?.message.includes("Nothing was written") ?? false;
  const acted = creates > 0 || (actor === "detach" && state !== "Succeeded");
  // After a conflict nobody can tell whose write it was.
  const ours = !world.exchanges.some(({ status: code }) => code === 409);
  return [
    ...when(outputs["changed"] === "true" && !acted, "says changed, but nothing was"),
    ...when(lie, `says ${claimed}, but it is ${state}; ${text(run)}`),
    ...when(untouched && acted, "says that nothing was written, but it was"),
    ...(run.exit === 1
      ? []
      : [
          ...when(state !== wanted, `succeeded, but the compute is ${state}`),
          ...when(claimed !== wanted, `succeeded and says ${claimed}`),
          ...when(ours && outputs["changed"] !== "true", `succeeded and says changed ${outputs["changed"]}`),
          ...when(actor === "attach" && !asAsked(world), "succeeded, but the compute is not as asked"),
        ]),
  ];
}

function asAsked(world: World): boolean {
  const resourceId = computePart(world, "properties", "resourceId");
  return (
    resourceId === aksId(world) && computePart(world, "properties", "properties", "namespace") === "default"
  );
}

/** How a run failed. */
export function text({ report: { error } }: Run): string {
  return `${error?.code}: ${error?.message}`;
}

/** What is broken, where something is wrong. */
export function when(wrong: boolean, what: string): string[] {
  return wrong ? [what] : [];
}

import { afterAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Fault } from "../../emulator/index.ts";
import { situationNames } from "../support/crash-situations.ts";
import { applies, generator, type Kind, kinds, phases, type Spot } from "../support/fault-matrix.ts";
import { type Clean, cleanSpots, tryCancelled, tryUpdate } from "./update-matrix.ts";

/** `UPDATE_FAULTS=all` tries every kind at every request in every way; usually some are drawn, with a fixed seed. */
const isFull = process.env["UPDATE_FAULTS"] === "all";
const minutes = 10 * 60_000;
const forever = 1_000_000;
const counts = { runs: 0, succeeded: 0, failed: 0, requests: 0, cancelled: 0 };

/** The jitter of retries. */
beforeEach(() => {
  jest.spyOn(Math, "random").mockImplementation(generator(1));
});

afterAll(() => {
  jest.restoreAllMocks();
  const { runs, succeeded, failed, requests, cancelled } = counts;
  console.log(
    `Fault matrix of update-components: ${runs} runs (${kinds.length} kinds of fault at ${requests} requests, before and after the effect, once or for ever${isFull ? "" : ", drawn with a fixed seed"}): ${succeeded} succeeded, ${failed} failed with one clear error and were put right by one more run. ${cancelled} runs were cancelled.`,
  );
});

const clean = {} as Record<(typeof situationNames)[number], Clean>;
// One after the other: there is one virtual time.
for (const name of situationNames) clean[name] = await cleanSpots(name);

interface Drawn {
  readonly kind: Kind;
  readonly fault: Fault;
}

/** Each way in which each kind can be met at a spot. */
function everyFault(spot: Spot): Drawn[] {
  return kinds
    .filter((kind) => applies(spot, kind))
    .flatMap((kind) =>
      phases(spot, kind).flatMap((phase) =>
        [1, forever].map((count): Drawn => {
          const fault: Fault = { ...kind.fault, match: spot.match, nth: spot.nth, count, phase };
          return { kind, fault };
        }),
      ),
    );
}

const isWriting = (method: string) => /^(PUT|PATCH|DELETE|POST)$/.test(method);

/** At every other write a lost answer, at the others one that is drawn; at every twelfth read one. */
function faultsAt(spot: Spot, index: number): Drawn[] {
  const every = everyFault(spot);
  if (isFull) return every;
  if (!isWriting(spot.match.method)) return index % 12 === 0 ? drawn(every, 1, index) : [];
  const lost = every.filter(({ fault }) => fault.kind === "reset" && fault.phase === "after");
  return index % 2 === 0 ? lost.slice(0, 1) : drawn(every, 1, index);
}

function drawn(every: readonly Drawn[], count: number, seed: number): Drawn[] {
  const draw = generator(seed + 7);
  // The first numbers of small seeds are alike.
  draw();
  return Array.from({ length: count }, () => every[Math.floor(draw() * every.length)]).flatMap(
    (one) => one ?? [],
  );
}

describe.each(situationNames)("%s: a fault never leaves it detached without a word (issue 5)", (name) => {
  const trials = clean[name].spots
    .map((spot, index) => ({ spot, faults: faultsAt(spot, index) }))
    .filter(({ faults }) => faults.length > 0);

  test.each(trials.map((one) => [one.spot.name, one] as const))(
    "%s",
    async (_name, { faults }) => {
      counts.requests++;
      const broken: string[] = [];
      for (const { kind, fault } of faults) {
        const once = fault.count === 1;
        const trial = await tryUpdate(name, fault, clean[name].end, kind.passes && once);
        counts.runs++;
        if (trial.exit === 0) counts.succeeded++;
        else counts.failed++;
        const label = `${kind.name}, ${fault.phase}, ${once ? "once" : "for ever"}`;
        broken.push(...trial.broken.map((what) => `${label}: ${what}`));
      }
      expect(broken).toEqual([]);
    },
    minutes,
  );
});

describe.each(situationNames)(
  "%s: cancelled, it leaves within five seconds and says what is left",
  (name) => {
    const points = clean[name].sent
      .map((line, index) => ({ line, nth: index + 1 }))
      .filter(({ line, nth }) => isFull || (isWriting(line.split(" ")[0] ?? "") && nth % 5 === 0));

    test.each(
      points.map(({ line, nth }) => [`${nth}, ${line.replace(/^(\w+) .*\/providers\//, "$1 …/")}`, nth]),
    )(
      "at request %s",
      async (_name, nth) => {
        const broken: string[] = [];
        for (const after of isFull ? [false, true] : [Number(nth) % 2 === 0]) {
          const trial = await tryCancelled(name, { nth: Number(nth), after }, clean[name].end);
          counts.cancelled++;
          broken.push(...trial.broken.map((what) => `${after ? "after" : "before"}: ${what}`));
        }
        expect(broken).toEqual([]);
      },
      minutes,
    );
  },
);

test("cancelled while the gate looks, it throws nothing beside its error", async () => {
  const { sent, end } = clean["extension upgrade"];
  const nth = sent.findLastIndex((line) => line.endsWith("/listClusterUserCredential")) + 1;
  expect(await tryCancelled("extension upgrade", { nth, after: false }, end)).toEqual({
    exit: 1,
    broken: [],
  });
});

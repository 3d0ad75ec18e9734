import { afterAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import type { Fault } from "../../emulator/index.ts";
import {
  type Actor,
  applies,
  generator,
  kinds,
  phases,
  type Spot,
  spotsOf,
  tryWith,
} from "../support/fault-matrix.ts";

const forever = 1_000_000;
const counts = { runs: 0, succeeded: 0, failed: 0, requests: 0 };

/** The jitter of retries, the same in every run of these tests. */
beforeEach(() => {
  jest.spyOn(Math, "random").mockImplementation(generator(1));
});

afterAll(() => {
  jest.restoreAllMocks();
  const { runs, succeeded, failed, requests } = counts;
  console.log(
    `Fault matrix: ${runs} runs (${kinds.length} kinds of fault at ${requests} requests, before and after the effect, once and for ever): ${succeeded} succeeded, ${failed} failed with one clear error.`,
  );
});

async function trial(actor: Actor, label: string, faults: readonly Fault[], mustSucceed: boolean) {
  const { exit, broken } = await tryWith(actor, faults, mustSucceed);
  counts.runs++;
  if (exit === 0) counts.succeeded++;
  else counts.failed++;
  return broken.map((what) => `${label}: ${what}`);
}

/** Every kind at one request; gives each promise that was broken. */
async function sweep(actor: Actor, spot: Spot): Promise<string[]> {
  counts.requests++;
  const broken: string[] = [];
  for (const kind of kinds.filter((one) => applies(spot, one))) {
    for (const phase of phases(spot, kind)) {
      // Of what lasts for ever every third kind is met at a read, which one is the spot's own.
      const lasts = spot.match.method !== "GET" || kinds.indexOf(kind) % 3 === counts.requests % 3;
      for (const count of lasts ? [1, forever] : [1]) {
        const fault: Fault = { ...kind.fault, match: spot.match, nth: spot.nth, count, phase };
        const label = `${kind.name}, ${phase}, ${count === 1 ? "once" : "for ever"}`;
        broken.push(...(await trial(actor, label, [fault], kind.passes && count === 1)));
      }
    }
  }
  return broken;
}

const spots = { attach: await spotsOf("attach"), detach: await spotsOf("detach") };

describe.each(["attach", "detach"] as const)(
  "each kind of fault at each request of %s ends in success or in one clear error (testbed 9)",
  (actor) => {
    test.each(spots[actor].map((spot) => [spot.name, spot] as const))("%s", async (_name, spot) => {
      expect(await sweep(actor, spot)).toEqual([]);
    });
  },
);

/** Up to three troubles that pass, each at any request, the write included at most twice. */
function passingTroubles(actor: Actor): fc.Arbitrary<Fault[]> {
  const trouble = fc
    .record({
      spot: fc.constantFrom(...spots[actor]),
      kind: fc.constantFrom(...kinds.filter(({ passes }) => passes)),
      phase: fc.constantFrom("before" as const, "after" as const),
      count: fc.integer({ min: 1, max: 2 }),
    })
    .filter(({ spot, kind }) => applies(spot, kind))
    .map(({ spot, kind, phase, count }): Fault => {
      const times = spot.match.method === "GET" ? count : 1;
      // A second 401 in a row is taken for a verdict.
      const once = kind.fault.kind === "expired-token" ? 1 : times;
      return { ...kind.fault, match: spot.match, nth: spot.nth, phase, count: once };
    });
  return fc.uniqueArray(trouble, { minLength: 2, maxLength: 3, selector: ({ match }) => match.url });
}

describe.each(["attach", "detach"] as const)("%s among several faults at once", (actor) => {
  test("ends in success while each of them passes, with one effect (testbed 9)", async () => {
    await fc.assert(
      fc.asyncProperty(passingTroubles(actor), async (faults) => {
        expect(await trial(actor, "together", faults, true)).toEqual([]);
      }),
      { numRuns: 25, seed: 20_261_121 },
    );
  });

  test("ends in success or in one clear error whatever they are (testbed 9)", async () => {
    const any = fc.record({
      spot: fc.constantFrom(...spots[actor]),
      kind: fc.constantFrom(...kinds),
      phase: fc.constantFrom("before" as const, "after" as const),
      count: fc.constantFrom(1, 2, 5, forever),
    });
    const several = fc.array(
      any.filter(({ spot, kind }) => applies(spot, kind)),
      { minLength: 2, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(several, async (drawn) => {
        const faults = drawn.map(({ spot, kind, phase, count }): Fault => {
          return { ...kind.fault, match: spot.match, nth: spot.nth, phase, count };
        });
        expect(await trial(actor, "together", faults, false)).toEqual([]);
      }),
      { numRuns: 25, seed: 20_261_121 },
    );
  });
});

import { afterAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Fault } from "../../emulator/index.ts";
import { applies, generator, type Kind, kinds, phases, type Spot } from "../support/fault-matrix.ts";
import { deployments, type Named, spotsOf, tryWith } from "./deploy-matrix.ts";

const forever = 1_000_000;
const counts = { runs: 0, succeeded: 0, failed: 0, requests: 0 };

/** The jitter of retries. */
beforeEach(() => {
  jest.spyOn(Math, "random").mockImplementation(generator(1));
});

afterAll(() => {
  jest.restoreAllMocks();
  const { runs, succeeded, failed, requests } = counts;
  console.log(
    `Fault matrix of deploy-extension: ${runs} runs (${kinds.length} kinds of fault at ${requests} requests, before and after the effect, once or for ever, drawn with a fixed seed): ${succeeded} succeeded, ${failed} failed with one clear error.`,
  );
});

const names = Object.keys(deployments) as Named[];
const spots = {} as Record<Named, Spot[]>;
// One after the other: there is one virtual time.
for (const name of names) spots[name] = await spotsOf(name);

/** Each way in which a kind can be met at a spot. */
function ways(spot: Spot, kind: Kind): Fault[] {
  return phases(spot, kind).flatMap((phase) =>
    [1, forever].map((count): Fault => ({ ...kind.fault, match: spot.match, nth: spot.nth, count, phase })),
  );
}

interface Drawn {
  readonly kind: Kind;
  readonly fault: Fault;
}

/** At a write every kind in one of its ways, and each lost answer; at a read two kinds in one of theirs. */
function faultsAt(spot: Spot, seed: number): Drawn[] {
  const draw = generator(seed);
  const one = <T>(all: readonly T[]): T[] => all.slice(Math.floor(draw() * all.length)).slice(0, 1);
  const drawn = kinds
    .filter((kind) => applies(spot, kind))
    .flatMap((kind) => one(ways(spot, kind)).map((fault): Drawn => ({ kind, fault })));
  if (!/^(PUT|PATCH|DELETE)$/.test(spot.match.method)) return [...one(drawn), ...one(drawn)];
  // With protected settings a run takes half a second: a third of the kinds must do.
  const some = spot.match.method === "PATCH" ? drawn.filter((_, index) => index % 3 === 0) : drawn;
  const lost = kinds.filter(({ name }) => /^(reset|hang|truncated|status 50[0234])$/.test(name));
  return [...some, ...lost.map((kind) => ({ kind, fault: lostAnswer(spot, kind) }))];
}

function lostAnswer({ match, nth }: Spot, { fault }: Kind): Fault {
  return { ...fault, match, nth, count: 1, phase: "after" };
}

describe.each(names)(
  "%s: each fault at a request ends in success or in one clear error, with one effect (testbed 9)",
  (name) => {
    test.each(spots[name].map((spot, index) => [spot.name, spot, index] as const))(
      "%s",
      async (_name, spot, index) => {
        counts.requests++;
        const broken: string[] = [];
        for (const { kind, fault } of faultsAt(spot, index + 7)) {
          const once = fault.count === 1;
          const trial = await tryWith(name, [fault], kind.passes && once);
          counts.runs++;
          if (trial.exit === 0) counts.succeeded++;
          else counts.failed++;
          const label = `${kind.name}, ${fault.phase}, ${once ? "once" : "for ever"}`;
          broken.push(...trial.broken.map((what) => `${label}: ${what}`));
        }
        expect(broken).toEqual([]);
      },
    );
  },
);

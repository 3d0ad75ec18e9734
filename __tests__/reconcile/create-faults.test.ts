import { afterAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Fault } from "../../emulator/index.ts";
import { applies, generator, type Kind, kinds, phases, type Spot } from "../support/fault-matrix.ts";
import { creations, spotsOf, tryWith, type Way } from "./create-matrix.ts";

const counts = { runs: 0, succeeded: 0, failed: 0, requests: 0 };

/** The jitter of retries, the same in every run of these tests. */
beforeEach(() => {
  jest.spyOn(Math, "random").mockImplementation(generator(1));
});

afterAll(() => {
  jest.restoreAllMocks();
  const { runs, succeeded, failed, requests } = counts;
  console.log(
    `Fault matrix of create-cluster: ${runs} runs (${kinds.length} kinds of fault at ${requests} requests: all at the PUT, some elsewhere): ${succeeded} succeeded, ${failed} failed with one clear error.`,
  );
});

const ways = Object.keys(creations) as Way[];
const spots = {} as Record<Way, Spot[]>;
// One after the other: there is one virtual time.
for (const way of ways) spots[way] = await spotsOf(way);

/** At the PUT every kind, before and after it took effect; at a read or a sign-in a few, once and for ever. */
function faultsAt(spot: Spot, index: number): { kind: Kind; fault: Fault }[] {
  const { match, nth } = spot;
  const all = kinds
    .filter((kind) => applies(spot, kind))
    .flatMap((kind) => phases(spot, kind).map((phase) => ({ kind, phase })));
  const reads = match.method !== "PUT";
  const drawn = reads ? all.filter((_, at) => (at + index) % 9 === 0) : all;
  return drawn.map(({ kind, phase }, at) => {
    const count = reads && (at + index) % 3 === 0 ? 1_000_000 : 1;
    return { kind, fault: { ...kind.fault, match, nth, count, phase } };
  });
}

describe.each(ways)(
  "C7, %s: each fault at a request ends in success or in one clear error, with one cluster (testbed 9)",
  (way) => {
    test.each(spots[way].map((spot, index) => [spot.name, spot, index] as const))(
      "%s",
      async (_name, spot, index) => {
        counts.requests++;
        const broken: string[] = [];
        for (const { kind, fault } of faultsAt(spot, index)) {
          const trial = await tryWith(way, [fault], kind.passes && fault.count === 1);
          counts.runs++;
          if (trial.exit === 0) counts.succeeded++;
          else counts.failed++;
          broken.push(...trial.broken.map((what) => `${kind.name}, ${fault.phase}: ${what}`));
        }
        expect(broken).toEqual([]);
      },
    );
  },
);

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseWave, type Wave, waveEnds } from "../../src/model/rollout.ts";

const waves = (...texts: string[]) => texts.map((text) => parseWave(text) as Wave);

test.each<[string[], number, number[]]>([
  [["1", "10%", "100%"], 1_000, [1, 100, 1_000]],
  [["1", "10%", "100%"], 25, [1, 3, 25]],
  [["1", "10%", "100%"], 5, [1, 5]],
  [["1", "10%", "100%"], 1, [1]],
  [["1", "10%", "100%"], 0, []],
  [["2", "50%"], 10, [2, 5]],
  [["5", "10%", "100%"], 20, [5, 20]],
  [["50"], 20, [20]],
  [[], 20, [20]],
  [[], 0, []],
])("the waves %j of %d targets end at %j", (texts, count, ends) => {
  expect(waveEnds(count, waves(...texts))).toEqual(ends);
});

test("waves always grow, and never reach beyond the last target", () => {
  const wave = fc.oneof(
    fc.record({ targets: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(wave, { maxLength: 6 }), (count, some) => {
      const ends = waveEnds(count, some);
      expect(ends.every((end, index) => end > (ends[index - 1] ?? 0) && end <= count)).toBe(true);
      if (some.length === 0 && count > 0) expect(ends).toEqual([count]);
    }),
  );
});

test.each(["0", "0%", "101%", "-1", "10 percent", "%", "", "1.5"])("%j is no wave", (text) => {
  expect(parseWave(text)).toBeUndefined();
});

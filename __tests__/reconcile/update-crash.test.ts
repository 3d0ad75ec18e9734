import { appendFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { cleanRun, differentDeaths, tryDeaths, tryPairs } from "../support/crash.ts";
import { situationNames } from "../support/crash-situations.ts";

/** `npm run test:crash` tries every pair, and wants to be told what came of it. */
const results = process.env["CRASH_RESULTS"];
const minutes = 5 * 60_000;
/** One of the first deaths in the middle of the run, and every eighth second one. */
const sample = {
  first: (_: unknown, index: number) => index === 2 || index === 7,
  second: (_: unknown, index: number) => index % 8 === 1,
};

describe.each(situationNames)("%s, left behind by a run that died (issue 5, crash matrix)", (name) => {
  test.each([
    results
      ? "twice in a row, at every pair of requests, is put right by one more run"
      : "twice in a row, at a sample of pairs, is put right by one more run",
  ])(
    "%s",
    async () => {
      const { pairs, tried, lost } = await tryPairs(name, results ? {} : sample);
      if (results) appendFileSync(results, `${JSON.stringify({ name, pairs, tried, lost })}\n`);
      expect(lost).toEqual([]);
      expect(tried).toBeGreaterThan(0);
    },
    minutes,
  );

  test(
    "at any request is put right by one more run",
    async () => {
      const { left, end, sent } = await cleanRun(name);
      const deaths = differentDeaths(left);
      // What a run leaves in the cluster and in Azure on its way is seen: without that nothing would be proven.
      expect(deaths.size).toBeGreaterThan(3);
      for (const death of deaths.values()) {
        const loss = await tryDeaths(name, [death], end);
        expect({ death, request: sent[death.nth - 1], loss }).toMatchObject({ loss: undefined });
      }
    },
    minutes,
  );
});

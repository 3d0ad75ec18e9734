import { appendFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { cleanRun, differentDeaths, tryDeaths, tryPairs } from "../support/crash.ts";
import { situationNames } from "../support/crash-situations.ts";

/** `npm run test:crash` tries every pair, and wants to be told what came of it. */
const results = process.env["CRASH_RESULTS"];
const minutes = 5 * 60_000;

describe.each(situationNames)("%s, left behind by a run that died (issue 5, crash matrix)", (name) => {
  test.each([
    results
      ? "twice in a row, at every pair of requests, is put right by one more run"
      : "twice in a row, at a sample of pairs, is put right by one more run",
  ])(
    "%s",
    async () => {
      // Each first death that is tried is followed by every second one that leaves something new.
      const { pairs, tried, lost } = await tryPairs(name, (deaths) =>
        results ? deaths : deaths.filter((_, index) => index === Math.floor(deaths.length / 2)),
      );
      if (results) appendFileSync(results, `${JSON.stringify({ name, pairs, tried, lost })}\n`);
      expect(lost).toEqual([]);
      expect(tried).toBeGreaterThan(3);
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

import { expect, test } from "@jest/globals";
import { pause } from "../../src/azure/pause.ts";
import { virtually } from "../support/virtual-time.ts";

test("waits as long as it is told", async () => {
  const took = await virtually(async () => {
    const began = Date.now();
    await pause(3_600_000, new AbortController().signal);
    return Date.now() - began;
  });
  expect(took).toBe(3_600_000);
});

test("ends with the signal's reason as soon as it is aborted", async () => {
  const run = new AbortController();
  const reason = new Error("cancelled");
  const took = await virtually(async () => {
    const began = Date.now();
    setTimeout(() => run.abort(reason), 1_500);
    await expect(pause(3_600_000, run.signal)).rejects.toBe(reason);
    return Date.now() - began;
  });
  expect(took).toBe(1_500);
  expect(() => pause(1, run.signal)).toThrow("cancelled");
});

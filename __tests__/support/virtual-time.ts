import { jest } from "@jest/globals";

let reached = 0;

/**
 * Runs something in virtual time: timers fire as soon as nothing else is left to do, and `Date` follows them.
 * So a wait of an hour is tested in milliseconds, with the product's own code and the library's.
 */
export async function virtually<T>(run: () => Promise<T>): Promise<T> {
  // A later run goes on where an earlier one ended: what was written then does not lie in the future.
  const now = Math.max(Date.now(), reached);
  jest.useFakeTimers({
    now,
    doNotFake: ["nextTick", "queueMicrotask", "setImmediate", "clearImmediate", "performance"],
  });
  let done = false;
  try {
    const result = run().finally(() => {
      done = true;
    });
    result.catch(() => undefined);
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!done) await jest.advanceTimersToNextTimerAsync();
    }
    return await result;
  } finally {
    reached = Date.now();
    jest.useRealTimers();
  }
}

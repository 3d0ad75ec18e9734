import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { memoise } from "../../src/azure/token.ts";

const minute = 60_000;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A source whose tokens live so long, and how often it was asked for one. */
function source(life: number, fails: (nth: number) => boolean = () => false) {
  const asked: number[] = [];
  const began = Date.now();
  const tokens = memoise(async () => {
    asked.push(Date.now() - began);
    await Promise.resolve();
    if (fails(asked.length)) throw new Error(`exchange ${asked.length} failed`);
    return { token: `token-${asked.length}`, expiresOnTimestamp: Date.now() + life };
  });
  return { tokens, asked };
}

describe("memoise", () => {
  test("one exchange for all that ask at the same time, and after", async () => {
    const { tokens, asked } = source(60 * minute);
    const all = await Promise.all(Array.from({ length: 10 }, () => tokens.token()));
    expect(new Set(all)).toEqual(new Set(["token-1"]));
    expect(await tokens.token()).toBe("token-1");
    expect(asked).toHaveLength(1);
  });

  test("no exchange before the first that asks", () => {
    expect(source(minute).asked).toEqual([]);
  });

  test("renewed five minutes before its end, and never sooner", async () => {
    const { tokens, asked } = source(60 * minute);
    await tokens.token();
    jest.advanceTimersByTime(55 * minute - 1);
    expect(await tokens.token()).toBe("token-1");
    jest.advanceTimersByTime(1);
    expect(await Promise.all([tokens.token(), tokens.token(), tokens.token()])).toEqual(
      Array(3).fill("token-2"),
    );
    expect(asked).toEqual([0, 55 * minute]);
  });

  test("a short life is renewed when half of it is over", async () => {
    const { tokens, asked } = source(4 * minute);
    await tokens.token();
    jest.advanceTimersByTime(2 * minute - 1);
    await tokens.token();
    expect(asked).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await tokens.token();
    expect(asked).toHaveLength(2);
  });

  test("whatever the life and the pauses, a token that is given is never at its end", async () => {
    const steps = fc.array(fc.nat(30 * minute), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 90 * minute }), steps, async (life, pauses) => {
        const ends = new Map<string, number>();
        let count = 0;
        const tokens = memoise(async () => {
          const token = `t${count++}`;
          ends.set(token, Date.now() + life);
          return { token, expiresOnTimestamp: Date.now() + life };
        });
        for (const pause of pauses) {
          const left = (ends.get(await tokens.token()) ?? 0) - Date.now();
          expect(left).toBeGreaterThanOrEqual(Math.min(5 * minute, life / 2));
          jest.advanceTimersByTime(pause);
        }
      }),
    );
  });

  test("a token that is rejected is given to nobody any more, not even to who asks at once", async () => {
    const { tokens, asked } = source(60 * minute);
    tokens.reject(await tokens.token());
    expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(["token-2", "token-2"]);
    expect(asked).toHaveLength(2);
  });

  test("a rejection that comes late does not cost the token that is there by then", async () => {
    const { tokens, asked } = source(60 * minute);
    const old = await tokens.token();
    tokens.reject(old);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await tokens.token()).toBe("token-2");
    tokens.reject(old);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await tokens.token()).toBe("token-2");
    expect(asked).toHaveLength(2);
  });

  test("an exchange that fails is told to all that wait for it, and not remembered", async () => {
    const { tokens, asked } = source(60 * minute, (nth) => nth === 1);
    const both = await Promise.allSettled([tokens.token(), tokens.token()]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await tokens.token()).toBe("token-2");
    expect(asked).toHaveLength(2);
  });

  test("a renewal that fails is not remembered either: the next that asks gets a new exchange", async () => {
    const { tokens, asked } = source(60 * minute, (nth) => nth === 2);
    await tokens.token();
    jest.advanceTimersByTime(56 * minute);
    await expect(tokens.token()).rejects.toThrow("exchange 2 failed");
    expect(await tokens.token()).toBe("token-3");
    expect(asked).toHaveLength(3);
  });
});

import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { getSubscription } from "../../src/azure/resources.ts";
import { virtually } from "../support/virtual-time.ts";
import { gateway } from "./emulated.ts";

/** A world of two subscriptions whose buckets are small and in force. */
function throttled(size: number, refill: number) {
  const world = World.fleet({ subscriptions: 2, clusters: 2 });
  world.knobs.throttling = true;
  world.knobs.tokenBuckets.reads = { size, refill };
  const { arm } = gateway(world);
  const [one = "", other = ""] = world.subscriptions.keys();
  const refused = () => world.exchanges.filter(({ status }) => status === 429).length;
  /** So many reads at once. @returns how many seconds they took. */
  const reads = async (count: number, subscription = one) => {
    const began = Date.now();
    await Promise.all(Array.from({ length: count }, () => getSubscription(arm, subscription)));
    return (Date.now() - began) / 1_000;
  };
  return { world, arm, one, other, reads, refused };
}

describe("arm-contract 8: requests stay inside the token buckets", () => {
  test("a full bucket is used at once, an empty one at the pace at which it fills, and nobody is refused", async () => {
    const { reads, refused, world } = throttled(250, 25);
    const seconds = await virtually(() => reads(500));
    expect(refused()).toBe(0);
    // 250 at once, 250 more at 25 a second; a few tokens stay for others.
    expect(seconds).toBeGreaterThanOrEqual(9.9);
    expect(seconds).toBeLessThan(10.6);
    expect(world.exchanges).toHaveLength(500);
  });

  test("a small subscription's bucket is found out from the headers", async () => {
    const { reads, refused, world } = throttled(20, 4);
    const seconds = await virtually(() => reads(100));
    expect(world.exchanges.length / 100).toBeLessThanOrEqual(1.05);
    expect(refused()).toBeLessThanOrEqual(5);
    expect(seconds).toBeLessThan(30);
  });

  test("one subscription's empty bucket does not hold up another", async () => {
    const { reads, other } = throttled(20, 1);
    await virtually(async () => {
      const slow = reads(40);
      expect(await reads(15, other)).toBeLessThan(1);
      await slow;
    });
  });

  test("others that take from the same bucket are seen in the headers", async () => {
    const { reads, refused, world } = throttled(100, 10);
    const stranger = gateway(world);
    await virtually(async () => {
      await reads(1);
      const [subscription = ""] = world.subscriptions.keys();
      await Promise.all(Array.from({ length: 80 }, () => getSubscription(stranger.arm, subscription)));
      await reads(60);
    });
    expect(refused()).toBeLessThanOrEqual(2);
  });
});

describe("a refusal stops all that ask the same", () => {
  test("of Resource Manager: all wait as long as it says, then one goes ahead", async () => {
    const { reads, world, refused } = throttled(250, 25);
    world.knobs.throttling = false;
    world.faults.push({ match: { method: "GET" }, nth: 5, kind: "status", status: 429, retryAfter: 30 });
    const seconds = await virtually(() => reads(100));
    expect(refused()).toBe(1);
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(world.exchanges).toHaveLength(101);
  });

  test("of a provider: what goes to others goes on", async () => {
    const { arm, world, one } = throttled(250, 25);
    const headers = { "x-ms-ratelimit-remaining-subscription-reads": "200" };
    const match = { url: /managedClusters/ };
    world.faults.push({ match, kind: "status", status: 429, retryAfter: 60, headers });
    const [{ clusterId } = { clusterId: "" }] = world.fleet;
    await virtually(async () => {
      const began = Date.now();
      const slow = arm.get(clusterId, "2025-10-01");
      await getSubscription(arm, one);
      expect(Date.now() - began).toBeLessThan(1_000);
      await slow;
      expect(Date.now() - began).toBeGreaterThanOrEqual(60_000);
    });
  });

  test("a run that is over waits no longer", async () => {
    const world = World.fleet();
    world.knobs.throttling = true;
    world.knobs.tokenBuckets.reads = { size: 10, refill: 0.001 };
    const over = new AbortController();
    const { arm } = gateway(world, over.signal);
    await virtually(async () => {
      const began = Date.now();
      const reads = Array.from({ length: 30 }, () => getSubscription(arm, world.subscriptionId));
      setTimeout(() => over.abort(new Error("cancelled")), 5_000);
      const ended = await Promise.allSettled(reads);
      expect(ended.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(10);
      expect(ended.at(-1)).toMatchObject({ status: "rejected", reason: { message: "cancelled" } });
      expect(Date.now() - began).toBe(5_000);
    });
  });
});

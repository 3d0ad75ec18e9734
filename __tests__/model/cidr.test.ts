import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  covers,
  isAddress,
  isCidr,
  overlap,
  parseRange,
  type Range,
  sameRange,
} from "../../src/model/cidr.ts";

const range = (text: string): Range => {
  const parsed = parseRange(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
};
const cidrs = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]) => `${address}/${bits}`);

describe("what is a range", () => {
  test.each(["10.0.0.0/16", "172.17.0.1/16", "0.0.0.0/0", "255.255.255.255/32"])("%s", (text) => {
    expect([isCidr(text), isAddress(text)]).toEqual([true, false]);
  });

  test.each(["10.0.0.10", "255.255.255.255"])("%s is an address", (text) => {
    expect([isCidr(text), isAddress(text)]).toEqual([false, true]);
  });

  test.each([
    "",
    "10.0.0",
    "10.0.0.0/33",
    "10.0.0.256",
    "10.0.0.0/",
    "fd00::/8",
    " 10.0.0.0/8",
    "10.0.0.0/8x",
    "1.2.3.4/-1",
  ])("%j is none", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  test("an address within a network stands for the network", () => {
    expect(range("172.17.0.1/16")).toEqual(range("172.17.0.0/16"));
    expect(range("240.0.0.1/4")).toEqual({ first: 0xf0000000, last: 0xffffffff, bits: 4 });
  });
});

test.each([
  ["10.0.0.0/16", "10.0.255.0/24", true],
  ["10.0.0.0/16", "10.1.0.0/16", false],
  ["192.168.0.0/16", "0.0.0.0/0", true],
  ["10.0.0.0/31", "10.0.0.2/31", false],
])("%s and %s overlap: %s", (one, other, expected) => {
  expect(overlap(range(one), range(other))).toBe(expected);
});

test("two ranges are apart, or one covers the other", () => {
  fc.assert(
    fc.property(cidrs, cidrs, (one, other) => {
      const [left, right] = [range(one), range(other)];
      expect(overlap(left, right)).toBe(overlap(right, left));
      expect(overlap(left, right)).toBe(covers(left, right) || covers(right, left));
    }),
  );
});

test("an address alone is a range of one", () => {
  expect(sameRange("203.0.113.7", "203.0.113.7/32")).toBe(true);
  expect(sameRange("203.0.113.0/24", "203.0.113.0/25")).toBe(false);
  expect(sameRange("x", "x")).toBe(false);
});

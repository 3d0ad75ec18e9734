import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatBytes, formatCpu, parseBytes, parseCpu } from "../../src/model/quantity.ts";

test.each([
  ["250m", 250],
  ["2", 2_000],
  ["1.5", 1_500],
  [".5", 500],
  ["100u", 0],
  ["3900000n", 4],
  [" 4 ", 4_000],
  ["1e1", 10_000],
  ["0", 0],
])("processor time %j is %d thousandths of a core", (text, expected) => {
  expect(parseCpu(text)).toBe(expected);
});

test.each([
  ["128Mi", 128 * 2 ** 20],
  ["1Gi", 2 ** 30],
  ["32863588Ki", 32_863_588 * 1024],
  ["1e9", 1e9],
  ["1E9", 1e9],
  ["2E", 2e18],
  ["500M", 500e6],
  ["1k", 1_000],
  ["123456789", 123_456_789],
  ["128974848000m", 128_974_848],
])("memory %j is %d bytes", (text, expected) => {
  expect(parseBytes(text)).toBe(expected);
});

test.each(["", "Mi", "1 Gi", "1gb", "1KiB", "abc", "1.2.3", "1constructor", "--1", "0x10"])(
  "%j is no quantity",
  (text) => {
    expect(parseCpu(text)).toBeUndefined();
    expect(parseBytes(text)).toBeUndefined();
  },
);

test("any text is a finite number or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = parseBytes(text);
      expect(bytes === undefined || !Number.isNaN(bytes)).toBe(true);
    }),
  );
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.nat(1e6), (number) => {
      expect(parseCpu(formatCpu(number))).toBe(number);
      expect(parseBytes(formatBytes(number * 2 ** 20))).toBe(number * 2 ** 20);
    }),
  );
});

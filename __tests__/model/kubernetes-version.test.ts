import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareVersions, isListed, newest, versionNumbers } from "../../src/model/kubernetes-version.ts";

test.each([
  ["v1.29.4+k3s1", [1, 29, 4]],
  ["1.29", [1, 29]],
  [" 1.1.84", [1, 1, 84]],
  ["v", undefined],
  ["latest", undefined],
  ["", undefined],
])("%j is %j", (text, expected) => expect(versionNumbers(text)).toEqual(expected));

test("versions are ordered by their numbers, not as text; what is none is the oldest", () => {
  expect(newest(["1.1.9", "1.1.84", "junk", "1.1.10"])).toBe("1.1.84");
  expect(newest([])).toBeUndefined();
  expect(compareVersions("1.1", "1.1.0")).toBe(0);
  expect(compareVersions("junk", "0.0.1")).toBeLessThan(0);
  expect(compareVersions("junk", "rubbish")).toBe(0);
});

test("comparing is the same from both sides", () => {
  const version = fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join("."));
  fc.assert(
    fc.property(version, version, (one, other) => {
      expect(Math.sign(compareVersions(one, other))).toBe(-Math.sign(compareVersions(other, one)) + 0);
    }),
  );
});

// arm-contract 3: `>1.22` and `1.18..1.21` stand in the examples of the extension types API.
test.each([
  ["1.22.5", ["1.22"], true],
  ["1.22.5", [">1.22"], false],
  ["1.23.0", [">1.22"], true],
  ["1.22.0", [">=1.22"], true],
  ["1.21.9", ["1.18..1.21"], true],
  ["1.22.0", ["1.18..1.21"], false],
  ["1.17.3", ["<1.18"], true],
  ["1.18.3", ["<1.18"], false],
  ["1.18.3", ["<=1.18"], true],
  ["1.18.3", ["=1.18.3"], true],
  ["1.2.0", ["1.22"], false],
  ["1.29.4", [], false],
  ["1.29.4", ["", ">", "..", "junk", "x.29"], false],
  ["junk", [">1.0"], false],
])("%s under %j: %s", (version, listed, expected) => expect(isListed(version, listed)).toBe(expected));

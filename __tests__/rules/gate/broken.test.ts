import { describe, expect, test } from "@jest/globals";
import { brokenClusters } from "./broken.ts";
import { judged } from "./facts.ts";

describe("a broken cluster fails the gate, and the first finding names the cause and the remedy", () => {
  test("there are at least 35 of them, each told apart", () => {
    expect(new Set(brokenClusters.map(({ title }) => title)).size).toBe(brokenClusters.length);
    expect(brokenClusters.length).toBeGreaterThanOrEqual(35);
  });

  test.each(brokenClusters)("$title", ({ facts, id, seen, remedy }) => {
    const { verdict, findings } = judged(facts);
    const [first] = findings;
    expect(verdict).toBe("fail");
    expect(first?.id).toBe(id);
    expect(first?.seen).toMatch(seen);
    expect(first?.remedy).toMatch(remedy);
  });

  test("nothing that is said is a wall of text, or has a line break", () => {
    for (const { facts } of brokenClusters) {
      for (const { seen, remedy } of judged(facts).findings) {
        expect(seen.length).toBeLessThan(1_400);
        expect(remedy.length).toBeLessThan(1_400);
        expect(`${seen}${remedy}`).not.toMatch(/[\n\r]|undefined|\[object/);
      }
    }
  });
});

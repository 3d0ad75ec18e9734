import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RootContent } from "mdast";
import { cut, fits, jobSummaryLimit, leftOut, withinBudget } from "../../src/report/budget.ts";
import { heading, paragraph, table, text } from "../../src/report/markdown.ts";
import { summary } from "../../src/report/summary.ts";
import { check, crashing, gateReport, gates, parts, unpulled } from "./gates.ts";
import { readMarkdown } from "./read-markdown.ts";
import { error, reportOf } from "./reports.ts";

const bytes = (value: string) => Buffer.byteLength(value);

describe("a page within a budget", () => {
  /** A page whose form has so many letters of two bytes each. */
  const letters = (count: number): RootContent[] => [paragraph([text("ä".repeat(count))])];
  const page = { form: (step: number) => letters(10 - step), steps: 9 };

  test("is whole at its very size, in bytes and not in characters", () => {
    expect(withinBudget(page, 21)).toBe(`${"ä".repeat(10)}\n`);
  });

  test.each([
    [20, 9],
    [19, 9],
    [18, 8],
    [3, 1],
  ])("of %d bytes is the longest form that fits: %d letters", (limit, count) => {
    expect(withinBudget(page, limit)).toBe(`${"ä".repeat(count)}\n`);
  });

  test("lays tables out tightly before it gives anything up", () => {
    const long = { form: () => [table(["a"], [["x"], ["y".repeat(100)]])], steps: 0 };
    const whole = withinBudget(long, 10_000);
    const tight = withinBudget(long, bytes(whole) - 1);
    expect(readMarkdown(tight).tables).toEqual(readMarkdown(whole).tables);
    expect(bytes(tight)).toBeLessThan(bytes(whole));
  });

  test("keeps whole blocks from the top where no form fits, and says so", () => {
    const blocks = [
      heading(3, "Title"),
      paragraph([text("x".repeat(80))]),
      paragraph([text("y".repeat(400))]),
    ];
    const { blocks: kept } = readMarkdown(withinBudget({ form: () => blocks, steps: 0 }, 300));
    expect(kept).toEqual(["Title", "x".repeat(80), expect.stringContaining("JSON report has it all")]);
  });

  test("is never longer, whatever it is made of", () => {
    const words = fc.array(fc.string({ unit: "grapheme", maxLength: 60 }), { maxLength: 20 });
    fc.assert(
      fc.property(words, fc.nat(2_000), (given, limit) => {
        const form = (step: number) =>
          given.slice(0, given.length - step).map((word) => paragraph([text(`x${word}`)]));
        expect(bytes(withinBudget({ form, steps: given.length }, limit))).toBeLessThanOrEqual(limit);
      }),
    );
  });
});

test("a text is cut between characters, and half of one is none", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("a🎉b", 3)).toBe("a\ufffd…");
  expect(cut("\ud83c", 3)).toBe("\ufffd");
  expect(fits("ä", 2)).toBe(true);
  expect(fits("ä", 1)).toBe(false);
  expect(leftOut(0, 10)).toEqual([]);
});

describe("2,000 failing pods (K2)", () => {
  const pods = Array.from({ length: 2_000 }, (_, number) => unpulled(number));
  const failing = pods.map((_, number) => ({
    kind: "workload" as const,
    name: `worker-${number}`,
    health: "fail" as const,
    state: "0 of 1 ready",
  }));
  const reportWith = (findings: typeof pods) =>
    gateReport({
      ...gates.fail,
      checks: [...gates.pass.checks, check("pods", "pods-image", findings)],
      parts: [...parts(), ...failing],
    });
  const listed = (page: string) => page.match(/^\d+\. /gm)?.length ?? 0;

  test("with one remedy are one entry, all named", () => {
    const page = summary(reportWith(pods));
    expect(fits(page, jobSummaryLimit)).toBe(true);
    expect(listed(page)).toBe(1);
    expect(page).toContain("**2,000 times**");
    expect(page).toContain("Pod azureml/worker-1999");
    expect(page).toContain("```mermaid");
  });

  test("with a remedy each fill the page to the brim, and it says how many are left out", () => {
    const wordy = pods.map((pod, number) => ({
      ...pod,
      remedy: `Pod ${number}. ${"Look closely. ".repeat(50)}`,
    }));
    const page = summary(reportWith(wordy));
    expect(fits(page, jobSummaryLimit)).toBe(true);
    // Nothing is given up that there is room for.
    expect(bytes(page)).toBeGreaterThan(jobSummaryLimit - 2_000);
    expect(page.startsWith("### ❌ verify-extension azureml: Fail")).toBe(true);
    const left = 2_000 - listed(page);
    expect(left).toBeGreaterThan(0);
    expect(page).toContain(`${left.toLocaleString("en")} of 2,000 findings are left out here`);
    expect(page).toContain("correlation id");
  });
});

describe("a gate that gets less and less room", () => {
  const alike = Array.from({ length: 40 }, (_, number) => unpulled(number));
  const own = Array.from({ length: 10 }, (_, number) => ({ ...crashing, remedy: `Look at ${number}.` }));
  const checks = [...gates.fail.checks, check("pods", "pods-many", alike), check("pods", "pods-own", own)];
  const report = gateReport({ ...gates.fail, checks });
  const whole = summary(report);
  const has = (page: string) => ({
    healthy: page.includes("extension-type"),
    all: page.includes("worker-39"),
    picture: page.includes("```mermaid"),
    findings: !page.includes("are left out here"),
  });

  test("first drops what is well, then folds, then drops the picture, then findings", () => {
    const seen = [JSON.stringify(has(whole))];
    for (let limit = bytes(whole); limit > 1_500; limit -= 150) {
      const page = summary(report, { limit });
      expect(bytes(page)).toBeLessThanOrEqual(limit);
      expect(page.startsWith("### ❌ verify-extension azureml: Fail")).toBe(true);
      const state = JSON.stringify(has(page));
      if (seen.at(-1) !== state) seen.push(state);
    }
    expect(seen.map((state) => Object.values(JSON.parse(state) as object))).toEqual([
      [true, true, true, true],
      [false, true, true, true],
      [false, false, true, true],
      [false, false, false, true],
      [false, false, false, false],
    ]);
  });

  test("is whole at its very size, and not at one byte less", () => {
    expect(summary(report, { limit: bytes(whole) })).toBe(whole);
    expect(summary(report, { limit: bytes(whole) - 1 })).not.toBe(whole);
  });
});

describe("a run of another action", () => {
  const finding = { id: "a", severity: "warning" as const, source: "A1", seen: "x".repeat(400), remedy: "y" };

  test("with more findings than fit keeps the first ones and says how many are left out", () => {
    const findings = Array.from({ length: 5_000 }, (_, number) => ({ ...finding, remedy: `Do ${number}.` }));
    const page = summary(reportOf({ findings }));
    expect(fits(page, jobSummaryLimit)).toBe(true);
    const [, shown = []] = readMarkdown(page).tables;
    expect(shown.length).toBeGreaterThan(2_000);
    expect(page).toContain(
      `${(5_001 - shown.length).toLocaleString("en")} of 5,000 findings are left out here`,
    );
  });

  test("with an endless message of Azure keeps its verdict", () => {
    const endless = { ...error, message: "x".repeat(2_000_000), details: ["y".repeat(2_000_000)] };
    const page = summary(reportOf({ verdict: "failed", error: endless }));
    expect(fits(page, jobSummaryLimit)).toBe(true);
    expect(page.startsWith("### ❌ attach gpu: Failed\n")).toBe(true);
    expect(page).toContain("JSON report has it all");
  });
});

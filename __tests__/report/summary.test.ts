import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Finding } from "../../src/model/finding.ts";
import type { Report, Verdict } from "../../src/model/report.ts";
import { summary, verdicts } from "../../src/report/summary.ts";
import { readMarkdown } from "./read-markdown.ts";
import { error, reportOf } from "./reports.ts";

const finding: Finding = {
  id: "identity-first-only",
  severity: "warning",
  source: "L2",
  seen: "2 user-assigned identities are given.",
  remedy: "Give one.",
};
const { plan: _plan, ...unplanned } = reportOf({ steps: [] });

const parts: Record<Verdict, Partial<Report>> = {
  done: { findings: [finding] },
  unchanged: {
    changed: false,
    plan: { summary: "nothing to do; it is attached.", steps: [] },
    steps: [],
    milliseconds: 400,
  },
  planned: {
    changed: false,
    state: "Absent",
    steps: [{ kind: "create-compute", title: "attach it", result: "not-started", milliseconds: 0 }],
  },
  accepted: {
    state: "Creating",
    steps: [{ kind: "create-compute", title: "attach it", result: "accepted", milliseconds: 2_000 }],
  },
  failed: {
    state: "Failed",
    error,
    findings: [{ ...finding, severity: "error", link: "https://learn.microsoft.com/azure" }],
    steps: [{ kind: "create-compute", title: "attach it", result: "failed", milliseconds: 65_000 }],
  },
  cancelled: {
    changed: false,
    error: { code: "Cancelled", message: "Cancelled by SIGINT. Nothing was written.", details: [] },
  },
};

describe("the page of a run", () => {
  test.each(Object.keys(verdicts) as Verdict[])("%s", (verdict) => {
    expect(summary(reportOf({ verdict, ...parts[verdict] }))).toMatchSnapshot();
  });

  test("of a run that ended before it knew what it was about", () => {
    const { target: _target, ...rest } = unplanned;
    const invalid = { code: "InvalidInput", message: "One input is wrong.", details: ["timeout: …"] };
    expect(
      summary({ ...rest, target: {}, verdict: "failed", changed: false, state: "Unknown", error: invalid }),
    ).toMatchSnapshot();
  });

  test("tells everything that the report holds for a person", () => {
    const page = readMarkdown(summary(reportOf({ verdict: "failed", ...parts.failed })));
    expect(page.blocks[0]).toContain("attach gpu: Failed");
    const text = page.blocks.join("\n");
    for (const told of [error.code, error.message, ...error.details, error.remedy, error.requestId]) {
      expect(text).toContain(told);
    }
    expect(page.links).toEqual([error.link]);
    expect(page.tables).toEqual([
      [
        ["Step", "Why", "Result", "Took"],
        [
          'attach cluster "aks1" as compute "gpu"',
          "there is no compute of that name",
          "failed",
          "1 min 05 s",
        ],
      ],
      [
        ["Finding", "What was seen", "What to do", "Rule"],
        ["error", finding.seen, finding.remedy, "identity-first-only (L2)"],
      ],
    ]);
  });
});

describe("text of others stays text", () => {
  const nasty = fc.constantFrom(
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "<!-- gone -->",
    "[link](https://evil.test)",
    "![image](https://evil.test/x.png)",
    "[ref]: https://evil.test",
    "<https://evil.test>",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "+ item",
    "***",
    "---",
    "===",
    "```",
    "~~~",
    "`code`",
    "``",
    "**bold**",
    "_it_",
    "*it*",
    "a | b",
    "|",
    "\\|",
    "\\",
    "| --- |",
    "&lt;b&gt;",
    "&amp;",
    "&#x41;",
    "\n",
    "\r\n",
    "\n\n",
    "\n# heading",
    "\n- item",
    "\n    code",
    "\t",
    "::error::x",
    "ä",
    "名前",
    "🎉",
  );
  const text = fc
    .array(fc.oneof({ weight: 3, arbitrary: nasty }, { weight: 1, arbitrary: fc.string() }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((pieces) => pieces.join("").trim())
    .filter((piece) => piece !== "");

  /**
   * What a reader sees: no more of white space than one blank, no backticks, which make code of a remedy, and no
   * backslash before a bar, which code in a cell can't hold.
   */
  const seen = (given: string) =>
    given.replaceAll("`", "").replace(/\\+\|/g, "|").replace(/\s+/g, " ").trim();
  const mine = ["heading", "paragraph", "strong", "inlineCode", "code"];

  function hostile(t: readonly string[]): Report {
    const at = (index: number) => t[index % t.length] ?? "";
    return reportOf({
      verdict: "failed",
      state: at(0),
      target: { computeName: at(1), workspaceName: at(2), resourceGroup: at(3) },
      plan: {
        summary: at(4),
        steps: [{ kind: "create-compute", title: at(5), reason: at(6) }],
      },
      steps: [],
      findings: [{ id: at(7), source: at(8), severity: "error", seen: at(9), remedy: at(10) }],
      error: { code: at(11), message: at(12), remedy: at(13), requestId: at(14), details: [at(15), at(16)] },
    });
  }

  const texts = fc.array(text, { minLength: 17, maxLength: 17 });

  test("no name or message becomes markup", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const { kinds, links } = readMarkdown(summary(hostile(given)));
        expect([...kinds].filter((kind) => !mine.includes(kind))).toEqual([]);
        expect(links).toEqual([]);
      }),
    );
  });

  test("each stands on the page as it was, in its own cell or block", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const { blocks, tables } = readMarkdown(summary(hostile(given)));
        const [steps, findings] = tables.map((rows) => rows[1]?.map(seen));
        const t = given.map(seen);
        expect(steps).toEqual([t[5], t[6], "not-started", ""]);
        expect(findings).toEqual(["error", t[9], t[10], seen(`${given[7]} (${given[8]})`)]);
        expect(blocks.map(seen)).toEqual([
          seen(`❌ attach ${given[1]}: Failed`),
          seen(`Compute ${given[1]} of the workspace ${given[2]} (resource group ${given[3]})`),
          seen(`${given[11]}: ${given[12]}`),
          seen(`${given[15]} ${given[16]}`),
          seen(`What to do: ${given[13]}`),
          seen(`Request id ${given[14]}`),
          seen(`State ${given[0]}, 3 min 10 s, correlation id 00000000-0000-4000-8000-00000000c0de`),
        ]);
      }),
    );
  });

  test("a table has the rows and cells that it should, whatever stands in them", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 }), (cells) => {
        const findings = cells.map(([where, remedy]) => ({ ...finding, seen: where, remedy }));
        const [, table] = readMarkdown(summary(reportOf({ findings }))).tables;
        expect(table?.slice(1).map((row) => row.map(seen))).toEqual(
          cells.map(([where, remedy]) => ["warning", seen(where), seen(remedy), "identity-first-only (L2)"]),
        );
      }),
    );
  });
});

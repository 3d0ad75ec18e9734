import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Finding } from "../../src/model/finding.ts";
import type { Gate } from "../../src/model/gate.ts";
import { headline, summary } from "../../src/report/summary.ts";
import { check, crashing, gateReport, gates, outdated, unpulled, unread } from "./gates.ts";
import { readMarkdown } from "./read-markdown.ts";
import { error } from "./reports.ts";

const pageOf = (gate: Gate) => summary(gateReport(gate));

describe("the page of a gate", () => {
  test.each(Object.keys(gates) as (keyof typeof gates)[])("%s", (name) => {
    expect(pageOf(gates[name])).toMatchSnapshot();
  });

  test("has the verdict first, then what is wrong, then the checks, then the picture, then the basis", () => {
    const page = pageOf(gates.fail);
    const order = [
      "### ❌",
      "13 checks",
      "#### What is wrong",
      "#### Checks",
      "```mermaid",
      "Extension `azureml`",
    ];
    const places = [...order, "For a closer look", "correlation id"].map((text) => page.indexOf(text));
    expect(places).not.toContain(-1);
    expect([...places].sort((one, other) => one - other)).toEqual(places);
  });

  test("tells of every error and warning what was seen, of what, what to do, where to read on, and the rule", () => {
    const page = readMarkdown(pageOf(gates.fail));
    const text = page.blocks.join("\n").replaceAll("`", "");
    for (const { object = "", seen, remedy, id, source } of [crashing, unpulled(8), outdated, unread]) {
      for (const told of [object, seen, remedy, `(rule ${id}, ${source})`]) {
        expect(text).toContain(told.replaceAll("`", ""));
      }
    }
    expect(page.links).toEqual([crashing.link, unpulled(1).link]);
  });

  test("errors stand before warnings, whatever the order of the checks", () => {
    const page = pageOf({ ...gates.fail, checks: [...gates.fail.checks].reverse() });
    expect(page.indexOf(crashing.seen)).toBeLessThan(page.indexOf("Version 1.1.60 is installed"));
  });

  test("findings of one kind stand together, each with its object; the sixth and more unfold", () => {
    const page = pageOf({
      ...gates.fail,
      checks: [check("pods", "pods-image", [1, 2, 3, 4, 5, 6].map(unpulled))],
    });
    expect(page.match(/can't be pulled/g)).toHaveLength(1);
    expect(page.match(/What to do/g)).toHaveLength(1);
    expect(page).toContain("**6 times**");
    expect(page.indexOf("worker-5")).toBeLessThan(page.indexOf("<details><summary>1 more</summary>"));
    expect(page.indexOf("<details>")).toBeLessThan(page.indexOf("worker-6"));
  });

  test("findings of one kind that saw different things tell each", () => {
    const other = { ...crashing, object: "Pod azureml/b", seen: "Exit code 2." };
    const page = pageOf({ ...gates.fail, checks: [check("pods", "pods-running", [crashing, other])] });
    expect(page).toContain("**2 times**:");
    expect(page).toContain(crashing.seen);
    expect(page).toContain("**Pod azureml/b**: Exit code 2.");
  });

  test("what may pass by itself says so (K1)", () => {
    const page = pageOf({ ...gates.warn, checks: [check("pods", "a", [{ ...outdated, pending: true }])] });
    expect(page).toContain("may also pass by itself");
    expect(pageOf(gates.warn)).not.toContain("may also pass by itself");
  });

  test("notes stand apart from what is wrong", () => {
    const note: Finding = { ...outdated, severity: "info", seen: "Prometheus is off.", remedy: "" };
    const page = pageOf({
      ...gates.pass,
      checks: [...gates.pass.checks, { ...check("x", "x"), findings: [note] }],
    });
    expect(page).toContain("#### Also seen\n\n- Prometheus is off.");
    expect(page).not.toContain("What is wrong");
  });

  test("a finding of the run that no check has is told too, and none twice", () => {
    const page = summary({ ...gateReport(gates.warn), findings: [outdated, crashing] });
    expect(page).toContain(crashing.seen);
    expect(page.match(/Version 1\.1\.60 is installed/g)).toHaveLength(1);
  });

  test("where Azure alone was asked it says so", () => {
    expect(pageOf(gates.unknown)).toContain("Azure alone was asked");
    expect(pageOf(gates.pass)).not.toContain("Azure alone was asked");
  });

  test("where Mermaid is no picture there is a table of the parts", () => {
    const page = summary(gateReport(gates.fail), { mermaid: false });
    expect(page).not.toContain("mermaid");
    const [, table] = readMarkdown(page).tables;
    expect(table?.[0]).toEqual(["Part", "Name", "State"]);
    expect(table).toContainEqual(["❌ workload", "gateway", "0 of 1 ready"]);
  });
});

describe("a failure beside a gate", () => {
  test("that failed is not told twice", () => {
    expect(pageOf(gates.fail)).not.toContain("GateFailed");
  });

  test("that did not fail is told", () => {
    const page = summary(gateReport(gates.warn, { verdict: "failed", error }));
    expect(page).toContain(`**${error.code}**`);
  });

  test("that failed without an error or a warning to show is told", () => {
    const page = summary(gateReport({ ...gates.pass, verdict: "fail" }));
    expect(page).toContain("GateFailed");
  });
});

test.each([
  [gateReport(gates.pass), "verify-extension azureml: Pass"],
  [gateReport(gates.warn), "verify-extension azureml: Pass, with warnings"],
  [gateReport(gates.fail), "verify-extension azureml: Fail"],
  [gateReport(gates.fail, { verdict: "cancelled" }), "verify-extension azureml: Fail (cancelled)"],
])("the headline of %# says %s", (report, expected) => {
  expect(headline(report)).toBe(expected);
});

describe("text of others stays text", () => {
  const nasty = fc.constantFrom(
    "<script>alert(1)</script>",
    "</details>",
    "<!-- gone -->",
    "[link](https://evil.test)",
    "![image](https://evil.test/x.png)",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "***",
    "---",
    "```",
    "~~~",
    "`code`",
    "**bold**",
    "a | b",
    "|",
    "\\|",
    "\\",
    "&lt;b&gt;",
    "\n",
    "\r\n\r\n",
    "\n# heading",
    "\n- item",
    "\t",
    "🎉",
  );
  const text = fc
    .array(fc.oneof({ weight: 3, arbitrary: nasty }, { weight: 1, arbitrary: fc.string() }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((pieces) => pieces.join("").trim())
    .filter((piece) => piece !== "");
  const mine = ["heading", "paragraph", "strong", "inlineCode", "code", "list", "listItem", "html"];

  test("no name, event or log becomes markup", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 9, maxLength: 9 }), fc.boolean(), (t, mermaid) => {
        const at = (index: number) => t[index % t.length] ?? "";
        const one: Finding = {
          id: at(0),
          severity: "error",
          source: at(1),
          object: at(2),
          seen: at(3),
          remedy: at(4),
        };
        const seven = Array.from({ length: 7 }, (_, number) => ({ ...one, object: `${at(2)} ${number}` }));
        const note: Finding = { ...one, severity: "info" };
        const gate: Gate = {
          ...gates.fail,
          checks: [check(at(5), at(6), [...seven, { ...one, seen: at(7) }]), check(at(6), at(5), [note])],
          parts: [{ kind: "workload", name: at(7), state: at(8), health: "fail" }],
          way: at(8),
          diagnostics: at(3),
        };
        const versions = { extensionVersion: at(1), latestVersion: at(2) };
        const page = summary(gateReport(gate, versions), { mermaid });
        const { kinds, links } = readMarkdown(page);
        expect([...kinds].filter((kind) => !mine.includes(kind))).toEqual([]);
        expect(links).toEqual([]);
        const tags = page.split("\n").filter((line) => /^\s*<\/?[a-z]/i.test(line));
        expect(tags.map((line) => line.trim())).toEqual(
          tags.length === 0
            ? []
            : [expect.stringMatching(/^<details><summary>\d+ more<\/summary>$/), "</details>"],
        );
      }),
      { examples: [[Array(9).fill("<0@0> quote"), false]] },
    );
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Element, Root } from "xast";
import { fromXml } from "xast-util-from-xml";
import type { Finding } from "../../src/model/finding.ts";
import { junit } from "../../src/report/junit.ts";
import { anyCharacter } from "../support/any-character.ts";
import { check, crashing, gateReport, gates, outdated, unpulled, unread } from "./gates.ts";
import { error, reportOf } from "./reports.ts";

/** An element as its consumers see it. */
interface Seen {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | null | undefined>>;
  readonly children: readonly Seen[];
  readonly text: string;
}

/** Reads the file with a parser that takes well-formed XML alone. */
function read(xml: string): Seen {
  const root: Root = fromXml(xml);
  const [element] = root.children.filter((node): node is Element => node.type === "element");
  if (!element) throw new Error("no element");
  return seen(element);
}

function seen({ name, attributes, children }: Element): Seen {
  const text = children.map((child) => (child.type === "text" ? child.value : "")).join("");
  return {
    name,
    attributes,
    text,
    children: children.filter((child): child is Element => child.type === "element").map(seen),
  };
}

const cases = (root: Seen) => root.children.flatMap((suite) => suite.children);
const caseOf = (root: Seen, id: string) => {
  const [one] = cases(root).filter(({ attributes }) => attributes["name"] === id);
  if (!one) throw new Error(`no case ${id}`);
  return one;
};

describe("the checks of a gate as JUnit", () => {
  const root = read(junit(gateReport(gates.fail)));

  test("are a suite for each subject and a case for each check", () => {
    expect(root.children.map(({ attributes }) => attributes["name"])).toEqual([
      "azureml-clusters.extension",
      "azureml-clusters.pods",
      "azureml-clusters.router",
      "azureml-clusters.tls",
      "azureml-clusters.compute",
      "azureml-clusters.events",
    ]);
    expect(cases(root).map(({ attributes }) => attributes["name"])).toHaveLength(gates.fail.checks.length);
  });

  test("have what dorny/test-reporter and Azure Pipelines read", () => {
    for (const suite of [root, ...root.children]) {
      const { name, tests, failures, errors, skipped, time } = suite.attributes;
      expect(name).toMatch(/^azureml-clusters/);
      for (const number of [tests, failures, errors, skipped, time]) expect(number).toMatch(/^\d+(\.\d+)?$/);
    }
    for (const suite of root.children) {
      expect(suite.attributes["timestamp"]).toBe("2026-11-21T03:00:00.000Z");
      for (const one of suite.children) {
        expect(one.attributes).toMatchObject({ classname: suite.attributes["name"], time: "0" });
        expect(one.attributes["name"]).not.toBe("");
      }
    }
  });

  test("count what they hold", () => {
    expect(root.attributes).toMatchObject({ tests: "13", failures: "2", errors: "0", skipped: "1" });
    const [, pods] = root.children;
    expect(pods?.attributes).toMatchObject({ tests: "3", failures: "2", skipped: "0" });
  });

  test("fail with what was seen and what to do, in the text and in the attribute", () => {
    const [failure, ...others] = caseOf(root, "pods-running").children;
    expect(others).toEqual([]);
    expect(failure?.name).toBe("failure");
    expect(failure?.attributes).toEqual({
      message: `${crashing.object}: ${crashing.seen}`,
      type: "pods-running",
    });
    for (const told of [crashing.object, crashing.seen, crashing.remedy, crashing.link, crashing.source]) {
      expect(failure?.text).toContain(told);
    }
    const [image] = caseOf(root, "pods-image").children;
    expect(image?.attributes["message"]).toContain("(and 7 more)");
    expect(image?.text).toContain(unpulled(8).object);
  });

  test("of which nothing could be read are skipped", () => {
    const [skipped] = caseOf(root, "events-scheduling").children;
    expect(skipped?.name).toBe("skipped");
    expect(skipped?.attributes["message"]).toBe(unread.seen);
  });

  test("that warn pass, and say so in system-out", () => {
    const [out] = caseOf(root, "extension-version").children;
    expect(out?.name).toBe("system-out");
    expect(out?.text).toContain(outdated.seen);
  });

  test("that pass say nothing", () => {
    expect(caseOf(root, "extension-type").children).toEqual([]);
  });
});

describe("a run that came to no gate", () => {
  test("is one case that errs with its failure", () => {
    const root = read(junit(reportOf({ action: "verify-extension", verdict: "failed", error })));
    expect(root.attributes).toMatchObject({ tests: "1", failures: "0", errors: "1" });
    const [err] = caseOf(root, "verify-extension").children;
    expect(err?.name).toBe("error");
    expect(err?.attributes).toEqual({ message: `${error.code}: ${error.message}`, type: error.code });
    for (const told of [...error.details, error.remedy ?? "-", error.link ?? "-"]) {
      expect(err?.text).toContain(told);
    }
  });

  test("and went well is one case that passes", () => {
    const root = read(junit(reportOf()));
    expect(root.attributes).toMatchObject({ tests: "1", failures: "0", errors: "0" });
    expect(caseOf(root, "attach").children).toEqual([]);
  });
});

describe("text of others stays text", () => {
  const nasty = fc.constantFrom(
    "<",
    ">",
    "&",
    "&amp;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml?>",
    '"',
    "'",
    "\u0000",
    "\u0008",
    "\u001b[31m",
    "\r\n",
    "\t",
    "\ud800",
    "\udc00",
    "\ufffe",
    "\uffff",
    "🎉",
    "</failure>",
    "[[ATTACHMENT|/etc/passwd]]",
  );
  const text = fc
    .array(fc.oneof(nasty, fc.string(), fc.string({ unit: anyCharacter })), { maxLength: 5 })
    .map((pieces) => `x${pieces.join("")}`);
  const report = (one: string, severity: Finding["severity"]) => {
    const finding: Finding = {
      id: "rule",
      severity,
      source: one,
      seen: one,
      remedy: one,
      object: one,
      link: one,
    };
    return gateReport({ ...gates.pass, checks: [check(one, "rule", [finding])] });
  };

  test("the file is well-formed and has one case, whatever a cluster says", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("error" as const, "warning" as const), (one, severity) => {
        const xml = junit(report(one, severity));
        const root = read(xml);
        expect(cases(root)).toHaveLength(1);
        expect(xml).not.toMatch(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
        expect(xml).not.toContain("[[ATTACHMENT");
      }),
    );
  });

  test("what XML can hold is told as it is", () => {
    const root = read(junit(report("<b> & \"c\" 'd' 🎉", "error")));
    expect(cases(root)[0]?.children[0]?.text).toContain("<b> & \"c\" 'd' 🎉");
  });

  test("a text of any length leaves the attribute short and the text whole", () => {
    const root = read(junit(report("x".repeat(5_000), "error")));
    const failure = cases(root)[0]?.children[0];
    expect(failure?.attributes["message"]?.length).toBe(1_000);
    expect(failure?.text).toContain("x".repeat(5_000));
  });
});

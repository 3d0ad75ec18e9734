import type { Element, ElementContent } from "xast";
import { toXml } from "xast-util-to-xml";
import { oneLine } from "../model/arm-error.ts";
import { type Finding, sentenceOf } from "../model/finding.ts";
import type { Check } from "../model/gate.ts";
import type { Report, Target } from "../model/report.ts";
import { cut } from "./budget.ts";

/**
 * The checks of a gate as JUnit results: a suite for each subject, a case for each check; of a run that came to no
 * gate, one case that stands for it. Built as a syntax tree, so that text of others can't become markup.
 *
 * Who reads it needs this. dorny/test-reporter (src/parsers/java-junit): `name` and `time` of every suite and case,
 * `classname`, by which it makes groups unless it is the suite's name; of a failure it shows the text, not the
 * attribute. PublishTestResults (task reference, "Result formats mapping"; azure-pipelines-agent, JUnitResultReader):
 * `name` not empty, `classname` as the test's file, `timestamp`, the `message` of failure and skipped as the error
 * message, the failure's text as the stack trace, system-out as the console log.
 */
export function junit(report: Report): string {
  const { product, milliseconds, targets } = report;
  const prefix = product.split(" ")[0] ?? product;
  const suites = targets
    ? [
        ...targets.flatMap((one) => suitesOf(one, `${prefix}.${nameOf(one.target)}`)),
        ...untouched(report, prefix),
      ]
    : suitesOf(report, prefix);
  const cases = suites.flatMap((one) => one.cases);
  const root = element("testsuites", { name: prefix, ...counts(cases), time: String(milliseconds / 1000) });
  root.children = suites.map((one) => one.element);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${toXml(root, { closeEmptyElements: true })}\n`;
}

/** A case as it came out: what it is called, and the elements inside. */
interface Outcome {
  readonly name: string;
  readonly kind: "passed" | "failure" | "error" | "skipped";
  readonly children: readonly Element[];
}

function nameOf({ computeName, clusterId }: Target): string {
  return computeName ?? clusterId?.split("/").at(-1) ?? "compute";
}

/** Targets that a rollout did not come to. */
function untouched({ rollout, action, startedAt }: Report, prefix: string) {
  return (rollout?.untouched ?? []).map((target) => {
    const children = [element("skipped", { message: "not touched" })];
    return suite(`${prefix}.${nameOf(target)}.run`, startedAt, [{ name: action, kind: "skipped", children }]);
  });
}

function suitesOf(report: Report, prefix: string) {
  const { gate, startedAt } = report;
  if (!gate) return [suite(`${prefix}.run`, startedAt, [ofRun(report)])];
  const subjects = [...new Set(gate.checks.map((check) => check.subject))];
  return subjects.map((subject) => {
    const checks = gate.checks.filter((check) => check.subject === subject);
    return suite(`${prefix}.${subject}`, startedAt, checks.map(outcome));
  });
}

function suite(name: string, timestamp: string, cases: readonly Outcome[]) {
  const children = cases.map((one) => ({
    ...element("testcase", { name: one.name, classname: name, time: "0" }),
    children: [...one.children],
  }));
  return {
    cases,
    element: { ...element("testsuite", { name, ...counts(cases), time: "0", timestamp }), children },
  };
}

function counts(cases: readonly Outcome[]) {
  const of = (kind: Outcome["kind"]) => String(cases.filter((one) => one.kind === kind).length);
  return {
    tests: String(cases.length),
    failures: of("failure"),
    errors: of("error"),
    skipped: of("skipped"),
  };
}

function outcome({ id, result, findings }: Check): Outcome {
  const text = findings.map(told).join("\n\n");
  const [first] = findings;
  const rest = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const message = first ? `${sentenceOf(first)}${rest}` : "";
  switch (result) {
    case "fail":
      return { name: id, kind: "failure", children: [element("failure", { message, type: id }, text)] };
    case "unknown":
      return { name: id, kind: "skipped", children: [element("skipped", { message }, text)] };
    case "warn":
    case "pass":
      return { name: id, kind: "passed", children: text ? [element("system-out", {}, text)] : [] };
  }
}

function ofRun({ action, error }: Report): Outcome {
  if (!error) return { name: action, kind: "passed", children: [] };
  const { code, message, remedy, link, details } = error;
  const text = [message, ...details, remedy && `What to do: ${remedy}`, link && `Read on: ${link}`];
  const child = element(
    "error",
    { message: `${code}: ${message}`, type: code },
    text.filter(Boolean).join("\n"),
  );
  return { name: action, kind: "error", children: [child] };
}

function told(finding: Finding): string {
  const { severity, remedy, link, source } = finding;
  return [
    `${severity}: ${sentenceOf(finding)}`,
    remedy && `What to do: ${remedy}`,
    link && `Read on: ${link}`,
    `Rests on: ${source}`,
  ]
    .filter(Boolean)
    .join("\n");
}

/** An attribute longer than this is told in the text alone. */
const longestAttribute = 1_000;

function element(name: string, attributes: Readonly<Record<string, string>>, text?: string): Element {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    harmless(cut(oneLine(value), longestAttribute)),
  ]);
  const children: ElementContent[] = text ? [{ type: "text", value: harmless(text) }] : [];
  return { type: "element", name, attributes: Object.fromEntries(entries), children };
}

/**
 * What XML 1.0 can hold at all (2.2, Char), of which control characters and halves of a character are no part even as
 * codes. `]]>` must not stand in text (2.4), and the serializer leaves `>` as it is. Azure Pipelines uploads the file
 * that `[[ATTACHMENT|path]]` names in system-out, which is not for a text of others to say.
 */
function harmless(value: string): string {
  return value
    .replace(/\r\n?/g, "\n")
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("]]>", "]] >")
    .replace(/\[\[(?=\s*attachment)/gi, "[ [");
}

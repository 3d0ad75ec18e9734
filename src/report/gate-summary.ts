import type { ListItem, PhrasingContent, RootContent } from "mdast";
import type { Finding } from "../model/finding.ts";
import type { Check, Gate } from "../model/gate.ts";
import type { Report } from "../model/report.ts";
import { leftOut } from "./budget.ts";
import { code, heading, link, paragraph, phrases, strong, table, text } from "./markdown.ts";
import { icons, mermaid } from "./mermaid.ts";

/** How much of a gate is shown. */
export interface GateDetail {
  /** Also what is well: checks that passed, and notes. */
  readonly healthy: boolean;
  /** Findings of one kind that are listed each; of more their number is told. */
  readonly alike: number;
  /** How the parts are shown; `none` where there is no room. */
  readonly parts: "picture" | "table" | "none";
  /** Kinds of finding that are listed. */
  readonly kinds: number;
}

/** Findings with one cause and one remedy. */
type Kind = readonly [Finding, ...Finding[]];

/** A gate's page in ever shorter forms: first what is well goes, then lists fold, then the picture goes, then findings. */
export function gateSteps(found: readonly Finding[], parts: GateDetail["parts"]): GateDetail[] {
  const all = kindsOf(found).length;
  const whole: GateDetail = { healthy: true, alike: Number.POSITIVE_INFINITY, parts, kinds: all };
  const noHealthy = { ...whole, healthy: false };
  const folded = { ...noHealthy, alike: 3 };
  const bare: GateDetail = { ...folded, parts: "none" };
  const fewer = Array.from({ length: all }, (_, index) => ({ ...bare, kinds: all - 1 - index }));
  return [whole, noHealthy, folded, bare, ...fewer];
}

/** Everything that a gate says on the page of its run, in the order in which a person wants to know it. */
export function gateBlocks(
  report: Report,
  gate: Gate,
  found: readonly Finding[],
  detail: GateDetail,
): RootContent[] {
  return [
    paragraph([text(standing(gate))]),
    ...wrong(found, detail),
    ...(detail.healthy ? notes(found) : []),
    ...checks(gate, detail),
    ...picture(gate, detail),
    ...basis(report, gate),
  ];
}

/** The findings of a gate: those of its checks, and those of the run that none of them has. */
export function findingsOf(gate: Gate, ofRun: readonly Finding[]): Finding[] {
  const own = gate.checks.flatMap((check) => check.findings);
  const known = new Set(own.map((finding) => JSON.stringify(finding)));
  return [...own, ...ofRun.filter((finding) => !known.has(JSON.stringify(finding)))];
}

/** `12 checks: 9 passed, 2 failed, 1 could not be looked at.` */
function standing({ checks: all }: Gate): string {
  const words = {
    pass: "passed",
    fail: "failed",
    warn: "warned",
    unknown: "could not be looked at",
  } as const;
  const counted = (Object.keys(words) as Check["result"][]).flatMap((result) => {
    const count = all.filter((check) => check.result === result).length;
    return count > 0 ? [`${count} ${words[result]}`] : [];
  });
  const many = `${all.length} ${all.length === 1 ? "check" : "checks"}`;
  return counted.length === 0 ? "Nothing was checked." : `${many}: ${counted.join(", ")}.`;
}

/** Findings by kind, errors first; notes are none of them. */
function kindsOf(found: readonly Finding[]): Kind[] {
  const kinds = new Map<string, [Finding, ...Finding[]]>();
  const sorted = (["error", "warning"] as const).flatMap((severity) =>
    found.filter((finding) => finding.severity === severity),
  );
  for (const finding of sorted) {
    const { id, severity, remedy, link: url = "", unread = false, pending = false } = finding;
    const key = JSON.stringify([id, severity, remedy, url, unread, pending]);
    const kind = kinds.get(key);
    if (kind) kind.push(finding);
    else kinds.set(key, [finding]);
  }
  return [...kinds.values()];
}

function wrong(found: readonly Finding[], detail: GateDetail): RootContent[] {
  const kinds = kindsOf(found);
  if (kinds.length === 0) return [];
  const shown = kinds.slice(0, detail.kinds);
  const left = kinds.slice(detail.kinds).flat().length;
  const children = shown.map((kind) => item(kind, detail));
  return [
    heading(4, "What is wrong and how to mend it"),
    ...(children.length > 0 ? [{ type: "list" as const, ordered: true, spread: true, children }] : []),
    ...leftOut(left, kinds.flat().length),
  ];
}

function item(kind: Kind, { alike }: GateDetail): ListItem {
  const [first] = kind;
  const icon = first.unread ? icons.unknown : first.severity === "error" ? icons.fail : icons.warn;
  const mending = [strong("What to do:"), text(" "), ...phrases(first.remedy)];
  if (first.link) mending.push(text(" "), link(first.link, "Read on"));
  if (first.pending) mending.push(...phrases(" It may also pass by itself, for which `wait-for` waits."));
  const rule = [text(" (rule "), code(first.id), text(`, ${first.source})`)];
  const rest = kind.length === 1 ? [] : members(kind, alike);
  const children: ListItem["children"] = [
    paragraph([text(`${icon} `), ...head(kind)]),
    ...rest,
    paragraph([...mending, ...rule]),
  ];
  return { type: "listItem", spread: true, children };
}

/** What was seen; of several that saw the same, how many there are and what that is. */
function head(kind: Kind): PhrasingContent[] {
  const [first] = kind;
  if (kind.length === 1) return saw(first);
  const count = strong(`${kind.length.toLocaleString("en")} times`);
  return seenByAll(kind) ? [count, text(": "), ...phrases(first.seen)] : [count, text(":")];
}

function seenByAll(kind: Kind): boolean {
  return kind.every(({ seen, object }) => seen === kind[0].seen && object !== undefined);
}

function saw({ object, seen }: Finding): PhrasingContent[] {
  if (!object) return phrases(seen);
  // Most sentences begin with the object itself.
  if (seen.startsWith(object)) return [strong(object), ...phrases(seen.slice(object.length))];
  return [strong(object), text(": "), ...phrases(seen)];
}

/** Findings of one kind that stand open on the page; the rest unfolds. */
const open = 5;

function members(kind: Kind, alike: number): ListItem["children"] {
  const same = seenByAll(kind);
  const list = (findings: readonly Finding[]) => ({
    type: "list" as const,
    spread: false,
    children: findings.map((finding) => ({
      type: "listItem" as const,
      spread: false,
      children: [paragraph(same && finding.object ? [strong(finding.object)] : saw(finding))],
    })),
  });
  const shown = kind.slice(0, alike);
  const [above, below] = [shown.slice(0, open), shown.slice(open)];
  const left = kind.length - shown.length;
  return [
    list(above),
    ...(below.length > 0
      ? [
          {
            type: "html" as const,
            value: `<details><summary>${below.length.toLocaleString("en")} more</summary>`,
          },
          list(below),
          { type: "html" as const, value: "</details>" },
        ]
      : []),
    ...(left > 0
      ? [paragraph([text(`and ${left.toLocaleString("en")} more, which the JSON report has.`)])]
      : []),
  ];
}

function notes(found: readonly Finding[]): RootContent[] {
  const infos = found.filter((finding) => finding.severity === "info");
  if (infos.length === 0) return [];
  const children = infos.map((finding) => {
    const more = finding.remedy ? [text(" "), ...phrases(finding.remedy)] : [];
    const url = finding.link ? [text(" "), link(finding.link, "Read on")] : [];
    return {
      type: "listItem" as const,
      spread: false,
      children: [paragraph([...saw(finding), ...more, ...url])],
    };
  });
  return [heading(4, "Also seen"), { type: "list", spread: false, children }];
}

function checks({ checks: all }: Gate, { healthy }: GateDetail): RootContent[] {
  const subjects = [...new Set(all.map((check) => check.subject))];
  const rows = subjects.flatMap((subject) => {
    const own = all.filter((check) => check.subject === subject);
    const shown = own.filter((check) => healthy || check.result !== "pass");
    if (shown.length === 0) return [];
    const ids = shown.map((check) => `${icons[check.result]} \`${check.id}\``).join(", ");
    const passed = own.length - shown.length;
    return [[`${icons[worst(own)]} ${subject}`, passed > 0 ? `${ids}, ${passed} passed` : ids]];
  });
  const well = subjects.length - rows.length;
  const note = well > 0 ? [paragraph([text(`All checks of ${well} other subjects passed.`)])] : [];
  return [
    heading(4, "Checks by subject"),
    ...(rows.length > 0 ? [table(["Subject", "Checks"], rows)] : []),
    ...note,
  ];
}

function worst(all: readonly Check[]): Check["result"] {
  const order: readonly Check["result"][] = ["fail", "warn", "unknown", "pass"];
  return order.find((result) => all.some((check) => check.result === result)) ?? "unknown";
}

function picture({ parts }: Gate, { parts: how }: GateDetail): RootContent[] {
  if (how === "none" || parts.length === 0) return [];
  if (how === "picture") return [{ type: "code", lang: "mermaid", value: mermaid(parts) }];
  const rows = parts.map(({ kind, name, state, health }) => [`${icons[health]} ${kind}`, name, state]);
  return [table(["Part", "Name", "State"], rows)];
}

/** Versions, how it was judged, and where to look closer. */
function basis(
  { target, extensionVersion, latestVersion }: Report,
  { way, diagnostics }: Gate,
): RootContent[] {
  const newest = latestVersion
    ? text(latestVersion === extensionVersion ? ", the newest" : `, newest ${latestVersion}`)
    : text("");
  const version = extensionVersion
    ? [
        text("Extension "),
        code(target.extensionName ?? "azureml"),
        text(` ${extensionVersion}`),
        newest,
        text(". "),
      ]
    : [];
  const judged = way
    ? `The cluster was read by ${way}.`
    : "Azure alone was asked: what runs in the cluster was not looked at.";
  const collected: RootContent[] = diagnostics
    ? [
        paragraph([
          text("For a closer look: "),
          code(diagnostics),
          text(" holds descriptions, events and logs; keep it with "),
          code("upload-artifact"),
          text("."),
        ]),
      ]
    : [];
  return [paragraph([...version, text(judged)]), ...collected];
}

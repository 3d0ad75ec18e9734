import type { Part } from "../model/gate.ts";
import { cut } from "./budget.ts";

/** Nodes that a picture has at most: more can't be read any more. */
const most = 40;
/** Healthy workloads that are drawn each; more of them become one node. */
const mostHealthy = 6;
/** Characters of a line that are drawn. */
const longest = 48;

type Health = Part["health"];

/** The signs of a health or a result, so that nobody has to tell colours apart. */
export const icons: Readonly<Record<Health, string>> = { pass: "✅", warn: "⚠️", fail: "❌", unknown: "❔" };
const worstFirst: readonly Health[] = ["fail", "warn", "unknown", "pass"];
/** GitHub's own colours of success, attention and danger; dark text, since the boxes stay light on a dark page. */
const styles: Readonly<Record<Health, string>> = {
  pass: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
  warn: "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
  fail: "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
  unknown: "fill:#eaeef2,stroke:#59636e,color:#1f2328,stroke-dasharray:4 3",
};
const chain = ["workspace", "compute", "cluster", "extension"] as const;

/** A box of the picture. */
interface Box {
  readonly health: Health;
  readonly lines: readonly string[];
}

/** The chain from the workspace to what runs in the cluster, as a Mermaid flowchart coloured by health. */
export function mermaid(parts: readonly Part[]): string {
  const columns = drawn(parts).filter((column) => column.length > 0);
  const boxes = columns.flat();
  const id = new Map(boxes.map((box, index) => [box, `n${index}`]));
  const edges = columns
    .slice(1)
    .flatMap((column, index) =>
      (columns[index] ?? []).flatMap((from) => column.map((to) => `  ${id.get(from)} --> ${id.get(to)}`)),
    );
  const present = worstFirst.filter((health) => boxes.some((box) => box.health === health));
  return [
    "flowchart LR",
    ...boxes.map((box) => `  ${id.get(box)}["${caption(box)}"]:::${box.health}`),
    ...edges,
    ...present.map((health) => `  classDef ${health} ${styles[health]}`),
  ].join("\n");
}

/** The boxes of the picture, column by column: the chain in its order, then what runs, the worst first. */
function drawn(parts: readonly Part[]): Box[][] {
  // Of each link there is one, as a rule; a picture of many has to end somewhere.
  const columns = chain.map((kind) =>
    fold(
      parts.filter((part) => part.kind === kind),
      5,
    ),
  );
  const leaves = parts.filter(({ kind }) => kind === "workload" || kind === "router");
  const healthy = leaves.filter((part) => part.health === "pass" && part.kind === "workload");
  const together = healthy.length > mostHealthy ? healthy : [];
  const apart = leaves.filter((part) => !together.includes(part));
  const room = most - columns.flat().length - (together.length > 0 ? 1 : 0);
  return [...columns, [...fold(apart, room), ...boxOf(together)]];
}

/** A box for each part, the worst first; those that are too many share one with all of their health. */
function fold(parts: readonly Part[], room: number): Box[] {
  const sorted = worstFirst.flatMap((health) => parts.filter((part) => part.health === health));
  const kept = sorted.slice(0, sorted.length > room ? room - worstFirst.length : room);
  const rest = sorted.slice(kept.length);
  const groups = worstFirst.map((health) => rest.filter((part) => part.health === health));
  const own = kept.map(({ health, kind, name, state }) => ({ health, lines: [kind, name, state] }));
  return [...own, ...groups.flatMap(boxOf)];
}

const together: Readonly<Record<Health, string>> = {
  pass: "healthy",
  warn: "with warnings",
  fail: "failing",
  unknown: "not read",
};

/** One box for parts of one health; none for none. */
function boxOf(parts: readonly Part[]): Box[] {
  const [first] = parts;
  if (!first) return [];
  const kind = parts.every((part) => part.kind === first.kind) ? first.kind : "part";
  const count = `${parts.length.toLocaleString("en")} ${kind}${parts.length === 1 ? "" : "s"}`;
  return [{ health: first.health, lines: [count, together[first.health]] }];
}

function caption({ health, lines: [first = "", ...more] }: Box): string {
  const lines = [`${icons[health]} ${first}`, ...more].filter(Boolean);
  return lines.map((line) => harmless(cut(line, longest))).join("<br/>");
}

/**
 * Text of others in a label. Mermaid takes quotes, brackets and `;` for its own, a leading `1.` or `-` for a Markdown
 * list, which it refuses, and `end` for a keyword where no quotes are; as character codes all of it is text (Mermaid,
 * "Entity codes to escape characters"). Two dollar signs make a formula even so.
 */
function harmless(value: string): string {
  return value
    .replace(/\$+/g, "$")
    .replace(/[^A-Za-z0-9 ]/gu, (character) => `#${character.codePointAt(0)};`);
}

import type { PhrasingContent, Root, RootContent, Table } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { type Options, toMarkdown } from "mdast-util-to-markdown";

/** The writer escapes what begins a tag; `<0@0>` would be a link to a mailbox. */
const noMailbox: Options = { unsafe: [{ character: "<", after: "\\S", inConstruct: "phrasing" }] };

/** Blocks as GitHub's Markdown. Aligned tables read well as they stand, but one long cell widens its whole column. */
export function render(children: readonly RootContent[], { aligned }: { aligned: boolean }): string {
  const root: Root = { type: "root", children: [...children] };
  const extensions = [gfmTableToMarkdown({ tablePipeAlign: aligned }), noMailbox];
  return toMarkdown(root, { extensions, bullet: "-" });
}

/** A table. What stands between backticks in a cell is code. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): Table {
  const row = (cells: readonly string[]) => ({
    type: "tableRow" as const,
    children: cells.map((cell) => ({ type: "tableCell" as const, children: phrases(cell) })),
  });
  return { type: "table", children: [row(head), ...rows.map(row)] };
}

/** A heading. */
export function heading(depth: 3 | 4, value: string): RootContent {
  return { type: "heading", depth, children: [text(value)] };
}

/** A paragraph. */
export function paragraph(children: PhrasingContent[]): RootContent & { type: "paragraph" } {
  return { type: "paragraph", children };
}

/** What stands between backticks is code, as in the remedies. */
export function phrases(value: string): PhrasingContent[] {
  return value
    .split(/`([^`]+)`/)
    .map((part, index): PhrasingContent => (index % 2 === 1 ? code(part) : text(part)))
    .filter((node) => "value" in node && node.value !== "");
}

/** Words that stand out. */
export function strong(value: string): PhrasingContent {
  return { type: "strong", children: [text(value)] };
}

/** Plain words. */
export function text(value: string): PhrasingContent {
  return { type: "text", value: unbroken(value) };
}

/** A name, an id, a path. */
export function code(value: string): PhrasingContent {
  return { type: "inlineCode", value: unbroken(value) };
}

/** A link. */
export function link(url: string, value: string): PhrasingContent {
  return { type: "link", url, children: [text(value)] };
}

/** A line break could start a block of its own. */
function unbroken(value: string): string {
  return value.replace(/\s+/g, " ");
}

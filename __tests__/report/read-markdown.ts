import type { Nodes, Paragraph } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString as textOf } from "mdast-util-to-string";

/** A page as a reader of Markdown takes it. */
export interface Page {
  /** The text of every block that is no table, in order. */
  readonly blocks: readonly string[];
  /** The text of every cell, by table and row; the line under the head is left out. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** Every kind of node that the page holds, text and tables apart. */
  readonly kinds: ReadonlySet<string>;
  readonly links: readonly string[];
}

/**
 * Reads a page back. The parser knows no tables, so that one comes as a paragraph whose lines begin with a bar;
 * its cells are cut as GitHub cuts them, at every bar that no backslash stands before.
 */
export function readMarkdown(markdown: string): Page {
  const blocks: string[] = [];
  const tables: string[][][] = [];
  const kinds = new Set<string>();
  const links: string[] = [];
  const look = (node: Nodes) => {
    if (node.type !== "text") kinds.add(node.type);
    if (node.type === "link") links.push(node.url);
    if ("children" in node) node.children.forEach(look);
  };
  // A cell holds no blocks: behind a letter nothing in it can begin one.
  const cellText = (cell: string) => {
    const root = fromMarkdown(`a ${cell}`);
    for (const block of root.children) if (block.type === "paragraph") block.children.forEach(look);
    return textOf(root).slice(1).trim();
  };
  for (const block of fromMarkdown(markdown).children) {
    const source = markdown.slice(block.position?.start.offset, block.position?.end.offset);
    if (isTable(block, source)) {
      const rows = source.split("\n").filter((_, index) => index !== 1);
      tables.push(rows.map((row) => cellsOf(row).map(cellText)));
    } else {
      look(block);
      blocks.push(textOf(block));
    }
  }
  return { blocks, tables, kinds, links };
}

function isTable(block: Nodes, source: string): block is Paragraph {
  return block.type === "paragraph" && source.startsWith("|") && /^\|[ :|-]+\|$/m.test(source);
}

function cellsOf(row: string): string[] {
  const cells = [""];
  for (const unit of row.match(/\\[\s\S]|[\s\S]/g) ?? []) {
    if (unit === "|") cells.push("");
    else cells[cells.length - 1] += unit === "\\|" ? "|" : unit;
  }
  return cells.slice(1, -1).map((cell) => cell.trim());
}

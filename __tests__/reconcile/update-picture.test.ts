import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { phases } from "../../src/model/journal.ts";

const docs = readFileSync(path.join(import.meta.dirname, "../../docs/UPDATE.md"), "utf8");
const picture = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";
const arrows = [...picture.matchAll(/^ {2}(\S+) --> ([^\s:]+)/gm)].map(([, from, to]) => [from, to]);

test("the picture of the journal has its phases, and no others (issue 5)", () => {
  const shown = new Set(arrows.flat().filter((state) => state !== "[*]"));
  expect([...shown].sort()).toEqual([...phases].sort());
});

test("the picture leads from each phase to the next, and out of the last", () => {
  const way = ["[*]", ...phases, "[*]"];
  for (const [index, to] of way.slice(1).entries()) expect(arrows).toContainEqual([way[index], to]);
});

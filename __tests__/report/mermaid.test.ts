import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Part } from "../../src/model/gate.ts";
import { mermaid } from "../../src/report/mermaid.ts";
import { parts } from "./gates.ts";

const workload = (name: string, health: Part["health"] = "pass"): Part => ({
  kind: "workload",
  name,
  health,
  state: "",
});
const many = (count: number, health: Part["health"], kind: Part["kind"] = "workload") =>
  Array.from({ length: count }, (_, number) => ({ ...workload(`w${number}`, health), kind }));

/** The boxes and arrows of a picture, read back; a line that is neither is an error. */
function read(picture: string) {
  const [head, ...lines] = picture.split("\n");
  expect(head).toBe("flowchart LR");
  const boxes = new Map<string, { lines: string[]; health: string }>();
  const arrows: string[] = [];
  const styled: string[] = [];
  for (const line of lines) {
    const box = /^ {2}(n\d+)\["((?:[A-Za-z0-9 ]|#\d+;|<br\/>)*)"\]:::([a-z]+)$/.exec(line);
    const arrow = /^ {2}(n\d+) --> (n\d+)$/.exec(line);
    const style = /^ {2}classDef ([a-z]+) [-a-z0-9:#, ]+$/.exec(line);
    if (box)
      boxes.set(box[1] ?? "", { lines: (box[2] ?? "").split("<br/>").map(decoded), health: box[3] ?? "" });
    else if (arrow) arrows.push(`${arrow[1]} ${arrow[2]}`);
    else if (style) styled.push(style[1] ?? "");
    else throw new Error(`no Mermaid: ${line}`);
  }
  return { boxes, arrows, styled };
}

function decoded(label: string): string {
  return label.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

const titles = (picture: string) => [...read(picture).boxes.values()].map(({ lines }) => lines.join(" | "));

describe("the picture of a cluster", () => {
  test("goes from the workspace to what runs", () => {
    const given = parts({ gateway: { health: "fail", state: "0 of 1 ready" } });
    const { boxes, arrows, styled } = read(mermaid([...given].reverse()));
    expect(
      [...boxes.values()].map(({ lines, health }) => `${health}: ${lines.slice(0, 2).join(" ")}`),
    ).toEqual([
      "pass: ✅ workspace ws1",
      "pass: ✅ compute gpu",
      "pass: ✅ cluster aks1",
      "pass: ✅ extension azureml",
      "fail: ❌ workload gateway",
      "pass: ✅ router azureml-fe",
      "pass: ✅ 8 workloads healthy",
    ]);
    expect(arrows).toEqual(["n0 n1", "n1 n2", "n2 n3", "n3 n4", "n3 n5", "n3 n6"]);
    expect(styled.sort()).toEqual(["fail", "pass"]);
  });

  test("skips the links that were not looked at", () => {
    const { boxes, arrows } = read(
      mermaid([{ ...workload("aks1"), kind: "cluster" }, workload("gateway", "warn")]),
    );
    expect([...boxes.keys()]).toEqual(["n0", "n1"]);
    expect(arrows).toEqual(["n0 n1"]);
  });

  test("draws healthy workloads each while they are few", () => {
    expect(titles(mermaid(many(6, "pass")))).toHaveLength(6);
    expect(titles(mermaid(many(7, "pass")))).toEqual(["✅ 7 workloads | healthy"]);
  });

  test("of 2,000 failing pods shows some, the worst first, and counts the others", () => {
    const shown = titles(mermaid([...many(5, "warn"), ...many(2_000, "fail"), ...many(9, "pass")]));
    expect(shown.length).toBeLessThanOrEqual(40);
    expect(shown.filter((title) => title.startsWith("❌ workload"))).toHaveLength(shown.length - 3);
    expect(shown.slice(-3)).toEqual([
      `❌ ${(2_000 - shown.length + 3).toLocaleString("en")} workloads | failing`,
      "⚠️ 5 workloads | with warnings",
      "✅ 9 workloads | healthy",
    ]);
  });

  test("never has more than 40 boxes and 500 arrows, at which Mermaid stops", () => {
    const kinds = ["workspace", "compute", "cluster", "extension", "workload", "router"] as const;
    const healths = ["pass", "warn", "fail", "unknown"] as const;
    const group = fc.tuple(fc.nat(80), fc.constantFrom(...healths), fc.constantFrom(...kinds));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 8 }), (groups) => {
        const all = groups.flatMap(([count, health, kind]) => many(count, health, kind));
        const { boxes, arrows } = read(mermaid(all));
        expect(boxes.size).toBeLessThanOrEqual(40);
        expect(arrows.length).toBeLessThanOrEqual(500);
        // Every part is in a box or counted in one.
        const counted = [...boxes.values()].map(
          ({ lines }) => /^\S+ ([\d,]+) /.exec(lines[0] ?? "")?.[1] ?? "1",
        );
        const sum = counted.reduce((total, count) => total + Number(count.replaceAll(",", "")), 0);
        expect(sum).toBe(all.length);
      }),
    );
  });
});

describe("names can't break the picture", () => {
  const nasty = fc.constantFrom(
    '"',
    "]",
    '"]',
    "[",
    ";",
    "end",
    "`",
    "1. ",
    "- ",
    "#quot;",
    "#35;",
    "%%",
    "{{",
    "}}",
    ":::",
    "-->",
    "|",
    "\n",
    "<script>",
    "<br/>",
    "&lt;",
    "$$",
    "\\",
    "\u0000",
    "名",
    "🎉",
  );
  const name = fc.array(fc.oneof(nasty, fc.string()), { maxLength: 6 }).map((pieces) => pieces.join(""));

  test("nothing but letters, digits, blanks and character codes stands in a label", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const { boxes } = read(mermaid([{ ...workload(one), state: other }]));
        expect(boxes.size).toBe(1);
      }),
    );
  });

  test("what is short enough can be read as it was", () => {
    expect(titles(mermaid([workload('1. "x"; <b>`y`</b> #1;')]))).toEqual([
      '✅ workload | 1. "x"; <b>`y`</b> #1;',
    ]);
    expect(titles(mermaid([workload("x".repeat(100))]))).toEqual([`✅ workload | ${"x".repeat(47)}…`]);
  });

  test("two dollar signs make no formula of it", () => {
    expect(titles(mermaid([workload("$$x^2$$")]))).toEqual(["✅ workload | $x^2$"]);
  });
});

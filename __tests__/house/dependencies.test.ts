import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";

const root = path.join(import.meta.dirname, "..", "..");
const require = createRequire(import.meta.url);

/** Each place of the house, with a file that stands in it. */
const places = {
  model: "src/model/planted.ts",
  rules: "src/rules/planted.ts",
  azure: "src/azure/planted.ts",
  kubernetes: "src/kubernetes/planted.ts",
  report: "src/report/planted.ts",
  reconcile: "src/reconcile/planted.ts",
  actions: "src/actions/planted.ts",
  console: "src/console/planted.ts",
  entries: "src/entries/planted.ts",
  host: "src/host/planted.ts",
  "host/github": "src/host/github.ts",
  "host/check-run": "src/host/check-run.ts",
  "host/azure-pipelines": "src/host/azure-pipelines.ts",
  emulator: "emulator/planted.ts",
  "emulator/arm": "emulator/arm/planted.ts",
  "a folder in model": "src/model/deep/planted.ts",
  "a folder in azure": "src/azure/deep/planted.ts",
} as const;
type Place = keyof typeof places;

/** What each may know of the house (design 3): arrows point down only. */
const below = {
  model: [],
  rules: ["model"],
  azure: ["model"],
  kubernetes: ["model", "azure"],
  report: ["model"],
  reconcile: ["model", "rules", "azure", "kubernetes", "report"],
  actions: ["model", "rules", "azure", "kubernetes", "report", "reconcile"],
  console: ["model", "actions", "host"],
  entries: ["actions", "console", "host", "host/github", "host/azure-pipelines"],
  host: ["model"],
  "host/github": ["model"],
  "host/check-run": ["model"],
  "host/azure-pipelines": ["model"],
} satisfies Partial<Record<Place, readonly Place[]>>;
type Room = keyof typeof below;
const rooms = Object.keys(below) as Room[];

/** How a file writes the way to another. */
function way(from: Place, to: string): string {
  const relative = path.posix.relative(path.posix.dirname(places[from]), to);
  return relative.startsWith(".") ? relative : `./${relative}`;
}

type Import = readonly [from: Place, module: string];
const knows = (from: Place, to: Place): Import => [from, way(from, places[to])];
const inputAndOutput = ["fs", "fs/promises", "http", "https", "net", "child_process", "process"];

const forbidden: readonly Import[] = [
  ...rooms.flatMap((from) => {
    const mayKnow: readonly Place[] = below[from];
    // Entries put the house together: what they may know of it, no rule says but that they know no package.
    const others = from === "entries" ? [] : rooms.filter((to) => to !== from && !mayKnow.includes(to));
    const inside = others.filter((to) => !(from.startsWith("host") && to.startsWith("host")));
    return inside.map((to) => knows(from, to));
  }),
  ...rooms.flatMap((from): Import[] => [
    knows(from, "emulator"),
    [from, way(from, "__tests__/support/scene.ts")],
  ]),
  ...rooms.filter((from) => from !== "azure").map((from): Import => [from, "@azure/identity"]),
  ...rooms
    .filter((from) => from !== "host/github" && from !== "host/check-run")
    .flatMap((from): Import[] => [
      [from, "@actions/core"],
      [from, "@actions/github"],
    ]),
  ...rooms
    .filter((from) => from !== "host/azure-pipelines")
    .map((from): Import => [from, "azure-pipelines-task-lib"]),
  ...(["model", "rules"] as const).flatMap((from) =>
    inputAndOutput.map((module): Import => [from, `node:${module}`]),
  ),
  ...(["emulator", "emulator/arm"] as const).flatMap((from): Import[] => [
    knows(from, "model"),
    knows(from, "azure"),
    [from, "@azure/core-rest-pipeline"],
    [from, "@actions/core"],
  ]),
  knows("a folder in model", "azure"),
  knows("a folder in azure", "actions"),
];

const allowed: readonly Import[] = [
  ...rooms.flatMap((from) => below[from].map((to) => knows(from, to))),
  ...rooms.map((from): Import => [from, way(from, "src/host/host.ts")]),
  ["azure", "@azure/identity"],
  ["host/github", "@actions/core"],
  ["host/check-run", "@actions/github"],
  ["host/azure-pipelines", "azure-pipelines-task-lib"],
  ["rules", "node:util"],
  ["report", "node:crypto"],
  ["emulator", "node:http"],
];

/** The ways in which one module comes to know another, each on a line of its own. */
const forms = {
  import: (module: string, n: number) => `import * as planted${n} from "${module}";`,
  "import type": (module: string, n: number) => `import type * as Planted${n} from "${module}";`,
  export: (module: string) => `export * from "${module}";`,
  "import()": (module: string, n: number) => `export const lazy${n} = () => import("${module}");`,
};
const lines = [...forbidden, ...allowed].flatMap(([from, module]) =>
  Object.entries(forms).map(([form, write], n) => ({ from, module, form, write, n })),
);

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** Runs the linter with the house's own rules over a tree that is not the house. */
function lint(rule: string, files: ReadonlyMap<string, readonly string[]>): Diagnostic[] {
  const folder = mkdtempSync(path.join(tmpdir(), "house-"));
  try {
    // The tree is in no repository, so that there is no ignore file to read.
    const rules = JSON.parse(readFileSync(path.join(root, "biome.json"), "utf8")) as { vcs: object };
    writeFileSync(path.join(folder, "biome.json"), JSON.stringify({ ...rules, vcs: { enabled: false } }));
    for (const [file, content] of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), `${content.join("\n")}\n`);
    }
    const program = path.join(path.dirname(require.resolve("@biomejs/biome/package.json")), "bin", "biome");
    const args = ["lint", `--only=${rule}`, "--reporter=json", "--max-diagnostics=none", "."];
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    const report = /^\{.*\}/m.exec(stdout)?.[0];
    if (!report) throw new Error(`the linter reported nothing: ${stdout}${stderr}`);
    return (JSON.parse(report) as { diagnostics: Diagnostic[] }).diagnostics;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the linter keeps the arrows pointing down (design 3)", () => {
  const reported = new Set<string>();
  const nameOf = (one: { from: Place; module: string; form: string }) =>
    `${one.from} ${one.form} ${one.module}`;

  beforeAll(() => {
    const files = new Map<string, string[]>();
    const meant = new Map<string, string>();
    for (const one of lines) {
      const file = places[one.from];
      const content = files.get(file) ?? [];
      content.push(one.write(one.module, content.length));
      files.set(file, content);
      meant.set(`${file}:${content.length}`, nameOf(one));
    }
    for (const { category, location } of lint("style/noRestrictedImports", files)) {
      const name = meant.get(`${location.path}:${location.start.line}`);
      if (category !== "lint/style/noRestrictedImports" || !name)
        throw new Error(`the linter says ${category}`);
      reported.add(name);
    }
  });

  test.each(forbidden)("%s must not know %s", (from, module) => {
    const passed = Object.keys(forms).filter((form) => !reported.has(nameOf({ from, module, form })));
    expect(passed).toEqual([]);
  });

  test.each(allowed)("%s may know %s", (from, module) => {
    const refused = Object.keys(forms).filter((form) => reported.has(nameOf({ from, module, form })));
    expect(refused).toEqual([]);
  });
});

test("the linter refuses modules that know each other in a circle", () => {
  const files = new Map([
    ["src/model/one.ts", ['import { two } from "./two.ts";', "export const one = () => two;"]],
    ["src/model/two.ts", ['import { one } from "./one.ts";', "export const two = () => one;"]],
  ]);
  const found = lint("suspicious/noImportCycles", files);
  expect(found.map(({ location }) => location.path).sort()).toEqual(["src/model/one.ts", "src/model/two.ts"]);
});

describe("doors are thin (style)", () => {
  const folder = path.join(root, "src", "entries");
  const entries = readdirSync(folder).map(
    (name) => [name, readFileSync(path.join(folder, name), "utf8")] as const,
  );

  // The index has a line for each of the others, and nothing else.
  test("src/entries/index.ts lists entries", () => {
    const index = entries.find(([name]) => name === "index.ts")?.[1] ?? "";
    for (const line of index.trimEnd().split("\n")) expect(line).toMatch(/^export \{ \w+ \} from ".+";$/);
  });

  test.each(entries.filter(([name]) => name !== "index.ts"))(
    "src/entries/%s has at most 15 lines",
    (_name, content) => {
      expect(content.trimEnd().split("\n").length).toBeLessThanOrEqual(15);
    },
  );

  test.each(["attach", "detach"])(
    "%s has a door, an entry, and nothing else beside the door but its page",
    (action) => {
      expect(entries.map(([name]) => name)).toContain(`${action}.ts`);
      const beside = readdirSync(path.join(root, action)).filter((name) => name !== "README.md");
      expect(beside).toEqual(["action.yml"]);
    },
  );
});

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Project } from "./project.ts";

let project: Project;
const build = (...args: string[]) => project.run("scripts/build.mjs", ...args);

const SOURCES = {
  "src/entries/index.ts": `export { listVersions } from "./list-versions.ts";\nexport const core = async () => "core";\n`,
  "src/entries/console.ts": `
    export async function console(load: () => Promise<unknown>): Promise<void> {
      process.stdout.write(process.argv[2] === "--help" ? "help" : String(await load()));
    }`,
  "src/entries/list-versions.ts": `
    import { tiny } from "tiny";
    export async function listVersions(): Promise<void> {
      const { late } = await import("../late.ts");
      console.log(tiny(), late());
    }`,
  "src/late.ts": `/** A comment. */\nexport function late(): string {\n  return "late";\n}\n`,
  "emulator/index.ts": `
    export async function cli(args: string[]): Promise<void> { console.log(args.join()); }
    export async function demo(): Promise<void> { console.log("demo"); }`,
  "page/index.html":
    '<meta content="{{script-hash}} {{style-hash}}"><style>/*style*/</style><script>/*script*/</script>\n',
  "page/main.ts": `import { tiny } from "tiny";\nconst shown: string = tiny();\ndocument.title = shown;\n`,
  "page/style.css": "body {\n  margin: 0;\n}\n",
  "node_modules/tiny/index.js": `exports.tiny = function tiny() { return "tiny"; };\n`,
  "node_modules/tiny/index.d.ts": "export function tiny(): string;\n",
  "node_modules/tiny/package.json": `{ "name": "tiny", "version": "1.2.3", "license": "MIT" }\n`,
  "node_modules/tiny/LICENSE": "Do what\r\nyou want.\r\n",
};

function create(): Project {
  const created = new Project({
    script: "scripts/build.mjs",
    packages: ["@esbuild", "@swc", "@types", "@vercel", "esbuild", "typescript"],
    copies: ["scripts/page.mjs", "package.json", "tsconfig.json", "tsconfig.build.json"],
  });
  for (const [file, content] of Object.entries(SOURCES)) created.write(file, content);
  return created;
}

beforeAll(() => {
  project = create();
  expect(build()).toMatchObject({ status: 0 });
});
afterAll(() => project.remove());

/** What one of the built entries prints. */
function print(entry: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(project.folder, "dist", entry), ...args],
    {
      encoding: "utf8",
    },
  );
  return stdout + stderr;
}

test("one entry file of two lines for each action, over one bundle", () => {
  expect(project.read("dist/list-versions.js")).toBe(
    `import { listVersions } from "./azureml-clusters/index.js";\nawait listVersions();\n`,
  );
  expect(print("list-versions.js")).toBe("tiny late\n");
  expect(print("emulator.js", "--port", "1")).toBe("--port,1\n");
  expect(print("demo.js")).toBe("demo\n");
  expect(existsSync(path.join(project.folder, "dist/index.js"))).toBe(false);
});

test("the console is a command of the shell, and has the actions only where it asks for them", () => {
  expect(project.read("dist/console.js")).toMatch(/^#!\/usr\/bin\/env node\nimport /);
  expect(statSync(path.join(project.folder, "dist/console.js")).mode & 0o111).toBe(0o111);
  expect(print("console.js")).toBe("core");
  renameSync(path.join(project.folder, "dist/azureml-clusters"), path.join(project.folder, "away"));
  expect(print("console.js", "--help")).toBe("help");
  renameSync(path.join(project.folder, "away"), path.join(project.folder, "dist/azureml-clusters"));
});

test("parts that are loaded late are minified too", () => {
  const chunk = readdirSync(path.join(project.folder, "dist/azureml-clusters")).find((file) =>
    /^\d/.test(file),
  );
  expect(project.read(`dist/azureml-clusters/${chunk}`)).not.toMatch(/\n.|comment/);
});

test("the licenses of everything bundled, with the line ends that git keeps", () => {
  expect(project.read("dist/azureml-clusters/licenses.txt")).toBe(
    "tiny 1.2.3, license MIT\n\nDo what\nyou want.\n",
  );
});

test("the fleet page in one file beside the bundle, with its hashes and licenses", () => {
  const page = project.read("dist/azureml-clusters/fleet-page.html");
  const [, style = "", script = ""] = /<style>(.*)<\/style><script>(.*)<\/script>/.exec(page) ?? [];
  expect(style).toContain("body{margin:0}");
  expect(script).not.toContain("import");
  expect(script).toContain("document.title=");
  for (const text of [script, style]) {
    expect(page).toContain(`sha256-${createHash("sha256").update(text).digest("base64")}`);
  }
  expect(page).toMatch(/<!--\ntiny 1\.2\.3, license MIT\n\nDo what\nyou want\.\n-->\n$/);
});

// ncc's own path goes into module ids, so this wants the same depth; a clone has ncc inside.
test("the same bytes in another folder, and --check says so", () => {
  const other = create();
  try {
    other.run("scripts/build.mjs");
    const bundle = "dist/azureml-clusters/index.js";
    expect(other.read(bundle)).toBe(project.read(bundle));
  } finally {
    other.remove();
  }
  expect(build("--check")).toMatchObject({ status: 0 });
});

test("--check names what differs, is missing or is left over", () => {
  const other = create();
  try {
    other.run("scripts/build.mjs");
    other.edit("dist/list-versions.js", "await", "void");
    other.write("dist/old.js", "");
    other.write("src/entries/extra.ts", "export async function extra() {}");
    other.edit("src/entries/index.ts", "export", `export { extra } from "./extra.ts";\nexport`);
    const { status, output } = other.run("scripts/build.mjs", "--check");
    expect(status).toBe(1);
    for (const file of ["list-versions.js", "old.js", "extra.js"]) {
      expect(output).toContain(`dist/${file} is not what the sources give`);
    }
  } finally {
    other.remove();
  }
});

test("a file that a bundle cannot hold is refused, and so is an entry without its function", () => {
  const other = create();
  try {
    const script =
      "export async function listVersions() {}\nconsole.log(new URL('../late.ts', import.meta.url));";
    other.write("src/entries/list-versions.ts", script);
    expect(other.run("scripts/build.mjs").output).toContain("find files by import.meta.dirname");
    other.write("src/entries/list-versions.ts", "export function listVersion() {}");
    other.edit("src/entries/index.ts", "listVersions", "listVersion");
    expect(other.run("scripts/build.mjs").output).toContain(
      "does not provide an export named 'listVersions'",
    );
  } finally {
    other.remove();
  }
});

/**
 * Builds dist/: TypeScript to JavaScript (build/), one bundle for all actions and one for the emulator, and an entry
 * file of two lines for each action. `--check` compares instead of writing: the same sources give the same bytes,
 * in any folder, under Node 20 and 24.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { minify, parse } from "@swc/core";
import { buildPage } from "./page.mjs";

/**
 * @typedef {{ name: string, input: string, mainFields: string[] }} Bundle
 * @typedef {{ resource?: string }} Module
 * @typedef {object} Bundled What ncc, which has no types, returns.
 * @property {string} code
 * @property {Record<string, { source: string | Buffer }>} assets
 * @property {{ compilation: { modules: Iterable<Module> } }} stats
 */
const require = createRequire(import.meta.url);
/** @type {(input: string, options: object) => Promise<Bundled>} */
const ncc = require("@vercel/ncc");

/** @type {Bundle[]} */
const BUNDLES = [
  // The ESM builds are smaller and start a fifth faster: unused parts of them fall away.
  { name: "azureml-clusters", input: "build/src/entries/index.js", mainFields: ["module", "main"] },
  // Of its own, so that a page of help starts at once; it is given the bundle above where a command needs it.
  { name: "console", input: "build/src/entries/console.js", mainFields: ["module", "main"] },
  // Not here: the ESM build of @peculiar/x509 has a top-level `URL`, which shadows the one that ncc's runtime uses.
  { name: "emulator", input: "build/emulator/index.js", mainFields: ["main"] },
];
/** A part that is loaded by a dynamic import. */
const CHUNK = /^\d+\.index\.js$/;
/** ncc's own package.json, and a script by which @azure/identity would open a browser: no runner has one. */
const STRAYS = ["package.json", "xdg-open"];
/** The folder of the package that a file belongs to. */
const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const ESM_PACKAGE = `${JSON.stringify({ type: "module" }, null, 2)}\n`;

// Module ids depend on paths relative to the working directory.
process.chdir(path.join(import.meta.dirname, ".."));
const folder = mkdtempSync(path.join(tmpdir(), "dist-"));
try {
  compile();
  for (const bundle of BUNDLES) await writeBundle(bundle);
  await writePage();
  writeEntries();
  if (process.argv.includes("--check")) compare();
  else publish();
} finally {
  rmSync(folder, { recursive: true });
}

function compile() {
  rmSync("build", { recursive: true, force: true });
  const typescript = require.resolve("typescript/package.json");
  const tsc = path.join(path.dirname(typescript), require(typescript).bin.tsc);
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
}

/** @param {Bundle} bundle */
async function writeBundle({ name, input, mainFields }) {
  const { code, assets, stats } = await ncc(path.resolve(input), { cache: false, quiet: true, mainFields });
  await writeScript(`${name}/index.js`, code);
  for (const [asset, { source }] of Object.entries(assets)) {
    if (CHUNK.test(asset)) await writeScript(`${name}/${asset}`, String(source));
    else if (!STRAYS.includes(asset)) {
      throw new Error(
        `${input} refers to a file that would become ${asset}; find files by import.meta.dirname`,
      );
    }
  }
  write(
    `${name}/licenses.txt`,
    licenses([...stats.compilation.modules].map(({ resource = "" }) => resource)),
  );
  write(`${name}/package.json`, ESM_PACKAGE);
}

/**
 * ncc leaves chunks as they are, so all scripts go through one minifier. Names of functions and classes stay: errors
 * are told apart by them.
 * @param {string} file
 * @param {string} source
 */
async function writeScript(file, source) {
  const keep = { keep_classnames: true, keep_fnames: true };
  const { code } = await minify(source, {
    module: true,
    ecma: 2022,
    compress: keep,
    mangle: keep,
    format: { comments: false },
  });
  write(file, await withEagerModules(code));
}

/**
 * Puts each module of a script in parentheses, which minifiers take away: V8 then compiles it with the script, and does
 * not parse it a second time when it is loaded. A step starts a quarter faster.
 * @param {string} code
 */
async function withEagerModules(code) {
  const program = await parse(code, { syntax: "ecmascript", target: "es2022" });
  const spans = modulesIn(program.body).map(({ start, end }) => [start, end]);
  // Spans count the bytes of all that was parsed before.
  const places = spans.flat().map((place) => place - program.span.start);
  const text = Buffer.from(code);
  const parts = [0, ...places].map((place, index) => text.subarray(place, places[index]).toString());
  return parts.map((part, index) => (index === 0 ? part : `${index % 2 === 1 ? "(" : ")"}${part}`)).join("");
}

/**
 * The functions of webpack's table of modules, in their order.
 * @param {unknown} node
 * @returns {{ start: number, end: number }[]}
 */
function modulesIn(node) {
  if (Array.isArray(node)) return node.flatMap(modulesIn);
  if (typeof node !== "object" || node === null) return [];
  const { type, key, value } = /** @type {{ type?: string, key?: any, value?: any }} */ (node);
  const isModule =
    type === "KeyValueProperty" &&
    key.type === "NumericLiteral" &&
    ["ArrowFunctionExpression", "FunctionExpression"].includes(value.type);
  return isModule ? [value.span] : Object.values(node).flatMap(modulesIn);
}

/** Beside the bundle that fills it, which reads it only where a page is asked for. */
async function writePage() {
  const { html, files } = await buildPage(process.cwd());
  // Each page that is made is a copy of what is in it, so it takes the licenses along.
  const notice = licenses(files).replaceAll("--", "\u2010\u2010");
  write("azureml-clusters/fleet-page.html", `${html.trimEnd()}\n<!--\n${notice}-->\n`);
}

/**
 * ncc's own list leaves out every module that webpack could join with another, which is nearly all of them.
 * @param {string[]} files
 */
function licenses(files) {
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []));
  const texts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
    const parts = files.sort().map((file) => readFileSync(path.join(folder, file), "utf8").trim());
    return [`${name} ${version}, license ${license}`, ...parts].join("\n\n").replaceAll("\r\n", "\n");
  });
  return `${[...new Set(texts)].sort().join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function writeEntries() {
  write("package.json", ESM_PACKAGE);
  const names = readdirSync("src/entries").map((file) => path.basename(file, ".ts"));
  for (const name of names.filter((name) => name !== "index" && name !== "console")) {
    writeEntry(name, "azureml-clusters", camelCase(name));
  }
  writeEntry(
    "console",
    "console",
    "console",
    'async () => (await import("./azureml-clusters/index.js")).core()',
  );
  // A command of the shell, which npm links to.
  write("console.js", `#!/usr/bin/env node\n${readFileSync(path.join(folder, "console.js"), "utf8")}`, 0o755);
  writeEntry("emulator", "emulator", "cli", "process.argv.slice(2)");
  writeEntry("demo", "emulator", "demo");
}

/**
 * Also shows that the bundle loads where there is no node_modules, and has that function.
 * @param {string} name
 * @param {string} bundle
 * @param {string} main
 */
function writeEntry(name, bundle, main, args = "") {
  write(`${name}.js`, `import { ${main} } from "./${bundle}/index.js";\nawait ${main}(${args});\n`);
  const url = pathToFileURL(path.join(folder, bundle, "index.js")).href;
  const script = `import { ${main} } from ${JSON.stringify(url)};\nif (typeof ${main} !== "function") throw ${main};`;
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
}

/** @param {string} name */
function camelCase(name) {
  return name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
}

/**
 * @param {string} file
 * @param {string} content
 */
function write(file, content, mode = 0o644) {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
  chmodSync(path.join(folder, file), mode);
}

function publish() {
  rmSync("dist", { recursive: true, force: true });
  cpSync(folder, "dist", { recursive: true });
  for (const [file, content] of readAll("dist")) {
    console.log(`${(content.length / 1000).toFixed(1).padStart(8)} kB  dist/${file}`);
  }
}

function compare() {
  const [built, present] = [readAll(folder), readAll("dist")];
  const all = [...new Set([...built.keys(), ...present.keys()])];
  const stale = all.filter((file) => built.get(file)?.equals(present.get(file) ?? Buffer.of()) !== true);
  for (const file of stale) console.error(`dist/${file} is not what the sources give`);
  console.log(
    stale.length > 0 ? "Run: npm run build" : `dist/ is what the sources give (${all.length} files)`,
  );
  if (stale.length > 0) process.exitCode = 1;
}

/** @param {string} root */
function readAll(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(
    files.map((file) => [path.relative(root, file).replaceAll(path.sep, "/"), readFileSync(file)]),
  );
}

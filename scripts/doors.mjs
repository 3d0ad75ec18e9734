/**
 * The action.yml files are the single source of what an action takes and gives. From them come src/model/doors.ts and
 * the tables in each README; here they are also held against each other. `--check` writes nothing and names what
 * would change.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parse } from "yaml";

/**
 * @typedef {{ description?: string, required?: boolean, default?: unknown }} Field
 * @typedef {Record<string, Field>} Fields
 * @typedef {{ inputs?: Fields, outputs?: Fields, runs: { using?: string, main?: string, post?: string } }} Manifest
 * @typedef {{ name: string, file: string, inputs: Fields, outputs: Fields, runs: Manifest["runs"] }} Door
 */
const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** What means something of its own in each action. Everything else is said once, in the same words everywhere. */
const MAY_DIFFER = [
  "input compute-name",
  "input file",
  "input github-token",
  "input tags",
  "input subscription-id",
  "input location",
  "input release-train",
  "input kubeconfig",
  "input allow-disruption",
  "output count",
  "output failed",
  "output state",
];
const DOORS = "src/model/doors.ts";
/** The form of the root action's file: a compute has the inputs that are not those of a run. */
const SCHEMA = "schemas/ensure.schema.json";
const OF_A_RUN = [
  ...[
    "client-id",
    "tenant-id",
    "azure-environment",
    "file",
    "prune",
    "dry-run",
    "preflight",
    "timeout",
    "wait",
  ],
  ...["report-path", "junit-path", "html-path", "github-token", "check-name"],
];
const LISTS = ["user-assigned-identities", "workloads", "api-server-authorized-ip-ranges"];
const MAPS = ["config", "config-protected", "tags"];
const checking = process.argv.includes("--check");

process.chdir(path.join(import.meta.dirname, ".."));
const doors = readDoors();
const problems = [...doors.flatMap(faults), ...drift("input"), ...drift("output")];
if (problems.length === 0) {
  bring(DOORS, typescript());
  for (const door of doors) bringReadme(door);
  const root = doors.find(({ file }) => file === "action.yml");
  if (root && existsSync(SCHEMA)) bring(SCHEMA, schema(root));
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${doors.length} actions, ${checking ? "nothing to change" : "written"}`);

function readDoors() {
  const files = [".", ...readdirSync(".").sort()].map((folder) => path.posix.join(folder, "action.yml"));
  return files.filter(existsSync).map((file) => {
    /** @type {Manifest} */
    const { inputs = {}, outputs = {}, runs } = parse(readFileSync(file, "utf8"));
    const name = file === "action.yml" ? path.basename(runs.main ?? "", ".js") : path.dirname(file);
    return { name, file, inputs, outputs, runs };
  });
}

/** @param {Door} door */
function faults({ name, file, inputs, outputs, runs }) {
  const dist = file === "action.yml" ? "dist" : "../dist";
  const main = `${dist}/${name}.js`;
  const post = runs.post && path.basename(runs.post, ".js");
  const found = Object.entries({ ...inputs, ...outputs }).flatMap(
    ([field, { description, default: value }]) => [
      ...(KEBAB_CASE.test(field) ? [] : [`${field} is not kebab-case`]),
      ...(description ? [] : [`${field} has no description`]),
      ...(value === undefined || typeof value === "string"
        ? []
        : [`the default of ${field} is not in quotes`]),
    ],
  );
  if (runs.using !== "node24") found.push(`runs.using is ${runs.using}, not node24`);
  if (runs.main !== main) found.push(`runs.main is ${runs.main}, not ${main}`);
  if (post && (runs.post !== `${dist}/${post}.js` || !existsSync(`src/entries/${post}.ts`))) {
    found.push(`runs.post is ${runs.post}, not ${dist}/<name of a file of src/entries>.js`);
  }
  return found.map((fault) => `${file}: ${fault}`);
}

/**
 * @param {"input" | "output"} kind
 * @returns {string[]}
 */
function drift(kind) {
  /** @type {Map<string, { file: string, field: Field }>} */
  const seen = new Map();
  const fields = doors.flatMap(({ file, ...door }) =>
    Object.entries(door[`${kind}s`]).map(([name, field]) => ({ name, file, field })),
  );
  return fields.flatMap(({ name, file, field }) => {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, { file, field });
    if (first === undefined || MAY_DIFFER.includes(`${kind} ${name}`)) return [];
    const other = /** @type {const} */ (["description", "default"]).filter(
      (key) => first.field[key] !== field[key],
    );
    return other.map((key) => `${file}: the ${key} of ${kind} ${name} is not that of ${first.file}`);
  });
}

function typescript() {
  const data = doors.map(({ name, inputs, outputs }) => [
    name,
    { inputs: typed(inputs), outputs: Object.keys(outputs) },
  ]);
  const source = `// generated by scripts/doors.mjs from the action.yml files; do not edit
export const doors = ${JSON.stringify(Object.fromEntries(data))} as const;

export type ActionName = keyof typeof doors;
export type InputName<A extends ActionName> = A extends ActionName ? keyof (typeof doors)[A]["inputs"] & string : never;
export type OutputName<A extends ActionName> = (typeof doors)[A]["outputs"][number];
`;
  return formatted(DOORS, source);
}

/**
 * @param {string} file
 * @param {string} source
 */
function formatted(file, source) {
  const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
  const format = [biome, "format", `--stdin-file-path=${file}`];
  return execFileSync(process.execPath, format, { input: source, encoding: "utf8" });
}

/** @param {Fields} inputs */
function typed(inputs) {
  const entries = Object.entries(inputs).map(([name, { required = false, default: value }]) => [
    name,
    { required, ...(value === undefined ? {} : { default: value }) },
  ]);
  return Object.fromEntries(entries);
}

/** What stands in the schema beside the inputs is kept. @param {Door} door */
function schema({ inputs }) {
  const kept = JSON.parse(readFileSync(SCHEMA, "utf8"));
  const names = Object.keys(inputs).filter((name) => !OF_A_RUN.includes(name));
  const properties = names.map((name) => {
    const form = LISTS.includes(name) ? "list" : MAPS.includes(name) ? "map" : "text";
    const { description = "" } = inputs[name] ?? {};
    return [name, { description: description.trim(), $ref: `#/$defs/${form}` }];
  });
  kept.$defs.compute.properties = Object.fromEntries(properties);
  return formatted(SCHEMA, JSON.stringify(kept, null, 2));
}

/** @param {Door} door */
function bringReadme({ file, inputs, outputs }) {
  const readme = path.posix.join(path.posix.dirname(file), "README.md");
  if (!existsSync(readme)) {
    if (checking) problems.push(`${readme} is missing`);
    else console.error(`${readme} is missing: no tables written`);
    return;
  }
  const inputRows = Object.entries(inputs).map(([name, field]) => [`\`${name}\``, cell(field), given(field)]);
  const outputRows = Object.entries(outputs).map(([name, field]) => [`\`${name}\``, cell(field)]);
  const text = readFileSync(readme, "utf8");
  const withInputs = withTable(readme, text, "inputs", [["Input", "Meaning", "Default"], ...inputRows]);
  const withBoth = withTable(readme, withInputs, "outputs", [["Output", "Meaning"], ...outputRows]);
  bring(readme, formatted(readme, withBoth));
}

/** @param {Field} field */
function cell({ description = "" }) {
  return description
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|");
}

/** @param {Field} field */
function given({ required, default: value }) {
  if (required) return "**required**";
  return value ? `\`${value}\`` : "";
}

/**
 * @param {string} file
 * @param {string} text
 * @param {"inputs" | "outputs"} marker
 * @param {string[][]} rows
 */
function withTable(file, text, marker, rows) {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) {
    problems.push(`${file} has no ${start} followed by ${end}`);
    return text;
  }
  const [head = [], ...body] = rows;
  const lines = [head, head.map(() => "-"), ...body].map((cells) => `| ${cells.join(" | ")} |`);
  return `${text.slice(0, from)}${start}\n\n${lines.join("\n")}\n\n${text.slice(to)}`;
}

/**
 * @param {string} file
 * @param {string} content
 */
function bring(file, content) {
  if (existsSync(file) && readFileSync(file, "utf8") === content) return;
  if (checking) problems.push(`${file} is not what the action.yml files give. Run: npm run docs`);
  else writeFileSync(file, content);
}

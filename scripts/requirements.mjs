/**
 * Prints for each requirement of docs/REQUIREMENTS.md where the product names it and which tests do. Fails where a
 * requirement that counts as done has no test, or nothing of the product names it.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

process.chdir(path.join(import.meta.dirname, ".."));
const rows = readFileSync("docs/REQUIREMENTS.md", "utf8").matchAll(
  /^\| (?<id>[A-Z]\d+) +\| (?<text>.*?) +\| (?<state>done|open) +\|$/gm,
);
const product = read("src", /\.ts$/);
const tests = read("__tests__", /\.test\.ts$/);
let missing = 0;
for (const { groups = {} } of rows) {
  const { id = "", text = "", state = "" } = groups;
  const named = naming(product, id);
  const proven = naming(tests, id);
  const lacks = state === "done" && (named.length === 0 || proven.length === 0);
  if (lacks) missing += 1;
  const told = state === "open" ? "open" : lacks ? "MISSING" : "done";
  console.log(`${id.padEnd(4)} ${told.padEnd(8)} ${text}`);
  if (named.length > 0) console.log(`       rules  ${shortened(named)}`);
  if (proven.length > 0) console.log(`       tests  ${shortened(proven)}`);
}
console.log(
  missing === 0 ? "Every requirement that counts as done is named by code and tests." : `${missing} missing`,
);
if (missing > 0) process.exitCode = 1;

/** @param {string} folder @param {RegExp} pattern */
function read(folder, pattern) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    pattern.test(file),
  );
  return files.sort().map((file) => ({
    file: file.replaceAll(path.sep, "/"),
    text: readFileSync(path.join(folder, file), "utf8"),
  }));
}

/** The files that name an id, alone or in a span such as `X1 to X9`. @param {{ file: string, text: string }[]} files @param {string} id */
function naming(files, id) {
  return files.filter(({ text }) => names(text, id)).map(({ file }) => file);
}

/** @param {string} text @param {string} id */
function names(text, id) {
  if (new RegExp(`\\b${id}\\b`).test(text)) return true;
  const [letter, number] = [id.charAt(0), Number(id.slice(1))];
  const spans = text.matchAll(new RegExp(`\\b${letter}(\\d+) to ${letter}(\\d+)\\b`, "g"));
  return [...spans].some(([, from, to]) => Number(from) <= number && number <= Number(to));
}

/** @param {string[]} files */
function shortened(files) {
  return files.length > 4 ? `${files.slice(0, 4).join(", ")} and ${files.length - 4} more` : files.join(", ");
}

/**
 * `npm test`: lint and format, types, generated files, then Jest, stopping at the first that fails. Arguments go to
 * Jest. A test that is skipped or still to do counts as failed. `--summary` repeats the last run's count.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * @typedef {object} Results What Jest's --json tells, as far as it is counted.
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {number} numRuntimeErrorTestSuites
 */
const require = createRequire(import.meta.url);
const RESULTS = ".artifacts/jest.json";
const CHECKS = [
  { name: "biome ci", script: program("@biomejs/biome", "biome"), args: ["ci", "--error-on-warnings", "."] },
  { name: "tsc --noEmit", script: program("typescript", "tsc"), args: ["--noEmit"] },
  // What runs in a browser knows other things.
  { name: "tsc --noEmit -p page", script: program("typescript", "tsc"), args: ["--noEmit", "-p", "page"] },
  { name: "doors.mjs --check", script: "scripts/doors.mjs", args: ["--check"] },
  { name: "tasks.mjs --check", script: "scripts/tasks.mjs", args: ["--check"] },
  { name: "manual.mjs --check", script: "scripts/manual.mjs", args: ["--check"] },
];

process.chdir(path.join(import.meta.dirname, ".."));
const args = process.argv.slice(2);
process.exitCode = args.includes("--summary") ? summary() : test();

function test() {
  console.log(`Node ${process.version} on ${process.platform} ${process.arch}`);
  for (const { name, script, args } of CHECKS) {
    console.log(`\n> ${name}`);
    if (run([script, ...args]) !== 0) {
      console.error(`npm test stopped: ${name} failed.`);
      return 1;
    }
  }
  console.log("\n> jest");
  rmSync(".artifacts", { recursive: true, force: true });
  mkdirSync(".artifacts");
  // Hundreds of processes read the same bundle.
  process.env["NODE_COMPILE_CACHE"] = path.resolve(".artifacts/compile-cache");
  const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
  const status = run([
    ...flags,
    program("jest", "jest"),
    "--ci",
    // A test that failed may leave a server open; the run must end all the same.
    "--forceExit",
    "--json",
    `--outputFile=${RESULTS}`,
    ...args,
  ]);
  return summary() || status;
}

/** @param {string[]} args */
function run(args) {
  const { status, error } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (error) throw error;
  return status ?? 1;
}

/**
 * @param {string} name
 * @param {string} bin
 */
function program(name, bin) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin: programs } = require(manifest);
  return path.join(path.dirname(manifest), typeof programs === "string" ? programs : programs[bin]);
}

function summary() {
  if (!existsSync(RESULTS)) {
    console.error("Jest left no results.");
    return 1;
  }
  /** @type {Results} */
  const results = JSON.parse(readFileSync(RESULTS, "utf8"));
  const { numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = results;
  const failed = numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
  console.log(`${results.numPassedTests} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

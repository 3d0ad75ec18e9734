/**
 * `npm run test:crash`: updates that die (issue 5, crash matrix). The built actions are killed by SIGKILL at each of
 * their requests, and a sample of them twice in a row; in process, runs are abandoned at every pair of requests. After
 * each, one more run must have put everything right. Prints points, recovered, lost; fails where anything is lost.
 * Needs Node 24, which reads TypeScript by itself, and `npm run build`.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { cleanStep, killEverywhere, killTwice, sampleOfPairs } from "../__tests__/support/crash-kills.ts";

/**
 * @typedef {import("../__tests__/support/crash-kills.ts").Kills} Kills
 * @typedef {{ name: string, pairs: number, tried: number, lost: string[] }} Pairs What the tests in process tell.
 */
const root = path.join(import.meta.dirname, "..");
const results = path.join(root, ".artifacts/crash.jsonl");
/** Of each situation: runs wait for Azure most of the time. */
const atOnce = os.availableParallelism() * 2;
const seed = Number(process.env["CRASH_SEED"] ?? 5);
const sampled = 4;

process.chdir(root);
// Hundreds of processes read the same bundle.
process.env["NODE_COMPILE_CACHE"] = path.join(root, ".artifacts/compile-cache");
let lost = 0;
const began = performance.now();
const inProcess = abandonEverywhere();
console.log("| what dies | how | points | recovered | lost |");
console.log("| --- | --- | --- | --- | --- |");
const names = /** @type {const} */ (["legacy update", "replace", "extension upgrade"]);
const kills = names.map(async (name) => {
  const clean = await cleanStep(name);
  const pairs = sampleOfPairs(clean, sampled, seed);
  const all = Promise.all([killEverywhere(name, clean, atOnce), killTwice(name, clean, pairs)]);
  return /** @type {const} */ ([name, ...(await all)]);
});
for (const [name, once, twice] of await Promise.all(kills)) {
  killed(name, "one SIGKILL", 1, once);
  killed(name, `two SIGKILLs, a sample (seed ${seed})`, 2, twice);
}
for (const { name, pairs, tried, lost } of await inProcess) {
  row(name, `two in process, every pair; ${tried} leave something different`, pairs, lost);
}
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`\n${lost} lost, ${seconds} s`);
// Requests that nobody answers hold their sockets.
process.exit(lost === 0 ? 0 : 1);

/**
 * @param {string} name
 * @param {string} how
 * @param {number} deaths for each point
 * @param {Kills} kills
 */
function killed(name, how, deaths, kills) {
  const late = kills.survived === 0 ? "" : `; ${kills.survived} were over before`;
  row(name, `${how}${late}`, Math.ceil((kills.killed + kills.survived) / deaths), kills.lost);
}

/**
 * @param {string} name
 * @param {string} how
 * @param {number} points
 * @param {readonly string[]} losses
 */
function row(name, how, points, losses) {
  lost += losses.length;
  console.log(`| ${name} | ${how} | ${points} | ${points - losses.length} | ${losses.length} |`);
  for (const loss of losses) console.error(`LOST: ${name}: ${loss}`);
}

/** @returns {Promise<Pairs[]>} */
async function abandonEverywhere() {
  rmSync(results, { force: true });
  mkdirSync(path.dirname(results), { recursive: true });
  const jest = path.join(
    path.dirname(createRequire(import.meta.url).resolve("jest/package.json")),
    "bin/jest.js",
  );
  const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
  const args = ["--ci", "--forceExit", "--runInBand", "--testNamePattern=twice in a row", "update-crash"];
  const child = spawn(process.execPath, [...flags, jest, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, CRASH_RESULTS: results },
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) {
    lost += 1;
    console.error(said);
  }
  return readFileSync(results, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

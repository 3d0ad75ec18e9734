/**
 * How long the release gate takes on a healthy cluster, and what it takes of memory with 2,000 pods in the namespace.
 * Prints the start of the built bundle as a multiple of a bare start of Node, what latency adds as a multiple of what
 * the requests that must follow one another would take alone, and the peak of the process's memory with its bound.
 * Fails where the bound is passed. Needs Node 24, which reads TypeScript by itself.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { broken, clusterOf, settings, tls } from "../__tests__/support/catalogue-worlds.ts";
import { Emulator, serve, World } from "../emulator/index.ts";
import { startStep } from "../emulator/runner.ts";

const runs = 7;
const latencyMs = 50;
/** Metadata, OIDC token, OpenID configuration, access token; then Azure, the review, the reads. */
const inSequence = 7;
/** Issue 4. */
const boundOfMemory = 200;
const boundOfSummary = 1024;

const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
const peakFile = path.join(folder, "peak");
/** Runs inside the step: writes the peak of its memory, in kilobytes, when it ends. */
const meter = `import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(${JSON.stringify(peakFile)},String(process.resourceUsage().maxRSS)))`;

/** A world whose AKS cluster is healthy, with so many pods in the namespace. @param {number} pods @param {boolean} fail */
async function worldOf(pods, fail) {
  const world = World.simple();
  await settings(tls)(world);
  Object.assign(world.kubernetes(clusterOf(world, "aks")).knobs, { podCount: pods, podsFail: fail });
  if (fail) await broken("crash-loop")(world);
  return { world, azure: await serve(new Emulator(world)) };
}

/** @param {Awaited<ReturnType<typeof worldOf>>} stage */
const verify = ({ world, azure }) =>
  startStep({
    entry: path.join(root, "dist/verify-extension.js"),
    action: path.join(root, "verify-extension/action.yml"),
    inputs: {
      "azure-environment": azure.url,
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
      "cluster-resource-id": clusterOf(world, "aks"),
      "wait-for": "0s",
    },
    env: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(meter)}`,
    },
  }).finished;

/** @param {() => Promise<number>} measure */
async function median(measure) {
  const times = [];
  for (let run = 0; run < runs; run++) times.push(await measure());
  return times.sort((one, other) => one - other)[Math.floor(runs / 2)] ?? Number.NaN;
}

/** @param {number} ms */
const shown = (ms) => `${ms.toFixed(0)} ms`;

async function time() {
  const stage = await worldOf(0, false);
  const bare = await median(async () => {
    const began = performance.now();
    spawnSync(process.execPath, ["--eval", "0"]);
    return performance.now() - began;
  });
  const first = await verify(stage);
  if (first.outputs["verdict"] !== "pass") throw new Error(first.log);
  const unhindered = await median(async () => (await verify(stage)).ms);
  stage.world.knobs.latencyMs = latencyMs;
  const hindered = await median(async () => (await verify(stage)).ms);
  await stage.azure.close();
  const bound = inSequence * latencyMs;
  const added = hindered - unhindered;
  console.log(`bare Node:                ${shown(bare)}`);
  console.log(
    `verify, a healthy cluster: ${shown(unhindered)} (${(unhindered / bare).toFixed(1)} x bare Node)`,
  );
  console.log(
    `the same, ${latencyMs} ms latency: ${shown(hindered)}; latency costs ${shown(added)}, ${(added / bound).toFixed(2)} x the bound of ${shown(bound)}`,
  );
}

/** @param {string} what @param {number} pods @param {boolean} fail */
async function memory(what, pods, fail) {
  const stage = await worldOf(pods, fail);
  const { summary, outputs, log, ms } = await verify(stage);
  await stage.azure.close();
  if (outputs["verdict"] !== (fail ? "fail" : "pass")) throw new Error(log);
  const peak = Number(readFileSync(peakFile, "utf8")) / 1024;
  const page = Buffer.byteLength(summary) / 1024;
  console.log(
    `${what}: peak memory ${peak.toFixed(0)} MB (bound ${boundOfMemory} MB), summary ${page.toFixed(0)} KiB (bound ${boundOfSummary} KiB), ${shown(ms)}`,
  );
  if (peak > boundOfMemory || page > boundOfSummary) process.exitCode = 1;
}

await time();
await memory("no pods of jobs      ", 0, false);
await memory("2,000 healthy pods   ", 2_000, false);
await memory("2,000 failing pods   ", 2_000, true);
rmSync(folder, { recursive: true });

/**
 * 1,000 clusters verified by one step, against an emulator with 50 ms latency and ARM's token buckets in force: how long
 * it takes beside what the buckets and the latency allow, how much memory it needs, and how many requests are sent for
 * one that is needed (issue 6). `node bench/fleet.mjs [clusters] [subscriptions]`, after a build.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Emulator, serve, World } from "../emulator/index.ts";
import { startStep } from "../emulator/runner.ts";

const clusters = Number(process.argv[2] ?? 1_000);
const subscriptions = Number(process.argv[3] ?? 1);
const latencyMs = 50;
/** Issue 6. */
const bounds = { ratio: 1.3, memory: 250, sent: 1.05 };

const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
const peakFile = path.join(folder, "peak");
/** Runs inside the step: writes the peak of its memory, in kilobytes, when it ends. */
const meter = `import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(${JSON.stringify(peakFile)},String(process.resourceUsage().maxRSS)))`;

/** @typedef {import("../emulator/index.ts").Exchange} Exchange */

/**
 * Verifies a fleet of that many clusters in one step.
 * @param {number} count
 * @param {number} over
 * @param {boolean} throttling
 */
async function run(count, over, throttling) {
  const world = World.fleet({ clusters: count, subscriptions: over });
  Object.assign(world.knobs, { throttling, latencyMs, recordBodies: false });
  const azure = await serve(new Emulator(world));
  const targets = path.join(folder, "targets.json");
  const ids = world.fleet.map(({ workspaceId, computeName }) => `${workspaceId}/computes/${computeName}`);
  writeFileSync(targets, JSON.stringify(ids));
  const began = performance.now();
  const result = await startStep({
    entry: path.join(root, "dist/verify-extension.js"),
    action: path.join(root, "verify-extension/action.yml"),
    inputs: {
      "azure-environment": azure.url,
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
      "wait-for": "0s",
      targets,
    },
    env: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(meter)}`,
    },
  }).finished;
  const ms = performance.now() - began;
  await azure.close();
  if (result.outputs["verdict"] !== "pass" || result.outputs["count"] !== String(count)) {
    throw new Error(result.log.slice(-3_000));
  }
  const peak = Number(readFileSync(peakFile, "utf8")) / 1024;
  return { ms, peak, exchanges: world.exchanges, knobs: world.knobs };
}

/** Requests to Resource Manager, by subscription and kind. @param {readonly Exchange[]} exchanges */
function demand(exchanges) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { host, method, url } of exchanges) {
    const subscription = /\/subscriptions\/([^/]+)/.exec(url)?.[1];
    if (host !== "arm" || !subscription) continue;
    const key = `${subscription} ${method === "GET" ? "reads" : "writes"}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** @param {Map<string, number>} counts */
const sum = (counts) => [...counts.values()].reduce((one, other) => one + other, 0);
/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

// One cluster tells what one needs, and how long that takes when nobody is in the way.
await run(1, 1, false);
const one = await run(1, 1, false);
const perCluster = demand(one.exchanges);
const needed = sum(perCluster) * clusters;

const all = await run(clusters, subscriptions, true);
const sent = sum(demand(all.exchanges));
const refused = all.exchanges.filter(({ host, status }) => host === "arm" && status === 429).length;
const waits = [...perCluster].map(([key, count]) => {
  const kind = key.endsWith("reads") ? "reads" : "writes";
  const { size, refill } = all.knobs.tokenBuckets[kind];
  const most = count * Math.ceil(clusters / subscriptions);
  const wait = Math.max(0, most - size) / refill;
  console.log(
    `${kind}: ${most} in each subscription, a bucket of ${size} and ${refill} a second: ${wait.toFixed(1)} s`,
  );
  return wait * 1_000;
});
const bound = Math.max(...waits) + one.ms;
const ratio = all.ms / bound;
console.log(`one cluster alone: ${seconds(one.ms)}, with start and sign-in`);
console.log(`bound for ${clusters} in ${subscriptions} subscriptions: ${seconds(bound)}`);
console.log(`it took ${seconds(all.ms)}: ratio ${ratio.toFixed(2)} (bound ${bounds.ratio})`);
console.log(
  `requests sent ${sent}, needed ${needed}: ${(sent / needed).toFixed(3)} (bound ${bounds.sent}); refused ${refused}`,
);
console.log(`peak memory ${all.peak.toFixed(0)} MB (bound ${bounds.memory} MB)`);
if (ratio > bounds.ratio || all.peak > bounds.memory || sent / needed > bounds.sent) process.exitCode = 1;
rmSync(folder, { recursive: true });

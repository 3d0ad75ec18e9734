/**
 * How long a step takes that finds its compute attached: the commonest run of all. Prints the start of the built
 * bundle as a multiple of a bare start of Node, and the whole run as a multiple of what the network's latency alone
 * would take for the requests that must follow one another. Needs Node 24, which reads TypeScript by itself.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { Emulator, serve, World } from "../emulator/index.ts";
import { startStep } from "../emulator/runner.ts";

const runs = 9;
const latencyMs = 50;
/** Metadata, OIDC token, OpenID configuration, access token, and one round of parallel reads. */
const inSequence = 5;

const root = path.join(import.meta.dirname, "..");
const world = World.simple();
world.knobs.computeSeconds = { create: 0.1, detach: 0.1 };
const azure = await serve(new Emulator(world));

const attach = () =>
  startStep({
    entry: path.join(root, "dist/attach.js"),
    action: path.join(root, "attach/action.yml"),
    inputs: {
      "azure-environment": azure.url,
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
      "subscription-id": world.subscriptionId,
      "resource-group": "rg1",
      "workspace-name": "ws1",
      "compute-name": "gpu",
      "cluster-name": "aks1",
      "cluster-resource-group": "rg1",
    },
    env: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
    },
  }).finished;

/** @param {() => Promise<number>} measure */
async function median(measure) {
  const times = [];
  for (let run = 0; run < runs; run++) times.push(await measure());
  return times.sort((one, other) => one - other)[Math.floor(runs / 2)] ?? Number.NaN;
}

const bare = await median(async () => {
  const began = performance.now();
  spawnSync(process.execPath, ["--eval", "0"]);
  return performance.now() - began;
});
const first = await attach();
if (first.outputs["state"] !== "Succeeded") throw new Error(first.log);
const unhindered = await median(async () => (await attach()).ms);
world.knobs.latencyMs = latencyMs;
const hindered = await median(async () => (await attach()).ms);
await azure.close();

/** @param {number} ms */
const shown = (ms) => `${ms.toFixed(0)} ms`;
console.log(`bare Node:                  ${shown(bare)}`);
console.log(
  `attach, nothing to do:      ${shown(unhindered)} (${(unhindered / bare).toFixed(1)} x bare Node)`,
);
const bound = inSequence * latencyMs;
const added = hindered - unhindered;
console.log(
  `the same, ${latencyMs} ms latency:   ${shown(hindered)}; latency costs ${shown(added)}, ${(added / bound).toFixed(2)} x the bound of ${shown(bound)}`,
);

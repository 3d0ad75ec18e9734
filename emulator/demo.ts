import path from "node:path";
import { Emulator } from "./emulator.ts";
import { startStep } from "./runner.ts";
import { type Served, serve } from "./server.ts";
import { World } from "./world.ts";

/** A step of the demo, as somebody would write it into a workflow, and what happens in the world before it. */
interface DemoStep {
  readonly title: string;
  readonly action: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly before?: (world: World) => void;
  readonly fails?: true;
}

const steps: readonly DemoStep[] = [
  {
    title: "Attach a cluster that has no extension: refused, with what to do",
    action: "attach",
    fails: true,
  },
  {
    title: "Deploy the extension",
    action: "deploy-extension",
    inputs: {
      workloads: "training, inference",
      config: "inferenceRouterServiceType=ClusterIP\nallowInsecureConnections=True",
    },
  },
  { title: "Attach", action: "attach" },
  { title: "Attach again: nothing changes", action: "attach" },
  {
    title: "Ask for another namespace: refused, with the field named",
    action: "attach",
    inputs: { namespace: "team-b" },
    fails: true,
  },
  { title: "The release gate", action: "verify-extension" },
  {
    title: "The release gate, after somebody has closed the way to the registry",
    action: "verify-extension",
    inputs: { "wait-for": "0s" },
    before: (world) => world.breakCluster(aks(world), "image-pull"),
    fails: true,
  },
  { title: "Detach", action: "detach" },
  { title: "Detach again: nothing changes", action: "detach" },
];

function aks(world: World): string {
  return `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
}

/**
 * Deploys, attaches, verifies and detaches in an emulated Azure, with the built actions and the runner's own protocol,
 * and shows what a person sees in the log and on the summary page. Throws where a step ends other than it should.
 */
export async function demo(): Promise<void> {
  const world = World.simple();
  world.knobs.computeSeconds = { create: 3, detach: 2 };
  world.knobs.extensionSeconds = { write: 3, delete: 2 };
  world.store.delete(`${aks(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
  const azure = await serve(new Emulator(world));
  try {
    say(`An emulated Azure answers at ${azure.url}; the actions of dist/ believe it is real.`);
    for (const step of steps) await show(step, world, azure);
    say("Done. The cluster was never deleted; the compute came and went.");
  } finally {
    await azure.close();
  }
}

async function show(step: DemoStep, world: World, azure: Served): Promise<void> {
  step.before?.(world);
  const cluster = { "cluster-name": "aks1", "cluster-resource-group": "rg1" };
  const shown = {
    ...(step.action !== "deploy-extension" && { "compute-name": "gpu" }),
    ...(/^(attach|deploy)/.test(step.action) && cluster),
    ...step.inputs,
  };
  const lines = Object.entries(shown).map(([name, value]) => `\n      ${name}: ${JSON.stringify(value)}`);
  say(`${step.title}\n    uses: ${step.action}\n    with:${lines.join("")}`);
  const root = path.join(import.meta.dirname, "../..");
  const { clientId } = world.application;
  const running = startStep({
    entry: path.join(root, "dist", `${step.action}.js`),
    action: path.join(root, step.action, "action.yml"),
    inputs: { "azure-environment": azure.url, "client-id": clientId, "tenant-id": world.tenantId, ...shown },
    env: environment(world, azure),
    onLine: (line) => console.log(`  │ ${line}`),
  });
  const { outcome, outputs, summary } = await running.finished;
  const told = ["changed", "state", "verdict", "error-code"].filter((name) => outputs[name]);
  console.log(`  outputs: ${told.map((name) => `${name}=${outputs[name]}`).join(" ")}`);
  console.log(`  summary:\n${summary.trim().replace(/^/gm, "    ")}`);
  if ((outcome === "failure") !== Boolean(step.fails))
    throw new Error(`"${step.title}" ended with ${outcome}`);
}

/** What a job with `permissions: id-token: write` finds in its environment, and the workspace by variables. */
function environment(world: World, azure: Served): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: azure.caFile,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
    AZURE_SUBSCRIPTION_ID: world.subscriptionId,
    AZURE_RESOURCE_GROUP: "rg1",
    AZURE_WORKSPACE_NAME: "ws1",
  };
}

function say(text: string): void {
  console.log(`\n${"─".repeat(100)}\n${text}`);
}

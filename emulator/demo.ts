import path from "node:path";
import { Emulator } from "./emulator.ts";
import { startStep } from "./runner.ts";
import { type Served, serve } from "./server.ts";
import { World } from "./world.ts";

/** The steps of the demo, as somebody would write them into a workflow. */
const steps: readonly { title: string; action: string; inputs: Record<string, string>; fails?: true }[] = [
  { title: "What would attach do?", action: "attach", inputs: { "dry-run": "true" } },
  { title: "Attach", action: "attach", inputs: {} },
  { title: "Attach again: nothing changes", action: "attach", inputs: {} },
  {
    title: "Ask for another namespace: refused, with the field named",
    action: "attach",
    inputs: { namespace: "team-b" },
    fails: true,
  },
  { title: "Detach", action: "detach", inputs: {} },
  { title: "Detach again: nothing changes", action: "detach", inputs: {} },
];

/**
 * Attaches and detaches a cluster in an emulated Azure, with the built actions and the runner's own protocol, and
 * shows what a person sees in the log and on the summary page. Throws where a step ends other than it should.
 */
export async function demo(): Promise<void> {
  const world = World.simple();
  world.knobs.computeSeconds = { create: 4, detach: 2 };
  const azure = await serve(new Emulator(world));
  try {
    say(`An emulated Azure answers at ${azure.url}; the actions of dist/ believe it is real.`);
    for (const step of steps) await show(step, world, azure);
    say("Done. The cluster was never touched; the compute came and went.");
  } finally {
    await azure.close();
  }
}

async function show(step: (typeof steps)[number], world: World, azure: Served): Promise<void> {
  const needed = step.action === "attach" ? { "cluster-name": "aks1", "cluster-resource-group": "rg1" } : {};
  const inputs = { "azure-environment": azure.url, "compute-name": "gpu", ...needed, ...step.inputs };
  const { clientId } = world.application;
  const shown = Object.entries({ ...needed, "compute-name": "gpu", ...step.inputs });
  say(
    `${step.title}\n    uses: ${step.action}\n    with: { ${shown.map(([name, value]) => `${name}: ${value}`).join(", ")} }`,
  );
  const root = path.join(import.meta.dirname, "../..");
  const running = startStep({
    entry: path.join(root, "dist", `${step.action}.js`),
    action: path.join(root, step.action, "action.yml"),
    inputs: { ...inputs, "client-id": clientId, "tenant-id": world.tenantId },
    env: environment(world, azure),
    onLine: (line) => console.log(`  │ ${line}`),
  });
  const { outcome, outputs, summary } = await running.finished;
  const { changed, state } = outputs;
  console.log(`  outputs: changed=${changed} state=${state} error-code=${outputs["error-code"] ?? ""}`);
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

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Emulator } from "./emulator.ts";
import { type SeedFile, worldFrom } from "./seed-file.ts";
import { type Served, serve } from "./server.ts";
import { World } from "./world.ts";

const USAGE = `Usage: npm run emulator -- [--port n] [--seed world.json]

Azure in one process: Entra ID, Resource Manager and GitHub's OIDC endpoint over HTTPS on 127.0.0.1.
Without --seed: workspace ws1 in rg1, AKS cluster aks1 and Arc cluster arc1, both with the Azure ML extension.
Control API: see emulator/README.md.`;

/** `npm run emulator`: serves until SIGINT or SIGTERM. Gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { port: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const world = values.seed ? await seeded(values.seed) : World.simple();
  const served = await serve(new Emulator(world), values.port ? { port: Number(values.port) } : {});
  console.log(introduction(world, served));
  await signalled();
  await served.close();
  return 0;
}

async function seeded(file: string): Promise<World> {
  return worldFrom(JSON.parse(await readFile(file, "utf8")) as SeedFile);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  }).then(() => undefined);
}

/** What a user has to set to point the actions or the Azure CLI here. */
export function introduction(world: World, { url, caFile }: Served): string {
  const { clientId, secret } = world.application;
  return `The emulator runs at ${url}

For the actions (azure-environment: ${url}):
  export NODE_EXTRA_CA_CERTS=${caFile}
  export AZURE_TENANT_ID=${world.tenantId}
  export AZURE_CLIENT_ID=${clientId}
  export AZURE_CLIENT_SECRET=${secret}
  export AZURE_SUBSCRIPTION_ID=${world.subscriptionId}

With GitHub's OIDC token instead of the secret:
  export ACTIONS_ID_TOKEN_REQUEST_URL='${url}/_github/oidc/token?api-version=2.0'
  export ACTIONS_ID_TOKEN_REQUEST_TOKEN=${world.github.requestToken}

With a managed identity:
  export IDENTITY_ENDPOINT=${url}/_msi/token
  export IDENTITY_HEADER=${world.managedIdentity.header}

For the Azure CLI:
  export REQUESTS_CA_BUNDLE=${caFile}
  az cloud register -n emulator --endpoint-resource-manager ${url} --endpoint-active-directory ${url} \\
    --endpoint-active-directory-resource-id ${url}/ --endpoint-active-directory-graph-resource-id ${url}/
  az cloud set -n emulator && az config set core.instance_discovery=false
  az login --service-principal -u ${clientId} -p ${secret} -t ${world.tenantId}

Recorded exchanges: curl --cacert ${caFile} ${url}/_emulator/exchanges
Stop it with Ctrl+C.`;
}

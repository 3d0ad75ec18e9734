import { type JsonObject, makeCertificate, World, type WorldOptions } from "../../emulator/index.ts";
import { deployExtension } from "../../src/actions/deploy-extension.ts";
import { run } from "../../src/actions/run.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { aksId, arcId, clusterInputs, type More, type Run, scene } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";

export type Stage = ReturnType<typeof scene>;
export type Settings = Readonly<Record<string, string>>;

/** A world with an AKS cluster and an Arc cluster, neither with the extension or a Relay. */
export function bareWorld(options: WorldOptions = {}): World {
  const world = new World(options);
  world.addSubscription();
  world.addResourceGroup("rg1");
  world.addManagedCluster({ resourceGroup: "rg1", name: "aks1" });
  world.addConnectedCluster({ resourceGroup: "rg1", name: "arc1" });
  world.addDefaultApplications();
  return world;
}

/** A scene in that world. */
export const bareScene = (): Stage => scene(bareWorld());

/** Resource id of an extension of a cluster. */
export const extensionId = (clusterId: string, name = "azureml") =>
  `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/${name}`;

/** Inputs that name the Arc cluster in the place of the AKS cluster. */
export const onArc = (world: World) => ({ "cluster-resource-id": arcId(world) });

export const lines = (settings: Settings) =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");

/** Inputs of deployments, each of which goes well on three nodes. */
export const training = { workloads: "training" };
export const http = {
  workloads: "both",
  config: lines({ inferenceRouterServiceType: "ClusterIP", allowInsecureConnections: "True" }),
};

/** A certificate for `ml.example.com` and another one for it. */
export const pem = await makeCertificate({ names: ["ml.example.com"] });
export const otherPem = await makeCertificate({ names: ["ml.example.com"] });

/** Inputs of a deployment over HTTPS. */
export const https = (pair = pem) => ({
  workloads: "both",
  config: lines({ inferenceRouterServiceType: "ClusterIP", sslCname: "ml.example.com" }),
  "ssl-cert-pem": pair.certificate,
  "ssl-key-pem": pair.privateKey,
});

/** Changes properties of a cluster or an extension. */
export function change(world: World, id: string, properties: JsonObject): void {
  const resource = world.resource(id);
  if (!resource) throw new Error(`the world has no ${id}`);
  Object.assign(resource.body["properties"] ?? {}, properties);
}

/** The properties of a resource as the world has them now. */
export function propertiesOf(world: World, id: string): JsonObject | undefined {
  return world.resource(id)?.body["properties"] as JsonObject | undefined;
}

export const settingsOf = (world: World, id: string) =>
  propertiesOf(world, id)?.["configurationSettings"] as Settings | undefined;
export const secretsOf = (world: World, id: string) =>
  propertiesOf(world, id)?.["configurationProtectedSettings"] as Settings | undefined;

/** The state of an extension as the world has it now. */
export const stateOf = (world: World, id = extensionId(aksId(world))) =>
  String(propertiesOf(world, id)?.["provisioningState"] ?? "Absent");

/** The bodies of the writes of a method that were sent for extensions. */
export function sent(world: World, method: "PUT" | "PATCH"): SentBody[] {
  return world.exchanges
    .filter(
      (exchange) => exchange.method === method && /\/extensions\/[^/]+$/.test(new URL(exchange.url).pathname),
    )
    .map(({ requestBody }) => JSON.parse(requestBody) as SentBody);
}

export interface SentBody {
  readonly identity?: { readonly type: string };
  readonly properties: {
    readonly configurationSettings?: Settings;
    readonly configurationProtectedSettings?: Settings;
    readonly version?: string;
    readonly autoUpgradeMinorVersion?: boolean;
    readonly releaseTrain?: string;
  };
}

/** Requests that change something: no look that is a POST. */
export const changes = ({ written }: Stage) =>
  written()
    .filter((line) => !/\/(listClusterUserCredential|listKeys|runCommand) \d+$/.test(line))
    .map((line) => line.replace(/\/subscriptions\/.*\/(?:providers)\/(?=[^/]+\/[^/]+\/)/, ""));

/** Counts from now on how often an extension is made: a request that has no effect does not count. */
export function countCreates(world: World): () => number {
  const { store } = world;
  const put = store.put.bind(store);
  let count = 0;
  store.put = (...resource) => {
    if (resource[1].endsWith("/extensions")) count++;
    return put(...resource);
  };
  return () => count;
}

/** Lets what is under way on an extension end now. */
export function endOperation(world: World, id = extensionId(aksId(world))): void {
  // Operations of virtual time may have ended later than it is now.
  for (let one = world.operations.running(id); one; one = world.operations.running(id)) {
    one.endsAt = 0;
    one.appliesAt = 0;
    world.operations.settle();
  }
}

/** Runs `deploy-extension` beside something else. `meanwhile` is called once the run has begun, in virtual time. */
export async function deployBeside(
  stage: Stage,
  inputs: Record<string, string>,
  meanwhile: (host: MemoryHost) => void,
  more: More = {},
): Promise<Run> {
  const host = hostFor(stage, inputs, more);
  const exit = await virtually(() => {
    const going = run(deployExtension, host, stage.client);
    meanwhile(host);
    return going;
  });
  return runOf(host, exit);
}

/** Several runs at the same time, each after the one before it by so many seconds. */
export async function deployTogether(
  stage: Stage,
  inputs: readonly Record<string, string>[],
  apart: number,
): Promise<Run[]> {
  const hosts = inputs.map((each) => hostFor(stage, each));
  const exits = await virtually(() =>
    Promise.all(
      hosts.map(async (host, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * apart * 1000));
        return run(deployExtension, host, stage.client);
      }),
    ),
  );
  return hosts.map((host, index) => runOf(host, exits[index] ?? 1));
}

function hostFor({ world, emulator }: Stage, inputs: Record<string, string>, more: More = {}): MemoryHost {
  const { clientId, secret } = world.application;
  return memoryHost({
    inputs: { ...clusterInputs(world, emulator), ...inputs },
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
      ...more.environment,
    },
    ...(more.files && { files: more.files }),
  });
}

function runOf(host: MemoryHost, exit: 0 | 1): Run {
  return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
}

/** How a run ended, in short. */
export const ending = ({ exit, host, report }: Run) => ({
  exit,
  changed: host.said.outputs["changed"],
  state: host.said.outputs["state"],
  code: report.error?.code,
});

/** A run that went well and changed something, and one that found nothing to do. */
export const done = { exit: 0, changed: "true", state: "Succeeded", code: undefined };
export const untouched = { exit: 0, changed: "false", state: "Succeeded", code: undefined };

/** Makes an extension that failed, as another tool would have left it; nothing of it runs. */
export function addFailed(world: World, clusterId = aksId(world), properties: JsonObject = {}): string {
  return world.addExtension(clusterId, {
    provisioningState: "Failed",
    properties: {
      currentVersion: null,
      errorInfo: { code: "InstallationFailed", message: "failed pre-install: pod healthcheck failed" },
      ...properties,
    },
  });
}

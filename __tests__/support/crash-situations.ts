import { createHash } from "node:crypto";
import { World } from "../../emulator/index.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../../emulator/json.ts";
import { tlsPair } from "./tls-pair.ts";

/** An action that is killed, and the world that it is killed in. */
export interface Situation {
  readonly action: "update-components" | "attach";
  /** Beside the inputs that name the compute. */
  readonly inputs: (world: World) => Record<string, string>;
  readonly newWorld: () => World;
}

const old = await tlsPair();
const renewed = await tlsPair({ cname: "scoring.contoso.com" });

const group = (world: World) => `/subscriptions/${world.subscriptionId}/resourceGroups/rg1`;
const workspaceOf = (world: World) =>
  `${group(world)}/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
const clusterOf = (world: World, name: string) =>
  `${group(world)}/providers/Microsoft.ContainerService/managedClusters/${name}`;

/** Shorter than the first question, so that every run asks the same questions, however slow the machine. */
function quick(world: World): World {
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  world.knobs.extensionSeconds = { write: 0.5, delete: 0.5 };
  world.knobs.balancerCleanupSeconds = 0.5;
  return world;
}

/** Compute `gpu` of type AKS, with a certificate that only the cluster has. */
function legacyWorld(): World {
  return withLegacy(quick(World.simple()));
}

/** The same, and nothing else: what is not there costs nothing. */
export function smallLegacyWorld(): World {
  const world = quick(new World());
  world.addSubscription();
  world.addResourceGroup("rg1");
  world.addWorkspace({ resourceGroup: "rg1", name: "ws1" });
  world.addDefaultApplications();
  return withLegacy(world);
}

function withLegacy(world: World): World {
  world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
  const { workspaceId, seed } = legacySeed(world);
  world.addAksCompute(workspaceId, seed);
  return world;
}

/** The legacy compute, as somebody attaches it by hand. */
export function legacySeed(world: World) {
  const resourceId = clusterOf(world, "aks2");
  const sslConfiguration = { status: "Enabled", cname: old.cname, cert: old.certificate, key: old.key };
  const workspaceId = workspaceOf(world);
  return {
    workspaceId,
    clusterId: resourceId,
    computeId: `${workspaceId}/computes/gpu`,
    seed: { name: "gpu", resourceId, sslConfiguration },
  };
}

/** Compute `gpu` of type Kubernetes, whose extension is outdated. */
function outdatedWorld(): World {
  const world = quick(World.simple());
  const resourceId = clusterOf(world, "aks1");
  const extension = world.resource(
    `${resourceId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`,
  );
  Object.assign(objectAt(extension?.body, "properties"), { currentVersion: "1.1.44" });
  const properties = { resourceId, properties: { namespace: "team-ml" } };
  world.addCompute(workspaceOf(world), { name: "gpu", properties });
  return world;
}

/** Everything that is killed at every request (issue 5, crash matrix). */
export const situations = {
  "legacy update": { action: "update-components", inputs: () => ({}), newWorld: legacyWorld },
  replace: {
    action: "attach",
    inputs: (world: World) => ({
      "compute-type": "aks",
      "cluster-resource-id": clusterOf(world, "aks2"),
      "on-difference": "replace",
      "ssl-cert-pem": renewed.certificate,
      "ssl-key-pem": renewed.key,
      "ssl-cname": renewed.cname,
    }),
    newWorld: legacyWorld,
  },
  "extension upgrade": { action: "update-components", inputs: () => ({}), newWorld: outdatedWorld },
  "upgrade with re-attach": {
    action: "update-components",
    inputs: () => ({ reattach: "always" }),
    newWorld: outdatedWorld,
  },
} satisfies Record<string, Situation>;

export type SituationName = keyof typeof situations;
export const situationNames = Object.keys(situations) as SituationName[];

/** The inputs that name the compute, and those of the situation. */
export function inputsOf(name: SituationName, world: World, origin: string): Record<string, string> {
  return {
    "azure-environment": origin,
    "subscription-id": world.subscriptionId,
    "resource-group": "rg1",
    "workspace-name": "ws1",
    "compute-name": "gpu",
    ...situations[name].inputs(world),
  };
}

/**
 * What a run must leave right, whatever happened before it: settings, certificate and versions as they are, and nothing
 * of this product's own. Times and the names of runs are left out.
 */
export function endOf(world: World): JsonObject {
  const clusters = world.clusters.all().map(({ id }) => world.kubernetes(id));
  const own = (kind: string) =>
    clusters.flatMap((cluster) =>
      cluster
        .all(kind)
        .map((object) => textAt(object, "metadata", "name") ?? "")
        .filter((name) => name.startsWith("azureml-clusters")),
    );
  const workspace = world.resource(workspaceOf(world));
  return {
    compute: stable(world.resource(`${workspaceOf(world)}/computes/gpu`)?.body ?? null),
    extensions: clusters.map(({ id }) => extensionOf(world, id)),
    router: clusters.map((cluster) => [
      objectAt(cluster.get("Secret", "default", "azuremlfessl"), "data"),
      cluster.get("Deployment", "default", "azureml-fe") !== undefined,
    ]),
    journals: own("Secret"),
    leases: own("Lease"),
    tags: objectAt(workspace?.body, "tags"),
  };
}

function extensionOf(world: World, clusterId: string): JsonObject {
  const id = `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
  const { configurationSettings, ...properties } = objectAt(world.resource(id)?.body, "properties");
  const settings = Object.entries(isObject(configurationSettings) ? configurationSettings : {});
  return {
    version: properties["currentVersion"] ?? null,
    state: properties["provisioningState"] ?? null,
    autoUpgrade: properties["autoUpgradeMinorVersion"] ?? null,
    settings: Object.fromEntries(settings.filter(([key]) => !key.startsWith("azureml-clusters."))),
  };
}

/** Without the times of a body. */
function stable(body: JsonObject | null): JsonObject | null {
  if (!body) return null;
  const { createdOn: _, modifiedOn: __, ...properties } = objectAt(body, "properties");
  return { ...body, properties };
}

/**
 * What a run that dies now leaves behind, as a digest: everything that a later run can see or step on, but for times and
 * the names of runs. Deaths that leave the same are one and the same to whoever comes after them.
 */
export function leftIn(world: World): string {
  const objects = world.clusters.all().flatMap(({ id }) => {
    const cluster = world.kubernetes(id);
    return [...cluster.all("Secret", "default"), ...cluster.all("Lease", "default"), ...routerOf(cluster)];
  });
  const running = [`${workspaceOf(world)}/computes/gpu`, ...extensionIds(world)].map(
    (id) => world.operations.running(id)?.verb ?? null,
  );
  const left = [endOf(world), objects.map(withoutRun), running];
  return createHash("sha256").update(JSON.stringify(left)).digest("hex");
}

type Cluster = ReturnType<World["kubernetes"]>;

function routerOf(cluster: Cluster): JsonObject[] {
  const kinds = ["Deployment", "Service", "ServiceAccount", "ConfigMap"].flatMap((kind) =>
    cluster.all(kind, "default"),
  );
  return [...kinds, ...cluster.all("ClusterRole"), ...cluster.all("ClusterRoleBinding")];
}

function extensionIds(world: World): string[] {
  return world.clusters
    .all()
    .map(({ id }) => `${id}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
}

/** Kind and name, and of a journal its phase and its body. */
function withoutRun(object: JsonObject): JsonObject {
  const text = textAt(object, "data", "journal.json");
  const name = `${textAt(object, "kind")} ${textAt(object, "metadata", "name")}`;
  if (text === undefined) return { name };
  const {
    run: _,
    startedAt: __,
    createdOn: ___,
    ...journal
  } = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as JsonObject;
  return { name, journal };
}

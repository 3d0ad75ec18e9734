import type { Breakage } from "../breakages.ts";
import { keyOf } from "../ids.ts";
import { type Json, type JsonObject, objectAt, textAt, valueAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { leavesWorkloads } from "./breakage-table.ts";
import type { ClusterKnobs, KubernetesCluster } from "./cluster.ts";

const EXTENSIONS = "Microsoft.KubernetesConfiguration/extensions";
const COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes";
/** Events are told again so often; in between nothing changes. */
const EVENT_ROUND_MS = 5 * 60 * 1000;

/** A group of equal nodes. */
export interface Pool {
  name: string;
  count: number;
  vmSize: string;
  windows: boolean;
  labels: Record<string, string>;
  /** `key=value:Effect` */
  taints: string[];
}

/** How Helm left the release. */
export type ReleaseState = "installing" | "installed" | "uninstalled" | "rolled-back" | "deleting";

export interface InstalledExtension {
  name: string;
  state: ReleaseState;
  version: string;
  settings: Settings;
  protectedSettings: Settings;
  createdAt: number;
}

/** Everything that the contents of a cluster follow from. */
export interface ClusterFacts {
  id: string;
  name: string;
  onAks: boolean;
  location: string;
  distribution: string;
  kubernetesVersion: string;
  nodeResourceGroup: string;
  pools: Pool[];
  extension: InstalledExtension | undefined;
  /** Namespace `azureml` is on its way out (extension 3). */
  terminating: boolean;
  broken: readonly Breakage[];
  /** Namespaces of the computes that workspaces attached. */
  computeNamespaces: string[];
  knobs: ClusterKnobs;
  /** When cluster and events began, in milliseconds. */
  since: number;
  eventsAt: number;
}

/** Settings of an extension as the chart reads them: text, compared without case (extension 1b). */
export class Settings {
  readonly #values: (readonly [key: string, value: string])[];

  constructor(values: JsonObject) {
    const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
    this.#values = given.map(([key, value]) => [key, String(value)]);
  }

  text(key: string): string | undefined {
    const found = this.#values.find(([name]) => name.toLowerCase() === key.toLowerCase());
    return found?.[1] || undefined;
  }

  on(key: string, otherwise = false): boolean {
    const value = this.text(key);
    return value === undefined ? otherwise : value.toLowerCase() === "true";
  }

  /** Whether one of the names says so: the present one first, then those it had before (extension 2b). */
  either(keys: readonly string[], otherwise: boolean): boolean {
    const known = keys.find((key) => this.text(key) !== undefined);
    return known === undefined ? otherwise : this.on(known);
  }

  all(): readonly (readonly [key: string, value: string])[] {
    return this.#values;
  }

  /** What stands below a prefix, as `nodeSelector.`, with the rest of the key as it was written. */
  below(prefix: string): Record<string, string> {
    const found = this.#values.filter(([key]) => key.toLowerCase().startsWith(prefix.toLowerCase()));
    return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
  }
}

export function factsOf(world: World, cluster: KubernetesCluster): ClusterFacts | undefined {
  const resource = world.resource(cluster.id);
  if (!resource) return undefined;
  const properties = objectAt(resource.body, "properties");
  const onAks = /managedClusters/i.test(resource.type);
  const gone = world.namespaceGoneAt.get(keyOf(resource.id));
  const now = world.clock.now();
  return {
    id: resource.id,
    name: resource.name,
    onAks,
    location: textAt(resource.body, "location") ?? world.location,
    distribution: onAks ? "aks" : (textAt(properties, "distribution") ?? "generic"),
    kubernetesVersion:
      textAt(properties, "currentKubernetesVersion") ?? textAt(properties, "kubernetesVersion") ?? "1.33.4",
    nodeResourceGroup: textAt(properties, "nodeResourceGroup") ?? "",
    pools: onAks ? poolsOf(properties) : [arcPool(properties)],
    extension: extensionOf(world, resource),
    terminating: gone !== undefined && now < gone,
    broken: world.brokenIn(resource.id),
    computeNamespaces: computeNamespaces(world, resource.id),
    knobs: cluster.knobs,
    since: world.clusters.since,
    eventsAt: Math.floor(now / EVENT_ROUND_MS) * EVENT_ROUND_MS,
  };
}

export function isBroken({ broken }: ClusterFacts, kind: Breakage["kind"]): boolean {
  return broken.some((one) => one.kind === kind);
}

function poolsOf(properties: JsonObject): Pool[] {
  return listOf(properties["agentPoolProfiles"]).map((one) => ({
    name: textAt(one, "name") ?? "nodepool1",
    count: Number(valueAt(one, "count") ?? 0),
    vmSize: textAt(one, "vmSize") ?? "Standard_D4s_v3",
    windows: textAt(one, "osType") === "Windows",
    labels: texts(objectAt(one, "nodeLabels")),
    taints: listOf(valueAt(one, "nodeTaints")).map(String),
  }));
}

function arcPool(properties: JsonObject): Pool {
  const count = Number(properties["totalNodeCount"] ?? 1);
  return { name: "node", count, vmSize: "Standard_D4s_v3", windows: false, labels: {}, taints: [] };
}

/** The extension is known by its type, under any name; Azure writes the type in lower case (extension 1a). */
export function extensionResource(world: World, clusterId: string): StoredResource | undefined {
  world.operations.settle();
  return world.store
    .list(EXTENSIONS, clusterId)
    .find(
      ({ body }) =>
        textAt(body, "properties", "extensionType")?.toLowerCase() === "microsoft.azureml.kubernetes",
    );
}

function extensionOf(world: World, cluster: StoredResource): InstalledExtension | undefined {
  const resource = extensionResource(world, cluster.id);
  if (!resource) return undefined;
  const properties = objectAt(resource.body, "properties");
  const created = Date.parse(textAt(resource.body, "systemData", "createdAt") ?? "");
  const installed = textAt(properties, "currentVersion");
  const stays = installed !== undefined || leavesWorkloads(world.brokenIn(cluster.id));
  return {
    name: resource.name,
    state: releaseState(textAt(properties, "provisioningState") ?? "Succeeded", stays),
    version: installed ?? textAt(properties, "version") ?? "1.1.84",
    settings: new Settings(objectAt(properties, "configurationSettings")),
    protectedSettings: new Settings(objectAt(properties, "configurationProtectedSettings")),
    createdAt: Number.isNaN(created) ? world.clusters.since : created,
  };
}

/** extension 3: installs are atomic. A failed one is uninstalled, a failed upgrade rolled back. */
function releaseState(provisioningState: string, stays: boolean): ReleaseState {
  if (provisioningState === "Creating" || provisioningState === "Updating") return "installing";
  if (provisioningState === "Deleting") return "deleting";
  if (provisioningState === "Succeeded") return "installed";
  return stays ? "rolled-back" : "uninstalled";
}

/** Computes by the clusters that they are, as long as none comes or goes: in a fleet there are many to look through. */
const attachments = new WeakMap<World, { version: number; byCluster: Map<string, StoredResource[]> }>();

function computeNamespaces(world: World, clusterId: string): string[] {
  let known = attachments.get(world);
  if (known?.version !== world.store.version) {
    known = { version: world.store.version, byCluster: new Map() };
    for (const compute of world.store.list(COMPUTES, "")) {
      const key = keyOf(textAt(compute.body, "properties", "resourceId") ?? "");
      known.byCluster.set(key, [...(known.byCluster.get(key) ?? []), compute]);
    }
    attachments.set(world, known);
  }
  const attached = known.byCluster.get(keyOf(clusterId)) ?? [];
  return attached.map(({ body }) => textAt(body, "properties", "properties", "namespace") ?? "default");
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]));
}

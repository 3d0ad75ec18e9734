import { type Arm, glance, observe } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import { type GraphScope, queryGraph } from "../azure/resource-graph.ts";
import { getSubscription, listSubscriptionIds } from "../azure/resources.ts";
import type { Compute } from "../model/compute.ts";
import { isNamed } from "../model/discovery.ts";
import { Failure } from "../model/failure.ts";
import type { Observed } from "../model/observed.ts";
import { parseResourceId, type ResourceId, sameText } from "../model/resource-id.ts";
import { eachOf } from "../reconcile/pool.ts";
import { extensionType } from "../rules/extension.ts";
import type { DiscoverRequest } from "./discover-request.ts";

/** What Resource Graph shows of any resource. */
interface GraphRow {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>> | null;
}

/** The Azure ML extension of a cluster. */
export interface GraphExtension {
  readonly version: string | undefined;
  readonly state: string | undefined;
}

/** A workspace with its computes, as far as they can be read. */
export interface SeenWorkspace extends GraphRow {
  readonly place: ResourceId;
  readonly computes: Observed<readonly Compute[]>;
}

/** What `discover` sees. */
export interface DiscoverFacts {
  readonly request: DiscoverRequest;
  /** Subscriptions that were asked for and can't be seen, with why. */
  readonly unseen: readonly { readonly id: string; readonly why: string }[];
  readonly workspaces: readonly SeenWorkspace[];
  /** By their ids in lower case. */
  readonly clusters: ReadonlyMap<string, GraphRow>;
  /** The Azure ML extension of each cluster, by the cluster's id in lower case. */
  readonly extensions: ReadonlyMap<string, GraphExtension>;
}

/**
 * The queries. Computes are in no table of Resource Graph (Microsoft's reference of its tables and resource types), so
 * those of each workspace are listed by Resource Manager. Public queries spell some properties of extensions with a capital,
 * and Kusto makes a difference: so they are picked here.
 */
const queries = {
  workspaces:
    "resources | where type =~ 'microsoft.machinelearningservices/workspaces' | project id, location, tags | order by id asc",
  clusters:
    "resources | where type in~ ('microsoft.containerservice/managedclusters', 'microsoft.kubernetes/connectedclusters') | project id, location, tags | order by id asc",
  extensions:
    "kubernetesconfigurationresources | where type =~ 'microsoft.kubernetesconfiguration/extensions' | project id, properties | order by id asc",
};

/** Workspaces whose computes are listed at a time; how many requests Azure takes is the governor's affair. */
const concurrency = 32;

/** Looks over the subscriptions. @throws Failure where nothing can be seen. */
export async function observeFleet(request: DiscoverRequest, arm: Arm): Promise<DiscoverFacts> {
  const { scope, unseen } = await scopeOf(request, arm);
  const withComputes = request.find === "computes";
  if (!scope) return { request, unseen, workspaces: [], clusters: new Map(), extensions: new Map() };
  // One after the other: all of them take from one quota, and each answer tells what is left of it.
  const workspaces = withComputes ? await queryGraph<GraphRow>(arm, queries.workspaces, scope) : [];
  const clusters = await queryGraph<GraphRow>(arm, queries.clusters, scope);
  const extensions = await queryGraph<ExtensionRow>(arm, queries.extensions, scope);
  return {
    request,
    unseen,
    workspaces: await withTheirComputes(workspaces, request, arm),
    clusters: new Map(clusters.map((one) => [one.id.toLowerCase(), one])),
    extensions: new Map(extensions.flatMap(azureMl)),
  };
}

interface ExtensionRow {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

function azureMl({ id, properties }: ExtensionRow): [clusterId: string, GraphExtension][] {
  const text = (name: string) => {
    const value = Object.entries(properties ?? {}).find(([key]) => sameText(key, name))?.[1];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  if (!sameText(text("extensionType") ?? "", extensionType)) return [];
  return [[clusterOf(id), { version: text("currentVersion"), state: text("provisioningState") }]];
}

/** `…/connectedClusters/c/providers/Microsoft.KubernetesConfiguration/extensions/e`, in any case. */
function clusterOf(extensionId: string): string {
  return extensionId.toLowerCase().split("/providers/microsoft.kubernetesconfiguration/")[0] ?? "";
}

/**
 * Where to look. Resource Graph leaves out a subscription that the caller can't see without a word, and half a fleet
 * would pass for the whole: so each that was named is asked for first.
 */
async function scopeOf(
  { subscriptionIds, managementGroup }: DiscoverRequest,
  arm: Arm,
): Promise<{ scope?: GraphScope; unseen: DiscoverFacts["unseen"] }> {
  if (managementGroup) return { scope: { managementGroups: [managementGroup] }, unseen: [] };
  if (subscriptionIds.length === 0) {
    const subscriptions = await listSubscriptionIds(arm);
    return subscriptions.length > 0 ? { scope: { subscriptions }, unseen: [] } : { unseen: [] };
  }
  const unseen: { id: string; why: string }[] = [];
  await eachOf(subscriptionIds, concurrency, async (id) => {
    const seen = await observe(() => getSubscription(arm, id));
    if (seen.is !== "present")
      unseen.push({ id, why: seen.is === "denied" ? seen.why.message : "not found" });
  });
  const subscriptions = subscriptionIds.filter((id) => !unseen.some((one) => one.id === id));
  if (subscriptions.length > 0) return { scope: { subscriptions }, unseen };
  throw new Failure("SubscriptionNotFound", "None of the subscriptions can be read.", {
    details: unseen.map(({ id, why }) => `${id}: ${why}`),
    remedy:
      "Check `subscription-ids`, and give the identity that this step signs in with Reader on the subscriptions; a new role takes some minutes to work.",
  });
}

async function withTheirComputes(
  rows: readonly GraphRow[],
  { workspaces: patterns }: DiscoverRequest,
  arm: Arm,
): Promise<SeenWorkspace[]> {
  const wanted = rows.flatMap((row) => {
    const place = parseResourceId(row.id);
    return place && (patterns.length === 0 || isNamed(place.name, patterns)) ? [{ ...row, place }] : [];
  });
  const seen: SeenWorkspace[] = [];
  await eachOf(wanted, concurrency, async (row, index) => {
    seen[index] = { ...row, computes: await glance(() => new Computes(arm, row.place).list(), arm.signal) };
  });
  return seen;
}

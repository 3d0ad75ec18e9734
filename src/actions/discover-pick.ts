import { type Compute, stateOf } from "../model/compute.ts";
import { type Discovered, hasTags } from "../model/discovery.ts";
import { interruptedIn } from "../model/journal.ts";
import { isListed } from "../model/kubernetes-version.ts";
import { present } from "../model/observed.ts";
import { regionName } from "../model/region.ts";
import { parseResourceId, sameText } from "../model/resource-id.ts";
import type { DiscoverFacts, SeenWorkspace } from "./discover-look.ts";
import type { DiscoverRequest } from "./discover-request.ts";

type Tags = Readonly<Record<string, string>> | null | undefined;

/** What the filters let through, in no order. Pure. */
export function pick(facts: DiscoverFacts): Discovered[] {
  if (facts.request.find === "clusters")
    return [...facts.extensions.keys()].flatMap((id) => clusterIn(id, facts));
  return facts.workspaces.flatMap((workspace) => [
    ...interruptedOf(workspace, facts),
    ...(present(workspace.computes) ?? []).flatMap((compute) => computeIn(compute, workspace, facts)),
  ]);
}

/** How many legacy computes were left out only because nobody asked for their type. */
export function legacyLeftOut({ request, workspaces }: DiscoverFacts): number {
  if (request.find !== "computes" || request.computeTypes.includes("aks")) return 0;
  const all = workspaces.flatMap(({ computes }) => present(computes) ?? []);
  return all.filter(({ properties }) => sameText(properties.computeType, "AKS")).length;
}

function computeIn(compute: Compute, workspace: SeenWorkspace, facts: DiscoverFacts): Discovered[] {
  const { request, clusters, extensions } = facts;
  const { place, id: workspaceId } = workspace;
  const { name = "", properties } = compute;
  const { computeType, resourceId } = properties;
  const clusterId = resourceId ?? undefined;
  const cluster = clusters.get(clusterId?.toLowerCase() ?? "");
  const extensionVersion = extensions.get(clusterId?.toLowerCase() ?? "")?.version;
  const region = regionName(cluster?.location ?? compute.location ?? workspace.location);
  const found: Discovered = {
    id: `${workspaceId}/computes/${name}`,
    name,
    subscriptionId: place.subscriptionId,
    resourceGroup: place.resourceGroup,
    workspaceName: place.name,
    ...(clusterId && { clusterId }),
    region,
    computeType,
    state: stateOf(compute),
    ...(extensionVersion && { extensionVersion }),
  };
  const isWanted =
    request.computeTypes.some((type) => sameText(type, computeType)) &&
    passes(found, request, [compute.tags, workspace.tags, cluster?.tags]);
  return isWanted ? [found] : [];
}

/** Of a compute that is detached only its place and its cluster are known, and only those filter it. */
function interruptedOf(workspace: SeenWorkspace, { request, clusters }: DiscoverFacts): Discovered[] {
  const { place, id: workspaceId } = workspace;
  return interruptedIn(workspace.tags, place).flatMap(({ computeName, clusterId }) => {
    // It is there again: the tag was left behind, or the run goes on this moment.
    const attached = (present(workspace.computes) ?? []).some(({ name = "" }) => sameText(name, computeName));
    if (attached) return [];
    const cluster = clusters.get(clusterId?.toLowerCase() ?? "");
    const found: Discovered = {
      id: `${workspaceId}/computes/${computeName}`,
      name: computeName,
      subscriptionId: place.subscriptionId,
      resourceGroup: place.resourceGroup,
      workspaceName: place.name,
      ...(clusterId && { clusterId }),
      region: regionName(cluster?.location ?? workspace.location),
      state: "Interrupted",
      interrupted: true,
    };
    const { regions, tags } = request;
    return passes(found, { regions, tags, states: [] }, [workspace.tags, cluster?.tags]) ? [found] : [];
  });
}

function clusterIn(key: string, { request, clusters, extensions }: DiscoverFacts): Discovered[] {
  const cluster = clusters.get(key);
  const place = cluster && parseResourceId(cluster.id);
  if (!cluster || !place) return [];
  const { version, state } = extensions.get(key) ?? {};
  const found: Discovered = {
    id: cluster.id,
    name: place.name,
    subscriptionId: place.subscriptionId,
    resourceGroup: place.resourceGroup,
    clusterId: cluster.id,
    region: regionName(cluster.location),
    state: state ?? "Unknown",
    ...(version && { extensionVersion: version }),
  };
  return passes(found, request, [cluster.tags]) ? [found] : [];
}

type Filters = Pick<DiscoverRequest, "regions" | "tags" | "states"> &
  Partial<Pick<DiscoverRequest, "extensionVersion">>;

function passes(
  { region, state, extensionVersion }: Discovered,
  { regions, tags, states, extensionVersion: bound }: Filters,
  sets: readonly Tags[],
): boolean {
  return (
    (regions.length === 0 || regions.includes(region)) &&
    (states.length === 0 || states.some((one) => sameText(one, state))) &&
    (bound === undefined || (extensionVersion !== undefined && isListed(extensionVersion, [bound]))) &&
    hasTags(tags, sets)
  );
}

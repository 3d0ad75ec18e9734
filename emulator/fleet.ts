import type { BreakageKind } from "./breakages.ts";
import { uuidFrom } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { World } from "./world.ts";

/** How large a fleet is, and what is wrong in it. The same seed gives the same fleet. */
export interface FleetSeed {
  /** Default 1; the first is the world's own. */
  subscriptions?: number;
  /** Default 10, spread evenly over the subscriptions. */
  clusters?: number;
  /** How many of the clusters are Arc clusters; default none. */
  arc?: number;
  /** How many of the clusters are broken, chosen by the seed; default none. */
  broken?: number;
  /** What is broken in them, one after the other. */
  breakages?: BreakageKind[];
  /** Attached as computes of their subscription's workspace; default true. */
  attached?: boolean;
  seed?: number;
}

/** A cluster of a fleet, with the ids that a test wants. */
export interface FleetMember {
  clusterId: string;
  workspaceId: string;
  /** Of its compute, whether it is attached or could be. */
  computeName: string;
  breakage?: BreakageKind;
}

/** HTTPS by a secret of the cluster (extension 8): of one name for all, so that one certificate does. */
const TLS: JsonObject = {
  allowInsecureConnections: "False",
  sslSecret: "azureml-tls",
  sslCname: "ml.example.com",
  "scoringFe.sslSecret": "azureml-tls",
};
const USUAL_BREAKAGES: BreakageKind[] = ["crash-loop", "image-pull", "insufficient-cpu"];
const REGIONS = ["eastus", "westeurope", "japaneast"];
/** The management group above all subscriptions of a fleet. */
export const FLEET_GROUP = "fleet";

/**
 * Many clusters in many subscriptions: in each subscription a resource group `fleet` with a workspace `ws1`; clusters
 * `aks0001` ..., healthy unless they are broken, with tags `ring` (the first tenth is `canary`) and `number`; computes
 * `gpu0001` ...
 */
export function addFleet(world: World, seed: FleetSeed = {}): FleetMember[] {
  const { subscriptions = 1, clusters = 10, arc = 0, broken = 0, attached = true } = seed;
  const workspaces = Array.from({ length: subscriptions }, (_, index) => addWorkspace(world, index));
  world.addManagementGroup(
    FLEET_GROUP,
    workspaces.map(({ subscriptionId }) => subscriptionId),
  );
  const chosen = shuffled(clusters, seed.seed ?? 1);
  const kinds = seed.breakages ?? USUAL_BREAKAGES;
  return Array.from({ length: clusters }, (_, index) => {
    const workspace = workspaces[index % subscriptions];
    if (!workspace) throw new Error("a fleet has a subscription");
    const turn = chosen.indexOf(index);
    const breakage = turn < broken ? kinds[turn % kinds.length] : undefined;
    const member = addMember(world, workspace, index, { clusters, isArc: index >= clusters - arc });
    if (attached) {
      const { computeName: name, clusterId: resourceId, workspaceId } = member;
      world.addCompute(workspaceId, { name, location: workspace.location, properties: { resourceId } });
    }
    if (breakage) world.breakCluster(member.clusterId, breakage);
    return { ...member, ...(breakage && { breakage }) };
  });
}

interface FleetWorkspace {
  subscriptionId: string;
  location: string;
  workspaceId: string;
}

function addWorkspace(world: World, index: number): FleetWorkspace {
  const subscriptionId = index === 0 ? world.subscriptionId : uuidFrom(`subscription ${index} of the fleet`);
  const location = REGIONS[index % REGIONS.length] ?? world.location;
  world.addSubscription({ subscriptionId, displayName: `Fleet ${index + 1}` });
  world.addResourceGroup("fleet", { subscriptionId, location });
  const tags = { environment: index % 2 === 0 ? "production" : "test" };
  const workspaceId = world.addWorkspace({
    resourceGroup: "fleet",
    name: "ws1",
    subscriptionId,
    location,
    tags,
  });
  return { subscriptionId, location, workspaceId };
}

function addMember(
  world: World,
  { subscriptionId, location, workspaceId }: FleetWorkspace,
  index: number,
  { clusters, isArc }: { clusters: number; isArc: boolean },
): FleetMember {
  const number = String(index + 1).padStart(4, "0");
  const ring = index < Math.ceil(clusters / 10) ? "canary" : "broad";
  const place = { resourceGroup: "fleet", subscriptionId, location, tags: { ring, number } };
  const clusterId = isArc
    ? world.addConnectedCluster({ ...place, name: `arc${number}` })
    : world.addManagedCluster({ ...place, name: `aks${number}` });
  world.addExtension(clusterId, { properties: { configurationSettings: TLS } });
  return { clusterId, workspaceId, computeName: `gpu${number}` };
}

/** The numbers below a bound, in an order that the seed gives (a linear congruential generator, Numerical Recipes). */
function shuffled(bound: number, seed: number): number[] {
  const numbers = Array.from({ length: bound }, (_, index) => index);
  let state = seed >>> 0;
  for (let last = bound - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other] ?? 0, numbers[last] ?? 0];
  }
  return numbers;
}

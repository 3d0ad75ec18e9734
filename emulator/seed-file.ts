import { turnKnobs } from "./control.ts";
import type { Fault } from "./faults.ts";
import { addFleet, type FleetSeed } from "./fleet.ts";
import type { FederatedCredential } from "./identity/directory.ts";
import type { JsonObject } from "./json.ts";
import type { ExtensionSeed } from "./seeds.ts";
import { type ComputeSeed, type ResourceSeed, World, type WorldOptions } from "./world.ts";

/** What `npm run emulator -- --seed file.json` reads: the calls of `World`, as data. Everything is optional. */
export interface SeedFile extends WorldOptions {
  workspaces?: (ResourceSeed & { computes?: ComputeSeed[] })[];
  managedClusters?: (ResourceSeed & { extensions?: ExtensionSeed[] })[];
  connectedClusters?: (ResourceSeed & { extensions?: ExtensionSeed[] })[];
  applications?: { clientId: string; secret?: string; federated?: FederatedCredential[] }[];
  /** Each of them `Registered` unless it is named here, by namespace. */
  providerStates?: Record<string, string>;
  /** Many clusters beside those above. */
  fleet?: FleetSeed;
  knobs?: JsonObject;
  faults?: Fault[];
}

/** A world from a seed file. Without applications it has the usual one, with its secret and federated credential. */
export function worldFrom(seed: SeedFile): World {
  const { tenantId, subscriptionId, location } = seed;
  const world = new World({
    ...(tenantId ? { tenantId } : {}),
    ...(subscriptionId ? { subscriptionId } : {}),
    ...(location ? { location } : {}),
  });
  world.addSubscription();
  addApplications(world, seed);
  for (const { computes = [], ...workspace } of seed.workspaces ?? []) {
    const id = world.addWorkspace(workspace);
    for (const compute of computes) world.addCompute(id, compute);
  }
  for (const { extensions = [], ...cluster } of seed.managedClusters ?? []) {
    const id = world.addManagedCluster(cluster);
    for (const extension of extensions) world.addExtension(id, extension);
  }
  for (const { extensions = [], ...cluster } of seed.connectedClusters ?? []) {
    const id = world.addConnectedCluster(cluster);
    for (const extension of extensions) world.addExtension(id, extension);
  }
  if (seed.fleet) world.fleet.push(...addFleet(world, seed.fleet));
  for (const [namespace, state] of Object.entries(seed.providerStates ?? {})) {
    world.providerStates.set(namespace.toLowerCase(), state);
  }
  turnKnobs(world.knobs, seed.knobs ?? {});
  world.faults.push(...(seed.faults ?? []));
  return world;
}

function addApplications(world: World, seed: SeedFile): void {
  if (!seed.applications) world.addDefaultApplications();
  for (const application of seed.applications ?? []) world.addApplication(application);
}

import type { Fault, World } from "../../emulator/index.ts";
import { brokenAlways, type Spot, spotsAmong, type Trial, text, when } from "../support/fault-matrix.ts";
import { type Run, scene, workspaceId } from "../support/scene.ts";

/** A way of creating that the matrix puts faults into. */
export interface Creation {
  readonly inputs: Record<string, string>;
  /** What is created, and what its ids end in. */
  readonly idOf: (world: World) => string;
  readonly created: string;
}

export const creations = {
  "via aks": {
    inputs: {},
    idOf: (world) =>
      `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/new1`,
    created: "managedClusters",
  },
  "via workspace": {
    inputs: {
      via: "workspace",
      ...{ "cluster-name": "", "cluster-resource-group": "" },
      ...{ "resource-group": "rg1", "workspace-name": "ws1", "compute-name": "scoring" },
    },
    idOf: (world) => `${workspaceId(world)}/computes/scoring`,
    created: "computes",
  },
} satisfies Record<string, Creation>;

export type Way = keyof typeof creations;

function newStage() {
  const stage = scene();
  stage.world.knobs.computeSeconds = { create: 4, detach: 3 };
  stage.world.knobs.managedClusterSeconds = { create: 4, update: 4 };
  return stage;
}

/** The requests of a clean run. The cluster that a workspace makes has another name in each world. */
export async function spotsOf(way: Way): Promise<Spot[]> {
  const stage = newStage();
  const run = await stage.create(creations[way].inputs);
  if (run.exit !== 0) throw new Error(`the clean creation ${way} failed: ${run.report.error?.message}`);
  return spotsAmong(stage.world.exchanges).filter(({ name }) => !/managedClusters\/scoring/.test(name));
}

/** The state of what was asked for, as the world has it now. */
function stateOf(world: World, id: string): string {
  const { properties } = (world.resource(id)?.body ?? {}) as { properties?: { provisioningState?: string } };
  return properties?.provisioningState ?? "Absent";
}

/** Runs a creation in a new world with these faults and holds it to what every run promises. */
export async function tryWith(way: Way, faults: readonly Fault[], mustSucceed: boolean): Promise<Trial> {
  const { inputs, idOf, created }: Creation = creations[way];
  const stage = newStage();
  const { world } = stage;
  let creates = 0;
  const put = world.store.put.bind(world.store);
  world.store.put = (...resource) => {
    if (resource[1].endsWith(`/${created}`)) creates++;
    return put(...resource);
  };
  world.faults.push(...faults);
  const run = await stage.create(inputs);
  // A 404 to the look at what is created is no fault to anybody's eye: Azure says that there is none.
  const misled = faults.some(({ match, status }) => status === 404 && isLook(match));
  const broken = [
    ...brokenAlways(run, creates, world),
    ...(misled ? [] : brokenTruth(run, creates, stateOf(world, idOf(world)), world)),
    ...when(mustSucceed && run.exit !== 0, `ended in ${text(run)}`),
  ];
  return { exit: run.exit, broken };
}

function isLook({ method, url }: Fault["match"]): boolean {
  return method === "GET" && /managedClusters\/new1|computes\/scoring/.test(String(url));
}

/** What a run says of the world is so. */
function brokenTruth(run: Run, creates: number, state: string, world: World): string[] {
  const { outputs } = run.host.said;
  const claimed = outputs["state"] ?? "none";
  const lie = ["Succeeded", "Failed", "Absent"].includes(claimed) && claimed !== state;
  const untouched = run.report.error?.message.includes("Nothing was written") ?? false;
  // After a conflict nobody can tell whose write it was.
  const ours = !world.exchanges.some(({ status }) => status === 409);
  return [
    ...when(outputs["changed"] === "true" && creates === 0, `says changed, but nothing was; ${text(run)}`),
    ...when(lie, `says ${claimed}, but it is ${state}; ${text(run)}`),
    ...when(untouched && creates > 0, "says that nothing was written, but it was"),
    ...when(run.exit === 0 && (state !== "Succeeded" || claimed !== state), `succeeded, but is ${state}`),
    ...when(run.exit === 0 && ours && outputs["changed"] !== "true", "succeeded, and says unchanged"),
  ];
}

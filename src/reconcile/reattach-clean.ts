import { nextPoll } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import type { ClusterApi, ClusterWrites } from "../kubernetes/cluster-api.ts";
import {
  deleteLeftover,
  leftoversThere,
  readServices,
  type SeenLeftover,
} from "../kubernetes/legacy-router.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Performed, Tools } from "./action.ts";
import type { JournalKeeper } from "./journal-store.ts";
import { leftAlone } from "./reattach-findings.ts";

/**
 * Milliseconds for the leftovers to go. A service of type LoadBalancer stays until the cloud's load balancer is gone
 * (Kubernetes documentation, "Garbage collecting load balancers"), which takes AKS a minute or two.
 */
const leftoverLimit = 10 * 60_000;

/**
 * Removes what the legacy router left, and waits until it is gone. Only where no web service runs: its traffic goes
 * through what would be removed (extension.md 8). Whoever lost the journal meanwhile deletes nothing: by then the names
 * may be those of the router of a compute that another run has attached, and its secret the one place of the key.
 */
export async function cleanLeftovers(
  api: ClusterApi,
  writes: ClusterWrites,
  keeper: JournalKeeper,
  tools: Tools,
): Promise<Performed> {
  const services = await readServices(api);
  if (services.is === "denied") throw services.why;
  const running = present(services) ?? [];
  if (running.length > 0) return { ended: "done", findings: [leftAlone(running)] };
  const began = Date.now();
  for (let round = 1; ; round++) {
    if (round > 2) await pause(nextPoll(began), tools.azure.arm.signal);
    const there = await leftoversThere(api);
    if (there.is === "denied") throw there.why;
    const left = present(there) ?? [];
    if (left.length === 0) return { ended: "done" };
    const isOver = Date.now() - began > leftoverLimit;
    const standing = left.filter(({ isGoing }) => !isGoing);
    // What was seen before this write is not yet another run's, and what becomes so later is not deleted.
    if (isOver || standing.length > 0) await keeper.enter("detached");
    if (isOver) throw leftoversRemain(left);
    await deleteAll(standing, writes, tools);
  }
}

async function deleteAll(
  standing: readonly SeenLeftover[],
  writes: ClusterWrites,
  { azure, watcher }: Tools,
): Promise<void> {
  for (const object of standing) {
    const isDeleted = await deleteLeftover(writes, object, azure.arm.signal);
    if (isDeleted) watcher.accepted();
    const ends = isDeleted ? "is deleted" : "has changed meanwhile, and is looked at again";
    watcher.log(`  ${object.kind} ${object.name} ${ends}.`);
  }
}

function leftoversRemain(left: readonly SeenLeftover[]): Failure {
  const names = left.map(({ kind, name }) => `${kind} ${name}`).join(", ");
  return new Failure("LeftoversRemain", `What the legacy router left can't be removed: ${names}.`, {
    remedy: "Something makes them again, or a finalizer holds them: look at them, remove them.",
  });
}

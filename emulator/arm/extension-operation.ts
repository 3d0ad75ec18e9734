import type { BreakageKind } from "../breakages.ts";
import { errorJson } from "../errors.ts";
import { keyOf } from "../ids.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { withState } from "./compute-body.ts";
import { isAzureMl } from "./extension-body.ts";
import { type ShownFailure, shownFailure } from "./extension-failures.ts";
import { clusterTraits } from "./extension-nodes.ts";
import { type Cause, failureCause } from "./extension-outcome.ts";
import { type ExtensionRelease, pickRelease, releases } from "./extension-releases.ts";
import { ExtensionSettings } from "./extension-settings.ts";
import { retryAfter, statusUrls } from "./long-running.ts";
import { TYPES } from "./reading.ts";

/** The long-running part of writing and deleting an extension. */

const HOUR_SECONDS = 60 * 60;

/** What a write is going to come to. It is settled when the write is taken; it shows when the operation ends. */
interface Verdict {
  outcome: Outcome;
  failure?: ShownFailure;
  cause?: Cause;
  release?: ExtensionRelease | undefined;
}

/** Starts the installation or the update of a stored extension; the headers that announce it. */
export function startWrite(call: Call, cluster: StoredResource, id: string): Record<string, string> {
  const { world } = call;
  mend(world, cluster.id);
  const reachable = clusterTraits(cluster).reachable;
  const verdict = reachable ? judge(world, cluster, id) : offline(world, id);
  return start(call, id, {
    verb: "write",
    seconds: reachable ? world.knobs.extensionSeconds.write : world.knobs.agentOfflineHours * HOUR_SECONDS,
    outcome: verdict.outcome,
    apply: () => conclude(world, cluster.id, id, verdict),
  });
}

/** extension 3: the resource goes first, the Helm release with its namespace when the agents have taken it away. */
export function startDelete(call: Call, cluster: StoredResource, id: string): Record<string, string> {
  const { world } = call;
  const goneAt = world.clock.now() + world.knobs.extensionSeconds.delete * 1000;
  return start(call, id, {
    verb: "delete",
    seconds: world.knobs.extensionSeconds.delete,
    outcome: { status: "Succeeded" },
    apply: () => {
      const extension = world.store.get(id);
      if (!extension) return;
      world.store.delete(id);
      mend(world, cluster.id);
      if (!isAzureMl(objectAt(extension.body, "properties"))) return;
      const { reachable } = clusterTraits(world.store.get(cluster.id) ?? cluster);
      const seconds = reachable ? world.knobs.namespaceGoneSeconds : Number.POSITIVE_INFINITY;
      world.namespaceGoneAt.set(keyOf(cluster.id), goneAt + seconds * 1000);
    },
  });
}

interface Start {
  verb: "write" | "delete";
  seconds: number;
  outcome: Outcome;
  apply: () => void;
}

function start(call: Call, id: string, { verb, seconds, outcome, apply }: Start): Record<string, string> {
  const { world } = call;
  const { knobs } = world;
  const operation = world.operations.start({
    dialect: "extension",
    verb,
    resourceId: id,
    apiVersion: call.apiVersion,
    seconds,
    lagSeconds: knobs.resourceLagSeconds - knobs.resourceLeadSeconds,
    stuck: knobs.stuck,
    signed: knobs.signedStatusUrls,
    outcome,
    apply,
  });
  const where = { subscriptionId: param(call, "subscriptionId"), location: world.location, resourceId: id };
  const urls = statusUrls(call, operation, where);
  return { "azure-asyncoperation": urls.asyncOperation, location: urls.foreignLocation, ...retryAfter(call) };
}

function judge(world: World, cluster: StoredResource, id: string): Verdict {
  const extension = world.store.get(id);
  const properties = objectAt(extension?.body, "properties");
  const { knobs } = world;
  if (knobs.createOutcome) return { outcome: knobs.createOutcome };
  if (!isAzureMl(properties)) return { outcome: { status: "Succeeded" } };
  const release = pickRelease(releases(knobs.extensionReleases), {
    version: textAt(properties, "version") || undefined,
    train: textAt(properties, "releaseTrain") ?? "stable",
    current: textAt(properties, "currentVersion"),
    autoUpgrade: properties["autoUpgradeMinorVersion"] !== false,
  });
  const cause = failureCause({
    cluster: clusterTraits(cluster),
    settings: settingsOf(properties),
    release,
    namespaceTerminating: (world.namespaceGoneAt.get(keyOf(cluster.id)) ?? 0) > world.clock.now(),
    secondOfType: othersOfType(world, cluster.id, id).length > 0,
    broken: world.brokenIn(cluster.id),
    knobs,
  });
  return cause ? failed(world, id, cause) : { outcome: { status: "Succeeded" }, release };
}

/** extension 3: agents that are offline for over 48 hours after a write make it Failed. The wording is a guess. */
function offline(world: World, id: string): Verdict {
  const hours = world.knobs.agentOfflineHours;
  return failed(world, id, { says: `the agents of the cluster did not reach Azure for ${hours} hours` });
}

function failed(world: World, id: string, cause: Cause): Verdict {
  const extension = world.store.get(id);
  const properties = objectAt(extension?.body, "properties");
  const write = {
    name: extension?.name ?? "",
    settings: objectAt(properties, "configurationSettings"),
    updating: textAt(properties, "currentVersion") !== undefined,
    time: world.clock.stamp(),
  };
  const failure = shownFailure(cause, write, world.knobs);
  return { outcome: { status: "Failed", error: failure.error }, failure, cause };
}

/** testbed 7: only when done does GET show the version that runs. testbed 8: a failed one stays, as Failed. */
function conclude(world: World, clusterId: string, id: string, verdict: Verdict): void {
  const extension = world.store.get(id);
  if (!extension) return;
  const { outcome, failure, release, cause } = verdict;
  const properties = objectAt(withState(extension.body, outcome.status), "properties");
  if (outcome.status === "Succeeded") {
    properties["currentVersion"] = release?.version ?? textAt(properties, "version") ?? "1.0.0";
  } else {
    const errorInfo = failure ? failure.errorInfo : outcome.error;
    if (errorInfo) properties["errorInfo"] = errorJson(errorInfo);
    properties["statuses"] = failure?.statuses ?? [];
  }
  extension.body = { ...extension.body, properties };
  if (cause?.kind) breakFor(world, clusterId, cause.kind);
}

/** The cluster shows what the installation failed of, unless it has been so all along. */
function breakFor(world: World, clusterId: string, kind: BreakageKind): void {
  const known = world.brokenIn(clusterId);
  if (known.some((one) => one.kind === kind)) return;
  const broken = { kind };
  // Not by `breakCluster`, which makes an extension to fit: here the extension is what broke it.
  world.breakages.set(keyOf(clusterId), [...known, broken]);
  world.brokenByInstall.set(keyOf(clusterId), broken);
}

/** What an installation broke is gone with the next one: its cause was in its settings. */
function mend(world: World, clusterId: string): void {
  const key = keyOf(clusterId);
  const broken = world.brokenByInstall.get(key);
  if (!broken) return;
  const others = world.brokenIn(clusterId).filter((one) => one !== broken);
  world.brokenByInstall.delete(key);
  world.breakages.set(key, others);
}

/** Other extensions of the Azure ML type in a cluster. */
export function othersOfType(world: World, clusterId: string, id: string): StoredResource[] {
  return world.store
    .list(TYPES.extension, clusterId)
    .filter((one) => keyOf(one.id) !== keyOf(id) && isAzureMl(objectAt(one.body, "properties")));
}

function settingsOf(properties: JsonObject): ExtensionSettings {
  return new ExtensionSettings(
    objectAt(properties, "configurationSettings"),
    objectAt(properties, "configurationProtectedSettings"),
  );
}

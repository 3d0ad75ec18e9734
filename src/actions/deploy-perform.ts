import { glance } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Extensions } from "../azure/extensions.ts";
import { nextPoll } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import { Relay } from "../azure/relay.ts";
import type { Answer } from "../azure/wire.ts";
import { openCluster } from "../kubernetes/access.ts";
import type { ClusterApi } from "../kubernetes/cluster-api.ts";
import type { Extension } from "../model/azure-resources.ts";
import { extensionNamespace } from "../model/cluster-contents.ts";
import { differenceLines } from "../model/compute.ts";
import { formatDuration } from "../model/duration.ts";
import {
  changeNeedsRelay,
  type ExtensionWish,
  extensionDifferences,
  extensionPatch,
} from "../model/extension-change.ts";
import type { DeployFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import type { Performed, Tools } from "../reconcile/action.ts";
import { ExtensionSteps } from "../reconcile/extension-steps.ts";
import { ensureRelay } from "../reconcile/relay-steps.ts";
import type { Watcher } from "../reconcile/resource-steps.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { creation, relayOf, relayTraits, wishOf } from "./deploy-plan.ts";
import { explainedNow } from "./explain.ts";
import { extensionSight } from "./observe-cluster.ts";

/** Milliseconds that the agents take to remove an extension, where the cluster can't be asked (extension.md 3). */
const removalTime = 10 * 60_000;

/** Does one step of a deployment, and proves it by reading. Where the extension fails, the cluster is asked why. */
export async function performDeployment(step: Step, facts: DeployFacts, tools: Tools): Promise<Performed> {
  try {
    return await perform(step, facts, tools);
  } catch (error) {
    const failed = error instanceof Failure && error.code === "ExtensionFailed";
    throw failed ? await explainedNow(error, facts, tools.azure) : error;
  }
}

async function perform(step: Step, facts: DeployFacts, tools: Tools): Promise<Performed> {
  const { request } = facts;
  const { arm } = tools.azure;
  const extensions = new Extensions(arm, request.clusterId);
  const name = azureMlExtension(present(facts.extensions) ?? [])?.name ?? request.extensionName;
  const steps = new ExtensionSteps(arm, extensions, name, tools.watcher);
  switch (step.kind) {
    case "create-relay":
      await createRelay(facts, tools);
      return { ended: "done" };
    case "delete-extension":
      await steps.gone(await steps.delete());
      return { ended: "done" };
    case "await-gone":
      await steps.gone();
      return { ended: "done" };
    case "await-namespace-gone":
      await namespaceGone(facts, tools);
      return { ended: "done" };
    case "await-extension":
      return { ended: "done", sight: extensionSight(await steps.ready(), facts.versions) };
    default:
      return write(step, facts, steps, tools.azure);
  }
}

/** Creates or updates the extension. */
async function write(
  step: Step,
  facts: DeployFacts,
  steps: ExtensionSteps,
  azure: Azure,
): Promise<Performed> {
  const { wish, accepted } =
    step.kind === "create-extension" ? await create(facts, steps, azure) : await update(facts, steps, azure);
  if (!facts.request.wait) {
    const shown = await steps.shown();
    return { ended: "accepted", sight: shown && extensionSight(shown, facts.versions) };
  }
  const extension = await steps.ready(accepted);
  return { ended: "done", sight: extensionSight(proven(wish, extension), facts.versions) };
}

interface Sent {
  readonly wish: ExtensionWish;
  readonly accepted?: Answer | undefined;
}

async function create(facts: DeployFacts, steps: ExtensionSteps, azure: Azure): Promise<Sent> {
  const wish = await withRelay(facts, azure);
  // A PUT would overwrite what another run or tool has made since the look (testbed 8).
  const found = present(await steps.look());
  if (!found) return { wish, accepted: await steps.create(creation(wish)) };
  if (azureMlExtension([found]) && extensionDifferences(wish, found).length === 0) return { wish };
  throw new Failure("AppearedMeanwhile", "Somebody else has just created the extension.", {
    remedy: "Run the step again: it takes the one that is there.",
  });
}

/** The difference is taken from the extension as it is now: a step before may have waited for another run's change. */
async function update(facts: DeployFacts, steps: ExtensionSteps, azure: Azure): Promise<Sent> {
  const found = present(await steps.look());
  const plain = wishOf(facts);
  const wish = found && changeNeedsRelay(plain, found) ? await withRelay(facts, azure) : plain;
  const patch = found && extensionPatch(wish, found);
  if (!patch) return { wish };
  const applied = (extension: Extension) => extensionDifferences(wish, extension).length === 0;
  return { wish, accepted: await steps.update(patch, applied) };
}

/** The wish with the Relay's connection string, where a Relay is needed; no plan shows it. */
async function withRelay(facts: DeployFacts, { arm, mask }: Azure): Promise<ExtensionWish> {
  const place = relayOf(facts);
  if (!place) return wishOf(facts);
  const connectionString = await new Relay(arm, place).connectionString();
  mask(connectionString);
  const key = /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1];
  if (key) mask(key);
  return wishOf(facts, relayTraits(place, connectionString));
}

/** The read that proves the write: what was asked for, field by field. */
function proven(wish: ExtensionWish, extension: Extension): Extension {
  const lines = differenceLines(extensionDifferences(wish, extension));
  if (lines.length === 0) return extension;
  throw new Failure(
    "NotApplied",
    `Azure reported success, but the extension "${extension.name}" is not what was asked for.`,
    {
      details: lines,
      remedy: "Somebody else may have changed it at the same time. Run the step again.",
    },
  );
}

async function createRelay(facts: DeployFacts, { azure, watcher }: Tools): Promise<void> {
  const place = relayOf(facts);
  const { cluster } = facts;
  if (!place || cluster.seen.is !== "present") return;
  await ensureRelay(azure.arm, new Relay(azure.arm, place), cluster.seen.value.location, watcher);
}

/** A new extension fails while the namespace of the old one is being removed (extension.md 3). */
async function namespaceGone(facts: DeployFacts, { azure, watcher }: Tools): Promise<void> {
  const { signal } = azure.arm;
  const api = await openCluster(facts.request, Promise.resolve(facts.cluster), azure);
  if (api.is === "present" && (await untilGone(api.value, watcher, signal))) return;
  watcher.log(
    `  The cluster can't be asked; waiting ${formatDuration(removalTime)}, which its removal takes.`,
  );
  await pause(removalTime, signal);
}

/** Waits until the namespace is gone. `false` where it can't be read. */
async function untilGone(api: ClusterApi, watcher: Watcher, signal: AbortSignal): Promise<boolean> {
  const began = Date.now();
  for (;;) {
    const seen = await glance(() => api.get(`/api/v1/namespaces/${extensionNamespace}`), signal);
    if (seen.is === "denied") return false;
    if (seen.is === "absent") return true;
    watcher.progress(`namespace ${extensionNamespace} is still there`);
    await pause(nextPoll(began), signal);
  }
}

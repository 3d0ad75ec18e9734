import { glance } from "../azure/arm.ts";
import { observeWork } from "../azure/compute-work.ts";
import type { Azure } from "../azure/connect.ts";
import { Extensions } from "../azure/extensions.ts";
import { nextPoll } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import type { Extension } from "../model/azure-resources.ts";
import { stateOf } from "../model/compute.ts";
import {
  decideUpgrade,
  hasTaken,
  isPaused,
  isPinned,
  resumePatch,
  runningVersion,
  trainOf,
  upgradePatch,
} from "../model/extension-upgrade.ts";
import { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { KubernetesUpdateFacts } from "../model/kubernetes-update.ts";
import { compareVersions } from "../model/kubernetes-version.ts";
import { present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import { resourceName } from "../model/resource-id.ts";
import type { Performed, Tools } from "../reconcile/action.ts";
import { ExtensionSteps } from "../reconcile/extension-steps.ts";
import type { Watcher } from "../reconcile/resource-steps.ts";
import { disruptionRules } from "../rules/disruption.ts";
import { gateRules } from "../rules/gate/index.ts";
import { gateFindings, judgeGate } from "../rules/gate/judge.ts";
import { judge } from "../rules/rule.ts";
import { upgradeCase } from "../rules/upgrade.ts";
import { explainedNow } from "./explain.ts";
import { extensionSight } from "./observe-cluster.ts";
import { installedExtension } from "./update-kubernetes.ts";
import { observeVerification } from "./verify-extension.ts";

/** Milliseconds for pods to come up after Azure has reported success, as `verify-extension` waits by default (K1). */
const settling = 5 * 60_000;

/** Does one of the steps that are about the extension, and proves it by reading. */
export async function performKubernetesUpdate(
  step: Step,
  facts: KubernetesUpdateFacts,
  tools: Tools,
): Promise<Performed> {
  const { arm } = tools.azure;
  const extension = installedExtension(facts);
  const extensions = new Extensions(arm, facts.request.clusterId);
  const steps = new ExtensionSteps(arm, extensions, extension.name, watcherOf(step, facts, tools));
  switch (step.kind) {
    case "await-extension":
      return { ended: "done", sight: seen(facts, await explaining(() => steps.ready(), facts, tools)) };
    case "update-extension":
      return { ended: "done", sight: seen(facts, await upgrade(steps, facts, tools)) };
    case "restore-auto-upgrade":
      return { ended: "done", sight: seen(facts, await restore(steps, facts, tools)) };
    case "verify-extension":
      return { ended: "done", findings: await passGate(facts, tools) };
    default:
      throw new Error(`not a step of this way: ${step.kind}`);
  }
}

/** The version of the extension, beside the state of the compute, which is what the run is about. */
function seen({ versions, compute }: KubernetesUpdateFacts, extension: Extension) {
  return { ...extensionSight(extension, versions), state: stateOf(compute) };
}

/** What is to be done is decided from the extension as it is now: a step before may have waited for another run's change. */
async function upgrade(
  steps: ExtensionSteps,
  facts: KubernetesUpdateFacts,
  tools: Tools,
): Promise<Extension> {
  const given = upgradeCase(facts);
  const found = present(await steps.look());
  if (!given || !found) return installedExtension(facts);
  const decision = decideUpgrade({ ...given, extension: found });
  if (decision.is === "stay") return found;
  await refuseDisruption(facts, tools.azure);
  const { to } = decision;
  const patch = upgradePatch(found, to, trainOf(given.policy, found), facts.now);
  const accepted = await steps.update(patch, (extension) => hasTaken(extension, patch));
  const wanted = { from: runningVersion(found), to };
  const extension = await explaining(() => steps.ready(accepted), facts, tools, wanted);
  leavePaused(extension, facts, tools);
  return proven(to, extension);
}

/** What is seen of the extension is told, and is not the state of the compute, which the run is about. */
function watcherOf({ kind }: Step, facts: KubernetesUpdateFacts, { watcher, leaves }: Tools): Watcher {
  const { name } = installedExtension(facts);
  return {
    ...watcher,
    state: watcher.progress,
    sent: () => {
      watcher.sent();
      watcher.state(stateOf(facts.compute));
    },
    accepted: () => {
      watcher.accepted();
      if (kind !== "update-extension") return;
      leaves({
        what: `Azure goes on with the upgrade of the extension "${name}" in "${resourceName(facts.request.clusterId)}".`,
        remedy: "Run this step again: it waits for it, and puts auto-upgrade back as it was.",
      });
    },
  };
}

/** Azure is done with the upgrade; where it has paused auto-upgrade, a run that ends now leaves it off. */
function leavePaused(extension: Extension, { request }: KubernetesUpdateFacts, { leaves }: Tools): void {
  leaves(
    isPaused(extension)
      ? {
          what: `Auto-upgrade of the extension "${extension.name}" in "${resourceName(request.clusterId)}" is paused.`,
          remedy: "The next run of `update-components` that gets so far switches auto-upgrade on again.",
        }
      : undefined,
  );
}

/** Jobs and rollouts that began since the look. @throws Failure `WouldDisrupt`. */
async function refuseDisruption(facts: KubernetesUpdateFacts, { arm }: Azure): Promise<void> {
  const { request } = facts;
  if (request.preflight !== "enforce" || request.policy.allowDisruption) return;
  const now = { ...facts, work: await observeWork(arm, request) };
  const [first, ...others] = judge(
    disruptionRules<KubernetesUpdateFacts>(() => true),
    now,
  ).filter(({ severity }) => severity === "error");
  if (!first) return;
  throw new Failure("WouldDisrupt", first.seen, {
    details: others.map(({ seen }) => seen),
    remedy: first.remedy,
  });
}

/** The read that proves the upgrade. @throws Failure `NotApplied`. */
function proven(to: string, extension: Extension): Extension {
  const version = runningVersion(extension);
  if (version !== undefined && compareVersions(version, to) >= 0) return extension;
  throw new Failure(
    "NotApplied",
    `Azure reported success, but version ${version ?? "unknown"} of the extension "${extension.name}" runs, not ${to}.`,
    { remedy: "Run the step again. If it stays so, look at the extension with `verify-extension`." },
  );
}

async function restore(
  steps: ExtensionSteps,
  facts: KubernetesUpdateFacts,
  tools: Tools,
): Promise<Extension> {
  const found = present(await steps.look());
  if (!found || !isPaused(found)) return found ?? installedExtension(facts);
  const patch = resumePatch();
  const accepted = await steps.update(patch, (extension) => hasTaken(extension, patch));
  tools.leaves();
  const extension = await explaining(() => steps.ready(accepted), facts, tools);
  if (!isPinned(extension)) return extension;
  throw new Failure(
    "NotApplied",
    `Azure reported success, but auto-upgrade of the extension "${extension.name}" is off.`,
    { remedy: "Run the step again." },
  );
}

/** Where the extension fails, the cluster is asked why, and what Helm has left is told (extension.md 3, 6). */
async function explaining(
  ready: () => Promise<Extension>,
  facts: KubernetesUpdateFacts,
  tools: Tools,
  wanted?: { readonly from: string | undefined; readonly to: string },
): Promise<Extension> {
  try {
    return await ready();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "ExtensionFailed") throw error;
    const failure = await explainedNow(error, facts, tools.azure);
    throw wanted ? await upgradeFailed(failure, facts, tools, wanted) : failure;
  }
}

/** A failed upgrade is atomic: Helm has put back what ran before (extension.md 3). */
async function upgradeFailed(
  failure: Failure,
  facts: KubernetesUpdateFacts,
  tools: Tools,
  { from, to }: { readonly from: string | undefined; readonly to: string },
): Promise<Failure> {
  const { name } = installedExtension(facts);
  const { arm } = tools.azure;
  const extension = present(
    await glance(() => new Extensions(arm, facts.request.clusterId).get(name), arm.signal),
  );
  if (extension) leavePaused(extension, facts, tools);
  const running = extension?.properties.currentVersion ?? from;
  const runs =
    running === undefined
      ? "Helm rolls a failed upgrade back; which version runs now, Azure does not tell."
      : `Helm has rolled it back: version ${running} runs now.`;
  return new Failure("UpgradeFailed", `The upgrade to version ${to} failed. ${runs} ${failure.message}`, {
    details: failure.details,
    remedy: forUpgrade(failure.remedy ?? "Mend its cause."),
    link: failure.link,
    requestId: failure.requestId,
    cause: failure,
  });
}

/** What is said to a failed installation, in the words of an upgrade: what ran before still runs, and is not to go. */
function forUpgrade(remedy: string): string {
  const again = remedy
    .replace(/([Rr])un `deploy-extension`[^.:`]* with `on-failed: recreate`/g, "$1un this step again")
    .replaceAll(" with `on-failed: recreate`", "");
  return again.includes("this step again") ? again : `${again} Then run this step again.`;
}

/**
 * The result judged by the rules of the release gate, for as long as what is wrong may pass by itself.
 * @throws Failure `VerificationFailed`.
 */
async function passGate({ request }: KubernetesUpdateFacts, { azure, watcher }: Tools): Promise<Finding[]> {
  const began = Date.now();
  const asked = {
    ...request,
    compute: { workspace: request.workspace, computeName: request.computeName },
    failOn: "error",
    waitFor: settling,
    diagnostics: false,
  } as const;
  for (;;) {
    const findings = gateFindings(judgeGate(gateRules, await observeVerification(asked, azure)));
    const [first, ...others] = findings.filter(({ severity }) => severity === "error");
    if (!first) return findings.filter(({ severity }) => severity === "warning");
    const mayPass = [first, ...others].every(({ pending }) => pending);
    if (!mayPass || Date.now() - began >= settling) throw unwell(first, others);
    watcher.progress(first.seen);
    await pause(nextPoll(began) * 3, azure.arm.signal);
  }
}

function unwell(first: Finding, others: readonly Finding[]): Failure {
  return new Failure("VerificationFailed", `The components are up to date, but do not pass: ${first.seen}`, {
    remedy: first.remedy,
    link: first.link,
    details: others.map(({ seen, remedy }) => `${seen} ${remedy}`),
  });
}

import { glance } from "../azure/arm.ts";
import { observeWork } from "../azure/compute-work.ts";
import type { Azure } from "../azure/connect.ts";
import { listPermissions, listTrustedAccessRoleBindings } from "../azure/resources.ts";
import type { Extension } from "../model/azure-resources.ts";
import { type Compute, isFinal, stateOf } from "../model/compute.ts";
import {
  decideUpgrade,
  isPaused,
  isPinned,
  resumePatch,
  trainOf,
  upgradePatch,
} from "../model/extension-upgrade.ts";
import { Failure } from "../model/failure.ts";
import { withInstanceTypes } from "../model/instance-types.ts";
import { journalNamespace, leaseName } from "../model/journal.ts";
import type { KubernetesUpdateFacts } from "../model/kubernetes-update.ts";
import { type Observed, present } from "../model/observed.ts";
import { type Plan, type Step, writes } from "../model/plan.ts";
import { putBackBody } from "../model/reattachment.ts";
import type { UpdateRequest } from "../model/request.ts";
import { parseResourceId, resourceTypes, sameText } from "../model/resource-id.ts";
import type { Sight } from "../reconcile/action.ts";
import { extensionFailure } from "../reconcile/extension-failure.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { holdStep, type Intention, planReattachment, planResumption } from "../reconcile/reattach-plan.ts";
import { disruptionRules } from "../rules/disruption.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { windowRule, withinWindow } from "../rules/maintenance-window.ts";
import { missingTypes, reattachReasons } from "../rules/reattach.ts";
import type { Rule, Verdict } from "../rules/rule.ts";
import { upgradeCase, upgradeRules } from "../rules/upgrade.ts";
import { explained } from "./explain.ts";
import { computeSight } from "./observe.ts";
import { clusterNotFound, describeInside, extensionSight, observeInside } from "./observe-cluster.ts";

const unasked = { is: "absent" } as const;

/** What this way sees, with what the re-attach must know that may be a part of it. */
export interface KubernetesWayFacts extends KubernetesUpdateFacts {
  readonly reattach: ReattachFacts<UpdateRequest>;
  /** A run that is gone has left its lease. */
  readonly isLeaseLeft: boolean;
}

/** Looks at everything that decides about the components of a Kubernetes compute. Writes nothing. */
export async function observeKubernetesUpdate(
  reattach: ReattachFacts<UpdateRequest>,
  compute: Compute,
  clusterId: string,
  azure: Azure,
): Promise<KubernetesWayFacts> {
  const { arm } = azure;
  const request = { ...reattach.request, clusterId };
  const { policy } = request;
  const mayReattach = policy.reattach !== "never";
  const isAks = parseResourceId(clusterId)?.type === resourceTypes.aks;
  const [inside, work, clusterPermissions, bindings, isLeaseLeft] = await Promise.all([
    observeInside(request, azure, {
      releaseTrain: policy.releaseTrain?.toLowerCase(),
      capacity: false,
      opened: reattach.cluster && { cluster: reattach.cluster, api: reattach.api },
      instanceTypes: mayReattach,
    }),
    observeWork(arm, request),
    glance(() => listPermissions(arm, clusterId), arm.signal),
    mayReattach && isAks
      ? glance(() => listTrustedAccessRoleBindings(arm, clusterId), arm.signal)
      : (unasked satisfies Observed<never>),
    isLeftOver(reattach, arm.signal),
  ]);
  return { ...inside, compute, work, clusterPermissions, bindings, reattach, isLeaseLeft };
}

/** Whether there is a lease that nobody renews any more; who takes it to clear it away waits if that is not so. */
async function isLeftOver({ api, now }: ReattachFacts, signal: AbortSignal): Promise<boolean> {
  const cluster = present(api);
  if (!cluster?.writes) return false;
  const path = `/apis/coordination.k8s.io/v1/namespaces/${journalNamespace}/leases/${leaseName}`;
  const seen = present(await glance(() => cluster.get<{ spec?: LeaseTimes }>(path), signal));
  if (!seen) return false;
  const { renewTime, leaseDurationSeconds } = seen.spec ?? {};
  return !(Date.parse(renewTime ?? "") + (leaseDurationSeconds ?? 0) * 1000 > now);
}

interface LeaseTimes {
  readonly renewTime?: string | null;
  readonly leaseDurationSeconds?: number | null;
}

/** How the compute stands, and its extension. */
export function kubernetesUpdateSight({ compute, extensions, versions }: KubernetesUpdateFacts): Sight {
  const extension = extensionSight(azureMlExtension(present(extensions) ?? []), versions);
  return { ...extension, ...computeSight(compute) };
}

/** One line for each thing that was seen. */
export function describeKubernetesUpdate(facts: KubernetesUpdateFacts): string[] {
  const { compute, request } = facts;
  const { computeType, properties } = compute.properties;
  return [
    `compute "${request.computeName}": ${stateOf(compute)}, ${computeType}, namespace ${properties?.namespace ?? "default"}`,
    ...describeInside(facts),
  ];
}

const rules: readonly Rule<KubernetesWayFacts>[] = [
  ...upgradeRules,
  ...disruptionRules(isDue),
  windowRule(isDue),
  {
    id: "lease-unavailable",
    source: "issue 5, point 4",
    check: (facts) => (isDue(facts) ? noLease(facts) : undefined),
  },
];

/**
 * What must be right before components are updated, and when they may be. Nothing of it keeps a run from finishing what
 * another one began.
 */
export const kubernetesUpdateRules: readonly Rule<KubernetesWayFacts>[] = rules.map(
  ({ id, source, check }) => ({
    id,
    source,
    check: (facts) => (begins(facts) ? check(facts) : undefined),
  }),
);

/** Nothing that was interrupted is there to be finished. */
function begins({ reattach }: KubernetesWayFacts): boolean {
  try {
    return planResumption(reattach, "update-components") === undefined;
  } catch {
    return false;
  }
}

function isDue(facts: KubernetesWayFacts): boolean {
  try {
    return planKubernetesUpdate(facts).steps.some((step) => writes(step) && step.kind !== "hold-lease");
  } catch {
    // The plan will say why there is none.
    return false;
  }
}

/**
 * Upgrade, then attach again where that is due, then look at the result. Pure.
 * @throws Failure `ExtensionNotInstalled`, `ExtensionFailed`, or as the re-attach does.
 */
export function planKubernetesUpdate(facts: KubernetesWayFacts): Plan {
  const upgrade = upgradeSteps(facts);
  const again = reattachSteps(facts);
  const work = [...upgrade, ...again.filter(({ kind }) => kind !== "hold-lease")];
  const steps = [
    ...(work.some(writes) && mayHold(facts) ? [holdStep("one run at a time works on a cluster")] : []),
    ...work,
    ...(work.length > 0 && facts.request.verify ? [verifyStep(facts)] : []),
  ];
  const done = work.map(({ title }) => title).join(", then ");
  const summary = done || `nothing to do; ${decided(facts).reason}.`;
  if (steps.length === 0 && facts.isLeaseLeft && mayHold(facts)) {
    const left = holdStep("a run that is gone has left it; it is given back at the end of this one");
    return { steps: [left], summary };
  }
  return withinWindow({ steps, summary }, facts);
}

/** A lease wants writes to the cluster. An upgrade goes without one: Azure refuses a second write to an extension. */
function mayHold({ request, reattach }: KubernetesWayFacts): boolean {
  const isWritable = present(reattach.api)?.writes !== undefined;
  return request.journal === "cluster" && isWritable && reattach.lacking.length === 0;
}

function noLease(facts: KubernetesWayFacts): Verdict | undefined {
  const { lacking, api } = facts.reattach;
  if (facts.request.journal === "none" || mayHold(facts)) return undefined;
  const isWritable = present(api)?.writes !== undefined;
  return {
    severity: "warning",
    seen: "The cluster can't be written to from here, so that no lease keeps other runs away from it; Azure refuses a second write to the extension.",
    remedy: isWritable
      ? `Give the identity a role in the cluster with ${lacking.length === 1 ? "the rule" : "the rules"} ${lacking.join(", ")}.`
      : "Give the input `kubeconfig`, on a runner that reaches the cluster's API server.",
  };
}

/** What attaches the compute again, with a journal; none where it is not due. */
function reattachSteps(facts: KubernetesWayFacts): readonly Step[] {
  const intention = kubernetesIntention(facts);
  if (!intention) return [];
  return planReattachment(facts.reattach, "update-components", () => intention).steps;
}

/** Why and with what the compute is attached again: as it is, and with the instance types that it does not know yet. */
export function kubernetesIntention(facts: KubernetesWayFacts): Intention | undefined {
  const reasons = [...reattachReasons(facts)];
  // The journal lies there before its plan began: it must not stay.
  if (facts.reattach.journal.is === "present") reasons.push("an interrupted run was about to do it");
  if (reasons.length === 0) return undefined;
  const body = withInstanceTypes(putBackBody(facts.compute), missingTypes(facts));
  return { reason: reasons.join("; "), body, isKept: true };
}

/** The steps that bring the extension to the version that it should have. */
export function upgradeSteps(facts: KubernetesWayFacts): Step[] {
  const extension = installedExtension(facts);
  const state = stateOf(extension);
  const isFailed = isFinal(state) && !sameText(state, "Succeeded");
  // A failed installation is taken back whole: there is nothing to upgrade (extension.md 3).
  if (isFailed && !extension.properties.currentVersion) throw explained(extensionFailure(extension), facts);
  const decision = decided(facts);
  const waiting = isFinal(state) ? [] : [awaitStep(extension)];
  if (decision.is === "stay") {
    if (isFailed) throw stillFailed(extension, facts);
    return [...waiting, ...(isPaused(extension) ? [restoreStep(extension)] : [])];
  }
  const { to, reason } = decision;
  const upgrades = !isPinned(extension);
  const train = trainOf(facts.request.policy, extension);
  const step: Step = {
    kind: "update-extension",
    title: `upgrade extension "${extension.name}" to version ${to}${upgrades ? ", auto-upgrade paused meanwhile" : ""}`,
    reason,
    body: upgradePatch(extension, to, train, facts.now),
  };
  return [...waiting, step, ...(upgrades || isPaused(extension) ? [restoreStep(extension)] : [])];
}

/** The extension, which every step is about. @throws Failure where there is none. */
export function installedExtension(facts: KubernetesUpdateFacts): Extension {
  const { extensions, cluster, request } = facts;
  if (extensions.is === "denied") throw extensions.why;
  if (cluster.seen.is === "absent") throw clusterNotFound(request.clusterId);
  const extension = azureMlExtension(present(extensions) ?? []);
  if (extension && !sameText(stateOf(extension), "Deleting")) return extension;
  throw new Failure(
    "ExtensionNotInstalled",
    extension
      ? `The extension "${extension.name}" is being deleted.`
      : "The cluster has no Azure ML extension, whose version could be brought up to date.",
    { remedy: "Run `deploy-extension` on this cluster first." },
  );
}

function decided(facts: KubernetesUpdateFacts): ReturnType<typeof decideUpgrade> {
  const given = upgradeCase(facts);
  return given ? decideUpgrade(given) : { is: "stay", reason: "there is no extension" };
}

function awaitStep(extension: Extension): Step {
  return {
    kind: "await-extension",
    title: `wait for extension "${extension.name}"`,
    reason: `it is ${stateOf(extension)}, begun by another run or tool`,
  };
}

function restoreStep(extension: Extension): Step {
  return {
    kind: "restore-auto-upgrade",
    title: `switch auto-upgrade of extension "${extension.name}" on again`,
    reason: isPaused(extension)
      ? "an upgrade has paused it"
      : "it was on before, and Azure takes no version while it is on",
    body: resumePatch(),
  };
}

function verifyStep({ request }: KubernetesUpdateFacts): Step {
  return {
    kind: "verify-extension",
    title: `judge the components by the rules of the release gate`,
    reason: `Azure's report of success does not say that the pods of compute "${request.computeName}" run`,
  };
}

/** There is no version to go to, so that an upgrade would not mend it. */
function stillFailed(extension: Extension, facts: KubernetesWayFacts): Failure {
  const { code, message, details, remedy, link } = explained(extensionFailure(extension), facts);
  return new Failure(code, `There is nothing to upgrade to: ${decided(facts).reason}. ${message}`, {
    details,
    remedy,
    link,
  });
}

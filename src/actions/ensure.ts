import { Computes } from "../azure/computes.ts";
import type { Azure, Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { Failure } from "../model/failure.ts";
import type { Report, Target } from "../model/report.ts";
import type { NamedCompute } from "../model/request.ts";
import { formatResourceId, parseResourceId, sameText } from "../model/resource-id.ts";
import type { Opening } from "../reconcile/action.ts";
import type { Chain, PlannedChain } from "../reconcile/chain.ts";
import { compose, type Group } from "../reconcile/compose.ts";
import { Draft } from "../reconcile/draft.ts";
import { interrupted } from "../reconcile/ending.ts";
import { session } from "../reconcile/reconcile.ts";
import type { Stage } from "../reconcile/stage.ts";
import { underWay } from "../reconcile/under-way.ts";
import { declarationTag, type EnsureEntry, type EnsureRequest, ensureRequest } from "./ensure-request.ts";
import { attachmentStage, creationStage, deploymentStage, detachmentStage, gate } from "./ensure-stages.ts";
import { computeTarget } from "./observe.ts";

const name = "ensure";

/**
 * Brings about what one declaration says: cluster, extension, compute, and the verdict over them, for one compute or
 * for the many of a file. Made of the actions themselves. Never throws; the report tells how it ended.
 */
export async function ensure(
  host: Host,
  client?: Connection["client"],
  asked = ensureRequest,
): Promise<Report> {
  const opening: Opening<EnsureRequest> = { name, subject: "compute", request: asked, target };
  const report = await session(opening, host, client, (request, azure, draft) =>
    converge(request, azure, host, draft),
  );
  if (report.steps.length > 0 && !interrupted(report.error?.code)) host.saveState(underWay, "");
  return report;
}

function target({ entries: [first, ...others] }: EnsureRequest): Target {
  if (others.length === 0) return entryTarget(first);
  const { subscriptionId, resourceGroup, name: workspaceName } = first.attach.workspace;
  const one = [first, ...others].every(({ attach }) => sameWorkspace(attach, first.attach));
  return one ? { subscriptionId, resourceGroup, workspaceName } : {};
}

function entryTarget({ attach }: EnsureEntry): Target {
  return { ...computeTarget(attach), clusterId: attach.attachment.clusterId };
}

async function converge(request: EnsureRequest, azure: Azure, host: Host, draft: Draft): Promise<void> {
  const ends = Date.now() + request.timeout;
  const closing = await strays(request, azure);
  const groups = groupsOf(request, ends);
  const single = request.entries.length === 1 && closing.length === 0;
  const chains = await compose(
    {
      groups,
      closing,
      terms: request,
      draftOf: () => (single ? draft : partOf(draft)),
      begin: () => host.saveState(underWay, name),
    },
    azure,
    host,
  );
  if (!single) {
    gather(draft, chains);
    azure.arm.signal.throwIfAborted();
  }
  if (draft.failure) throw draft.failure;
}

/** A draft of its own for one of many. */
function partOf(draft: Draft): Draft {
  const own = new Draft(name, draft.correlationId);
  draft.parts.add(own);
  return own;
}

/** The computes of each cluster, in the order of the declaration. */
function groupsOf({ entries }: EnsureRequest, ends: number): Group[] {
  const groups = new Map<string, EnsureEntry[]>();
  for (const entry of entries) {
    const key = entry.attach.attachment.clusterId.toLowerCase();
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((one) => groupOf(one, ends));
}

/** What carries several computes is a chain of its own: it does not fail with one of them. */
function groupOf(entries: readonly EnsureEntry[], ends: number): Group {
  const carrying = entries.flatMap(baseStages);
  const [first] = entries;
  if (!first || entries.length === 1 || carrying.length === 0) {
    return entries.map((entry) => chainOf(entry, baseStages(entry), ends));
  }
  const { clusterId } = first.attach.attachment;
  const base: Chain = {
    name: `cluster "${parseResourceId(clusterId)?.name ?? clusterId}"`,
    target: { clusterId },
    stages: carrying,
  };
  return [base, ...entries.map((entry) => chainOf(entry, [], ends))];
}

function baseStages({ create, deploy }: EnsureEntry): Stage[] {
  return [...(create ? [creationStage(create)] : []), ...(deploy ? [deploymentStage(deploy)] : [])];
}

function chainOf(entry: EnsureEntry, before: readonly Stage[], ends: number): Chain {
  const { attach, verify } = entry;
  return {
    name: `compute "${attach.computeName}"`,
    target: entryTarget(entry),
    stages: [...before, attachmentStage(attach)],
    conclusion: verify && gate(verify, attach.attachment.clusterId, ends),
  };
}

/**
 * Computes that this declaration has attached before and names no more. Known by the tag that it put on them alone:
 * whatever else is in the workspace is somebody else's.
 */
async function strays(
  { prune, declaration, entries, ...common }: EnsureRequest,
  { arm }: Azure,
): Promise<Group> {
  if (!prune || declaration === undefined) return [];
  const workspaces = new Map(
    entries.map(({ attach }) => [formatResourceId(attach.workspace).toLowerCase(), attach.workspace]),
  );
  const lists = [...workspaces.values()].map(async (workspace) => {
    const declared = entries.filter(({ attach }) => sameWorkspace(attach, { workspace }));
    const computes = await new Computes(arm, workspace).list();
    return computes
      .filter(
        ({ tags, properties }) => tags?.[declarationTag] === declaration && properties.isAttachedCompute,
      )
      .flatMap(({ name: computeName = "" }) => {
        if (declared.some(({ attach }) => sameText(attach.computeName, computeName))) return [];
        const request = { ...common, workspace, computeName, allowCreated: false };
        return [
          {
            name: `compute "${computeName}"`,
            target: computeTarget(request),
            stages: [detachmentStage(request, declaration)],
          },
        ];
      });
  });
  return (await Promise.all(lists)).flat();
}

type Placed = Pick<NamedCompute, "workspace">;

function sameWorkspace(one: Placed, other: Placed): boolean {
  return sameText(formatResourceId(one.workspace), formatResourceId(other.workspace));
}

/** One report over all computes. */
function gather(draft: Draft, chains: readonly PlannedChain[]): void {
  const reports = chains.map((one) => one.draft.report());
  draft.targets = reports;
  draft.changed = reports.some(({ changed }) => changed);
  draft.sent = chains.some((one) => one.draft.sent);
  draft.take(reports.flatMap(({ steps }) => steps));
  draft.plan = {
    steps: reports.flatMap(({ plan }) => plan?.steps ?? []),
    summary: reports.flatMap(({ plan }) => plan?.summary ?? []).join("; "),
  };
  draft.verdict = verdictOf(reports);
  const states = new Set(reports.map(({ state }) => state));
  draft.see({ state: states.size === 1 ? [...states].join() : "Mixed" });
  draft.findings = chains.flatMap(({ chain, draft: { findings } }) =>
    findings
      .filter(({ severity }) => severity !== "info")
      .map((finding) => ({ ...finding, seen: `${chain.name}: ${finding.seen}` })),
  );
  const failed = chains.filter((one) => one.draft.failure);
  const [first] = failed;
  if (!first?.draft.failure) return;
  const { remedy, link, requestId } = first.draft.failure;
  const details = failed.map(({ chain, draft }) => {
    const { error } = draft.report();
    return `${chain.name}: ${error?.code}: ${error?.message}`;
  });
  draft.fail(
    new Failure("ComputesFailed", `${failed.length} of ${chains.length} failed.`, {
      details,
      remedy,
      link,
      requestId,
    }),
  );
}

function verdictOf(reports: readonly Report[]): Report["verdict"] {
  const order = ["failed", "accepted", "planned", "done", "unchanged"] as const;
  return order.find((verdict) => reports.some((report) => report.verdict === verdict)) ?? "unchanged";
}

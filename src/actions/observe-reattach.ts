import { glance } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { openCluster } from "../kubernetes/access.ts";
import type { ClusterApi } from "../kubernetes/cluster-api.ts";
import { identify } from "../kubernetes/cluster-identity.ts";
import { leftovers, readLegacyRouter } from "../kubernetes/legacy-router.ts";
import { missingRights, type Right } from "../kubernetes/rights.ts";
import type { ComputeFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";
import { journalName, journalNamespace, leaseName, pointedAt, type ReadJournal } from "../model/journal.ts";
import { type Observed, present } from "../model/observed.ts";
import type { NamedCompute, ReattachRequest } from "../model/request.ts";
import { formatResourceId, parseResourceId, sameText } from "../model/resource-id.ts";
import {
  ClusterJournal,
  type JournalKeeper,
  lookForJournal,
  MemoryJournal,
} from "../reconcile/journal-store.ts";
import { isLeaseLeft } from "../reconcile/lease.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { elsewhere } from "../reconcile/reattach-refusals.ts";
import { observeCluster } from "./observe.ts";
import { maskKeys } from "./tls-inputs.ts";

const unknown = { is: "absent" } as const;
const same = { is: "same" } as const;

/** What is seen inside the cluster. */
type Inside = Pick<ReattachFacts, "lacking" | "isLeaseLeft" | "journal" | "legacy">;

const unseen: Inside = { lacking: [], isLeaseLeft: false, journal: unknown, legacy: undefined };

/**
 * What every run looks at that may detach a compute and attach it again: the cluster by its own API, and what an
 * interrupted run left there. Where that is, the workspace's tag says, else the compute, else the request.
 */
export async function observeReattachment<Request extends ReattachRequest>(
  seen: ComputeFacts<Request>,
  azure: Azure,
): Promise<ReattachFacts<Request>> {
  const { request, workspace } = seen;
  const compute = present(seen.compute);
  const pointer = pointedAt(workspace.tags, request.computeName, request.workspace);
  const id = pointer ?? compute?.properties.resourceId ?? request.clusterId;
  const parsed = id ? parseResourceId(id) : undefined;
  const clusterId = parsed && formatResourceId(parsed);
  const base = { ...seen, now: Date.now(), pointer, clusterId };
  if (!clusterId) {
    const nothing = { cluster: undefined, api: unknown, identity: same, ...unseen };
    return { ...base, ...nothing, keeper: keeperOf(request, unknown, unknown) };
  }
  const observing = observeCluster(azure.arm, clusterId);
  const [cluster, api] = await Promise.all([
    observing,
    openCluster({ ...request, clusterId }, observing, azure),
  ]);
  const there = cluster.seen.is === "absent" ? undefined : present(api);
  const journal = await readJournalIn(there, request, azure);
  const [inside, identity] = await Promise.all([
    lookInside(request, there, journal, azure, compute?.properties.computeType),
    there && !unanswered(journal)
      ? identify(request.kubeconfig, clusterId, cluster, there, azure.arm.signal)
      : same,
  ]);
  const why = identity.is === "other" ? elsewhere(clusterId, identity.why) : unanswered(journal);
  if (why) {
    const denied = { is: "denied", why } as const;
    return { ...base, cluster, api: denied, identity, ...unseen, keeper: keeperOf(request, denied, unknown) };
  }
  return { ...base, cluster, api, identity, ...inside, keeper: keeperOf(request, api, journal) };
}

/** Certificate and key must not pass through Resource Manager, so that a journal is not read by run-command either. */
async function readJournalIn(
  api: ClusterApi | undefined,
  request: ReattachRequest,
  azure: Azure,
): Promise<Observed<ReadJournal>> {
  const writes = api?.writes;
  return writes ? glance(() => lookForJournal(writes, request), azure.arm.signal) : unknown;
}

/** Nobody answers at the API server, as behind a firewall: to ask it more would take the whole run. */
function unanswered(journal: Observed<ReadJournal>): Failure | undefined {
  return journal.is === "denied" && journal.why.code === "NoAnswer" ? journal.why : undefined;
}

async function lookInside(
  request: ReattachRequest,
  api: ClusterApi | undefined,
  journal: Observed<ReadJournal>,
  azure: Azure,
  computeType: string | undefined,
): Promise<Inside> {
  if (!api || unanswered(journal)) return unseen;
  const found = present(journal);
  const type = computeType ?? (found?.is === "readable" ? found.journal.computeType : "");
  const isLegacy = sameText(type, "AKS");
  const { signal } = azure.arm;
  const { writes } = api;
  const [lacking, left, legacy] = await Promise.all([
    glance(() => missingRights(api, journalNamespace, rightsFor(request, isLegacy)), signal),
    writes ? glance(() => isLeaseLeft(writes, signal), signal) : unknown,
    isLegacy ? readLegacyRouter(api) : undefined,
  ]);
  azure.arm.signal.throwIfAborted();
  const pairs = [found?.is === "readable" ? found.journal.tls : undefined, legacy && present(legacy.tls)];
  for (const pair of pairs) if (pair) maskKeys(azure, [pair.privateKey, pair.certificate]);
  return { lacking: present(lacking) ?? [], isLeaseLeft: present(left) === true, journal, legacy };
}

/** What journal, lease and cleaning need (docs/SIGN-IN.md). */
function rightsFor({ workspace, computeName }: NamedCompute, isLegacy: boolean): Right[] {
  const verbs = ["get", "create", "update", "delete"];
  const own: Right[] = [
    { group: "", resource: "secrets", name: journalName(workspace, computeName), verbs },
    { group: "coordination.k8s.io", resource: "leases", name: leaseName, verbs },
  ];
  if (!isLegacy) return own;
  const router = leftovers.map(({ path, name }): Right => {
    const { group = "", resource = "" } =
      /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/)?(?<resource>[^/]+)\//.exec(path)
        ?.groups ?? {};
    return { group, resource, name, verbs: ["get", "delete"] };
  });
  return [...own, ...router];
}

/** One keeper for all steps of a run: what it has seen of its journal tells whether another run has taken it. */
function keeperOf(
  request: ReattachRequest,
  opened: Observed<ClusterApi>,
  journal: Observed<ReadJournal>,
): ReattachFacts["keeper"] {
  let keeper: JournalKeeper | undefined;
  const writes = present(opened)?.writes;
  return (run, signal) => {
    const isKept = writes && (request.journal === "cluster" || journal.is === "present");
    keeper ??= isKept ? new ClusterJournal(writes, request, run, signal) : new MemoryJournal();
    return keeper;
  };
}

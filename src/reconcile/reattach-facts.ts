import type { ClusterApi } from "../kubernetes/cluster-api.ts";
import type { LegacyRouter } from "../kubernetes/legacy-router.ts";
import type { ClusterIdentity } from "../model/cluster-identity.ts";
import type { ComputeFacts, ObservedCluster } from "../model/facts.ts";
import type { ReadJournal } from "../model/journal.ts";
import type { Observed } from "../model/observed.ts";
import type { ReattachRequest } from "../model/request.ts";
import type { JournalKeeper } from "./journal-store.ts";

/** What a run sees that may detach a compute and attach it again. */
export interface ReattachFacts<Request extends ReattachRequest = ReattachRequest>
  extends ComputeFacts<Request> {
  /** `Date.now()` of the look. */
  readonly now: number;
  /** The cluster that the workspace's tag names: work that was interrupted (`design.md` 6). */
  readonly pointer: string | undefined;
  /** That of the tag, of the compute, or of the request, in this order. */
  readonly clusterId: string | undefined;
  readonly cluster: ObservedCluster | undefined;
  /** The way to the cluster's API; absent where none is known. */
  readonly api: Observed<ClusterApi>;
  /** Whether the kubeconfig that was given is that of the cluster; where it is another one's, `api` is denied. */
  readonly identity: ClusterIdentity;
  /** What the run would have to be allowed in the cluster, and is not, as rules of a role. */
  readonly lacking: readonly string[];
  /** A run that died has left its lease. */
  readonly isLeaseLeft: boolean;
  /** What an interrupted run left in the cluster. */
  readonly journal: Observed<ReadJournal>;
  /** What the router of a legacy compute is made of; of others it is not read. */
  readonly legacy: LegacyRouter | undefined;
  /** Where this run keeps its journal: the same for every step. */
  readonly keeper: (run: string, signal: AbortSignal) => JournalKeeper;
}

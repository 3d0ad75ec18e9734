import { getWorkspace } from "../azure/resources.ts";
import { deleteTags, mergeTags } from "../azure/tags.ts";
import type { ClusterWrites } from "../kubernetes/cluster-api.ts";
import { type Compute, differenceLines, stateOf } from "../model/compute.ts";
import type { ActionName } from "../model/doors.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import { isPointer, type Journal, pointerName, pointerTo } from "../model/journal.ts";
import { present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import { joinTls, missingSettings, putBackBody } from "../model/reattachment.ts";
import { formatResourceId, sameText } from "../model/resource-id.ts";
import type { Performed, Sight, Tools } from "./action.ts";
import { ComputeSteps } from "./compute-steps.ts";
import { whoseCompute } from "./journal-store.ts";
import { takeLease } from "./lease.ts";
import { cleanLeftovers } from "./reattach-clean.ts";
import type { ReattachFacts } from "./reattach-facts.ts";
import { stillMarked, unmarked } from "./reattach-findings.ts";
import { type Intention, unfinishedJournal } from "./reattach-plan.ts";
import { remains } from "./reattach-remains.ts";

/** What a re-attach is done with, beside what was seen. */
export interface Reattaching {
  readonly action: ActionName;
  /** What it is begun with; not asked where it is resumed. */
  readonly intend: () => Intention;
  /** Looks whether what was attached is what the journal says, beyond its settings. */
  readonly verify: (compute: Compute, journal: Journal, tools: Tools) => Promise<readonly Finding[]>;
  readonly sight: (compute: Compute | undefined) => Sight;
  /** Certificate and key that a resumed run is given in the place of the journal's. */
  readonly renewed?: Partial<Journal> | undefined;
}

/** Does one step of a re-attach. `undefined` where the step is none of it. */
export async function performReattachment(
  step: Step,
  facts: ReattachFacts,
  how: Reattaching,
  tools: Tools,
): Promise<Performed | undefined> {
  const way = new Reattachment(facts, how, tools);
  switch (step.kind) {
    case "hold-lease":
      return way.hold();
    case "write-journal":
      return way.begin();
    case "detach-compute":
      return way.detach();
    case "clean-leftovers":
      return way.clean();
    case "create-compute":
      return way.attach();
    case "verify-compute":
      return way.verify();
    case "delete-journal":
      return way.end();
  }
  return undefined;
}

class Reattachment {
  readonly #facts: ReattachFacts;
  readonly #how: Reattaching;
  readonly #tools: Tools;

  constructor(facts: ReattachFacts, how: Reattaching, tools: Tools) {
    this.#facts = facts;
    this.#how = how;
    this.#tools = tools;
  }

  async hold(): Promise<Performed> {
    const { request } = this.#facts;
    const { azure, watcher, run, job, stop } = this.#tools;
    const held = await takeLease(this.#writes(), {
      run,
      job,
      annotations: whoseCompute(request),
      ifLocked: request.ifLocked,
      signal: azure.arm.signal,
      log: watcher.log,
      stop,
    });
    return { ended: "done", held, outdated: held.isLate };
  }

  /** Writes a new journal, or takes over the one that is there; then makes sure that it is found. */
  async begin(): Promise<Performed> {
    const before = unfinishedJournal(this.#facts);
    const found = present(this.#facts.compute);
    const isOld = before && before.createdOn === found?.properties.createdOn;
    const isResumed = before && !(before.phase === "planned" && before.action === this.#how.action && isOld);
    if (isResumed) {
      const { run, phase } = await this.#keeper.current();
      if (run !== before.run || phase !== before.phase) throw changed(this.#facts.request.computeName);
      await this.#keeper.enter(phase, this.#how.renewed);
      this.#leaves(phase);
    } else {
      await this.#write(before !== undefined);
    }
    return { ended: "done", findings: await this.#point() };
  }

  async #write(over: boolean): Promise<void> {
    const { request, workspace, clusterId = "" } = this.#facts;
    const { isKept, reason: _, ...intention } = this.#how.intend();
    const planned = present(this.#facts.compute);
    const found = present(await this.#steps().look());
    const same = planned && found && missingSettings(putBackBody(planned), found).length === 0;
    if (!found || !same) throw changed(request.computeName);
    const journal: Journal = {
      version: 1,
      run: this.#tools.run,
      action: this.#how.action,
      workspaceId: formatResourceId(request.workspace),
      computeName: request.computeName,
      clusterId,
      computeType: intention.body.properties.computeType,
      phase: "planned",
      startedAt: new Date().toISOString(),
      ...intention,
      body: { ...intention.body, location: intention.body.location ?? workspace.location },
      createdOn: found.properties.createdOn,
      isKept,
    };
    await this.#keeper.write(journal, over);
  }

  /** The tag by which the journal is found where the compute is in no list any more. */
  async #point(): Promise<Finding[]> {
    const { request, clusterId = "" } = this.#facts;
    if (request.journal === "none") return [];
    const value = pointerTo(clusterId, request.workspace);
    if (value === undefined)
      return [unmarked(request.computeName, "The cluster's id is too long for a tag.")];
    try {
      const { arm } = this.#tools.azure;
      await mergeTags(arm, formatResourceId(request.workspace), {
        [pointerName(request.computeName)]: value,
      });
      return [];
    } catch (error) {
      this.#tools.azure.arm.signal.throwIfAborted();
      return [unmarked(request.computeName, asFailure(error).message)];
    }
  }

  async detach(): Promise<Performed> {
    const steps = this.#steps();
    // Nothing between the write and the detach: a run that was away meanwhile must not detach what another one attached.
    const found = present(await steps.look());
    await this.#keeper.enter("detaching");
    this.#leaves("detaching");
    if (found) {
      const isGoing = sameText(stateOf(found), "Deleting");
      await steps.gone(isGoing ? undefined : await steps.detach());
    }
    await this.#keeper.enter("detached");
    this.#leaves("detached");
    return { ended: "done", sight: this.#how.sight(undefined) };
  }

  async clean(): Promise<Performed> {
    const api = present(this.#facts.api);
    if (!api?.writes) return { ended: "done" };
    return cleanLeftovers(api, api.writes, this.#keeper, this.#tools);
  }

  async attach(): Promise<Performed> {
    const journal = await this.#keeper.enter("attaching");
    this.#leaves("attaching");
    const steps = this.#steps();
    const found = present(await steps.look());
    if (found && sameText(stateOf(found), "Deleting")) await steps.gone();
    const stands = found && !sameText(stateOf(found), "Deleting");
    const accepted = stands ? undefined : await steps.create(joinTls(journal.body, journal.tls));
    const compute = await steps.ready(accepted);
    this.#proven(journal, compute);
    await this.#keeper.enter("verifying");
    this.#leaves("verifying");
    return { ended: "done", sight: this.#how.sight(compute) };
  }

  async verify(): Promise<Performed> {
    const before = await this.#keeper.current();
    const isEntered = before.phase === "verifying" && before.run === this.#tools.run;
    const journal = isEntered ? before : await this.#keeper.enter("verifying");
    this.#leaves("verifying");
    const compute = await this.#steps().ready();
    this.#proven(journal, compute);
    const findings = await this.#how.verify(compute, journal, this.#tools);
    return { ended: "done", sight: this.#how.sight(compute), findings };
  }

  /** The journal first: a tag that leads nowhere does no harm, a journal that nothing leads to is not found. */
  async end(): Promise<Performed> {
    const { request, journal } = this.#facts;
    const { arm } = this.#tools.azure;
    if (journal.is === "present" || request.resume === "auto") await this.#keeper.remove();
    this.#tools.leaves();
    try {
      const { tags } = await getWorkspace(arm, formatResourceId(request.workspace));
      const pointers = Object.entries(tags ?? {}).filter(([name]) => isPointer(name, request.computeName));
      if (pointers.length > 0)
        await deleteTags(arm, formatResourceId(request.workspace), Object.fromEntries(pointers));
      return { ended: "done" };
    } catch (error) {
      arm.signal.throwIfAborted();
      return { ended: "done", findings: [stillMarked(request.computeName, asFailure(error).message)] };
    }
  }

  #proven(journal: Journal, compute: Compute): void {
    const rows = missingSettings(journal.body, compute);
    if (rows.length === 0) return;
    throw new Failure(
      "NotApplied",
      `Azure reported success, but the compute "${journal.computeName}" is not what the journal says.`,
      {
        details: differenceLines(rows),
        remedy: "Detach it, then run the step again: it attaches it anew from the journal.",
      },
    );
  }

  #steps(): ComputeSteps {
    return new ComputeSteps(this.#tools.azure.arm, this.#facts.request, this.#tools.watcher);
  }

  get #keeper() {
    return this.#facts.keeper(this.#tools.run, this.#tools.azure.arm.signal);
  }

  #writes(): ClusterWrites {
    const writes = present(this.#facts.api)?.writes;
    if (!writes) throw new Error("a step in the cluster was planned without a way to write there");
    return writes;
  }

  #leaves(phase: Journal["phase"]): void {
    this.#tools.leaves(phase === "planned" ? undefined : remains(phase, this.#facts, this.#keeper.where));
  }
}

function changed(name: string): Failure {
  return new Failure(
    "ChangedMeanwhile",
    `The compute "${name}" has changed since it was looked at. Nothing was done.`,
    {
      remedy: "Run the step again.",
    },
  );
}

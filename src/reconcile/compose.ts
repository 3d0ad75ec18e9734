import type { Azure } from "../azure/connect.ts";
import { sharingReads } from "../azure/shared-reads.ts";
import type { Host } from "../host/host.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { type Chain, type Ground, groundless, PlannedChain, type Terms } from "./chain.ts";
import type { Draft } from "./draft.ts";
import { eachOf } from "./pool.ts";
import { showFindings, showPlan } from "./reconcile.ts";
import type { Brought } from "./stage.ts";

/** Chains that stand on the same stages: the computes of one cluster. They go one after the other. */
export type Group = readonly Chain[];

/** Groups that are looked at, and worked on, at a time: ARM's buckets hold some hundred reads (arm-contract 8). */
const atOnce = 8;

/** What a composed run needs. */
export interface Composition {
  readonly groups: readonly Group[];
  /** What is done last, and only where nothing failed before. */
  readonly closing?: Group;
  readonly terms: Terms;
  /** A report for a chain. */
  readonly draftOf: (chain: Chain) => Draft;
  /** Told before the first write, and not where there is none. */
  readonly begin: () => void;
}

/** A group whose plans are made, and what was read for them at that moment. */
interface PlannedGroup {
  readonly chains: readonly PlannedChain[];
  readonly looked: Azure;
}

/**
 * Looks at everything, shows every plan before the first write, and does what was shown. A chain that fails leaves
 * the others to go on; its draft tells why, also where the whole run was ended.
 */
export async function compose(composition: Composition, azure: Azure, host: Host): Promise<PlannedChain[]> {
  const { groups, closing = [], terms } = composition;
  const planned: PlannedGroup[] = [];
  await eachOf([...groups, closing], atOnce, async (group, index) => {
    planned[index] = await planGroup(group, composition, azure);
  });
  const last = planned[groups.length];
  const chains = planned.flatMap((group) => group.chains);
  const hostOf = (one: PlannedChain) => (chains.length > 1 ? naming(host, one.chain.name) : host);
  host.live?.();
  for (const one of chains) show(one, hostOf(one));
  const ready = chains.filter(({ draft }) => !draft.failure);
  if (terms.dryRun) {
    for (const one of ready) one.conclude();
    return chains;
  }
  if (ready.some(({ isDue }) => isDue)) composition.begin();
  await eachOf(planned.slice(0, groups.length), atOnce, (group) => applyGroup(group, azure, hostOf));
  if (!last) return chains;
  if (chains.some(({ draft }) => draft.failure)) leaveUndone(last);
  await applyGroup(last, azure, hostOf);
  return chains;
}

async function planGroup(group: Group, composition: Composition, azure: Azure): Promise<PlannedGroup> {
  const { terms, draftOf } = composition;
  const looked = sharingReads(azure);
  const looks = await Promise.all(
    group.map(({ stages }) => settled(Promise.all(stages.map((stage) => stage.look(looked))))),
  );
  azure.arm.signal.throwIfAborted();
  let before: Brought = { by: [] };
  let ground: Failure | undefined;
  const chains = group.map((chain, index) => {
    const look = looks[index];
    const seen = look && "value" in look ? look.value : [];
    const one = new PlannedChain(chain, draftOf(chain), seen, before, terms);
    if (look && "error" in look) one.draft.fail(asFailure(look.error));
    if (ground) one.draft.fail(groundless(ground));
    // What will not be begun brings nothing about.
    if (!one.draft.failure) before = one.brings(before);
    else if (one.isBase) ground ??= one.draft.failure;
    return one;
  });
  return { chains, looked };
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

function show({ lines, draft }: PlannedChain, host: Host): void {
  host.group("Observed", lines);
  showFindings(host, draft.findings);
  if (draft.plan) showPlan(host, draft.plan);
}

async function applyGroup(
  { chains, looked }: PlannedGroup,
  azure: Azure,
  hostOf: (one: PlannedChain) => Host,
): Promise<void> {
  const ground: Ground = { touched: false };
  const ready = chains.filter(({ draft }) => !draft.failure);
  for (const [index, one] of ready.entries()) {
    const followers = ready.slice(index + 1).some(({ isDue }) => isDue);
    try {
      azure.arm.signal.throwIfAborted();
      await one.apply(ground, looked, azure, hostOf(one), followers);
    } catch (error) {
      one.draft.fail(asFailure(error));
    }
  }
}

/** What takes away waits until everything else is as it should be. */
function leaveUndone({ chains }: PlannedGroup): void {
  const failure = new Failure("NotReached", "It was left as it is, since something else failed.", {
    remedy: "Mend that, then run the step again.",
  });
  for (const { draft } of chains) if (!draft.failure) draft.fail(failure);
}

/** Lines that tell which of many they speak of. */
function naming(host: Host, name: string): Host {
  const named = (text: string) => `${name}: ${text}`;
  return {
    ...host,
    info: (line) => host.info(named(line)),
    group: (title, lines) => host.group(named(title), lines),
    ...(host.finding && {
      finding: (finding) => host.finding?.({ ...finding, seen: named(finding.seen) }),
    }),
    ...(host.live && {
      live: (wait) => host.live?.(wait && { ...wait, what: named(wait.what) }),
    }),
  };
}

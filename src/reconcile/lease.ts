import { pause } from "../azure/pause.ts";
import type { ClusterWrites } from "../kubernetes/cluster-api.ts";
import { OwnObject, type Standing, type Written } from "../kubernetes/own-object.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { journalNamespace, leaseName } from "../model/journal.ts";
import type { Held } from "./action.ts";

/** `coordination.k8s.io/v1`, as far as it is used here. */
interface LeaseObject extends Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number | null;
  };
}

/** Seconds after which a holder that renews no more counts as dead. */
const durationSeconds = 60;

/** Milliseconds between renewals: two may fail before the lease runs out. */
const renewEvery = 20_000;

/** Milliseconds for one renewal with its reads. */
const renewLimit = 10_000;

/** Milliseconds that clocks may differ: the API server tells whole seconds. */
const skewLimit = 5_000;

/** By which a run knows the other parts of its own job: two computes of one cluster. */
const jobAnnotation = "azureml-clusters/job";

/** Milliseconds between looks at a lease that another run holds, and between lines that say so. */
const lookEvery = 5_000;
const sayEvery = 60_000;

/** How often a lease that nobody holds is reached for in vain: others may take it and let go of it meanwhile. */
const reachLimit = 10;
const reachEvery = 1_000;

/** Who wants the lease, and for what. */
export interface Claim {
  /** An id that no other run has. */
  readonly run: string;
  /** What several runs have in common that are parts of one: they take turns, whatever `ifLocked` says of others. */
  readonly job: string;
  /** What a person should read in the lease. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly ifLocked: "wait" | "fail";
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Ends the run: another one holds the lease. */
  readonly stop: (why: Failure) => void;
}

/** The lease of one run. */
export interface HeldLease extends Held {
  /** Another run had it meanwhile, or had left it: what was seen before may have changed. */
  readonly isLate: boolean;
}

/**
 * Takes the lease of a cluster: one run at a time (`design.md` 6). A holder that renews no more is followed after its
 * time: by the API server's clock, which wrote both times, so that clocks of runners don't matter; where a proxy hides
 * that clock, after having seen the lease unchanged for its whole time, as client-go does.
 * @throws Failure `LeaseHeld` where the run is not to wait; `LeaseRefused` where nobody holds it, and it can't be taken.
 */
export async function takeLease(api: ClusterWrites, claim: Claim): Promise<HeldLease> {
  const object = ownLease(api, claim.signal);
  const patience = new Patience(claim);
  for (let lost = 0; ; lost++) {
    if (lost >= reachLimit) throw leaseRefused();
    if (lost > 0) await pause(reachEvery, claim.signal);
    const seen = await object.read();
    // Who was first may have done its work by now.
    const isLate = patience.hasWaited || lost > 0;
    if (!seen) {
      const taken = await object.create(wanted(claim, Date.now()), isOurs(claim));
      const lease = taken && (await inServerTime(api, claim, taken, isLate));
      if (lease) return lease;
    } else if (patience.isFree(seen)) {
      const next = wanted(claim, seen.at ?? Date.now(), seen.object);
      const taken = await object.replace(next, isOurs(claim));
      if (taken) return new RenewedLease(api, claim, isLate || holderOf(seen.object) !== "");
    } else {
      await patience.wait(seen);
      lost = -1;
    }
  }
}

/**
 * A new lease is written before the API server's clock is known. Where the runner's is wrong, it is corrected at once:
 * else others would take the lease for one that is over. `undefined` where somebody has done so.
 */
async function inServerTime(
  api: ClusterWrites,
  claim: Claim,
  taken: Standing<LeaseObject>,
  isLate: boolean,
): Promise<RenewedLease | undefined> {
  const written = Date.parse(taken.object.spec?.renewTime ?? "");
  const skew = taken.at === undefined ? 0 : Math.abs(taken.at - written);
  if (skew < skewLimit) return new RenewedLease(api, claim, isLate);
  const now = { ...wanted(claim, taken.at ?? written), metadata: taken.object.metadata };
  const corrected = await ownLease(api, claim.signal).replace(now, isOurs(claim));
  return corrected && new RenewedLease(api, claim, isLate);
}

/** A run that died has left its lease, and nobody has taken it since. */
export async function isLeaseLeft(api: ClusterWrites, signal: AbortSignal): Promise<boolean> {
  const seen = await ownLease(api, signal).read();
  return seen !== undefined && isOver(seen);
}

/** Its time is over by the clock of the API server, which wrote it too. */
function isOver({ object, at }: Standing<LeaseObject>): boolean {
  const renewed = Date.parse(object.spec?.renewTime ?? "");
  return at !== undefined && !Number.isNaN(renewed) && at > renewed + durationOf(object);
}

function durationOf({ spec = {} }: LeaseObject): number {
  return (spec.leaseDurationSeconds ?? durationSeconds) * 1000;
}

function ownLease(api: ClusterWrites, signal: AbortSignal): OwnObject<LeaseObject> {
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${journalNamespace}/leases`;
  return new OwnObject<LeaseObject>(api, collection, leaseName, signal);
}

function wanted({ run, job, annotations }: Claim, now: number, over?: LeaseObject): LeaseObject {
  const time = microTime(now);
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: leaseName,
      ...(over?.metadata.resourceVersion && { resourceVersion: over.metadata.resourceVersion }),
      labels: { "app.kubernetes.io/managed-by": "azureml-clusters" },
      annotations: { ...annotations, [jobAnnotation]: job },
    },
    spec: {
      holderIdentity: run,
      leaseDurationSeconds: durationSeconds,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: (over?.spec?.leaseTransitions ?? 0) + (over ? 1 : 0),
    },
  };
}

/** Kubernetes wants six digits after the second. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}

function isOurs({ run }: Claim): (lease: LeaseObject) => boolean {
  return (lease) => holderOf(lease) === run;
}

function holderOf({ spec = {} }: LeaseObject): string {
  return spec.holderIdentity ?? "";
}

/** Waits for a lease that another run holds, and knows when that run is dead. */
class Patience {
  readonly #claim: Claim;
  #version: string | undefined;
  #since = 0;
  #said: number | undefined;

  constructor(claim: Claim) {
    this.#claim = claim;
  }

  get hasWaited(): boolean {
    return this.#said !== undefined;
  }

  isFree(seen: Standing<LeaseObject>): boolean {
    const { object } = seen;
    const { resourceVersion = "" } = object.metadata;
    if (this.#version !== resourceVersion) {
      this.#version = resourceVersion;
      this.#since = Date.now();
    }
    if (holderOf(object) === "" || holderOf(object) === this.#claim.run) return true;
    return isOver(seen) || Date.now() - this.#since > durationOf(object);
  }

  async wait({ object }: Standing<LeaseObject>): Promise<void> {
    const { annotations = {} } = object.metadata;
    const { spec = {} } = object;
    const what = annotations["azureml-clusters/compute"];
    const until = Date.parse(spec.renewTime ?? "") + durationOf(object);
    const expiry = Number.isNaN(until) ? "" : `, until ${new Date(until).toISOString()} unless it renews it`;
    const held = `Run ${holderOf(object)}${what ? ` (compute "${what}")` : ""} holds the lease of the cluster${expiry}.`;
    const isOther = annotations[jobAnnotation] !== this.#claim.job;
    if (this.#claim.ifLocked === "fail" && isOther) throw leaseHeld(held);
    if (this.#said === undefined || Date.now() - this.#said >= sayEvery) {
      this.#claim.log(`  ${held} Waiting.`);
      this.#said = Date.now();
    }
    await pause(lookEvery, this.#claim.signal);
  }
}

function leaseHeld(held: string): Failure {
  return new Failure("LeaseHeld", `${held} Nothing was done.`, {
    remedy: `Run the step again when that run has ended, or with \`if-locked: wait\`. Who it is: \`kubectl get lease -n ${journalNamespace} ${leaseName} -o yaml\`.`,
  });
}

function leaseRefused(): Failure {
  return new Failure(
    "LeaseRefused",
    `The lease of the cluster can't be taken: nobody holds it, and the API server refused ${reachLimit} attempts. Nothing was done.`,
    {
      remedy: `Look at it with \`kubectl get lease -n ${journalNamespace} ${leaseName} -o yaml\`, and at what admits objects in the cluster; then run the step again.`,
    },
  );
}

/** Holds the lease as long as the run lives. */
class RenewedLease implements HeldLease {
  readonly #api: ClusterWrites;
  readonly #claim: Claim;
  readonly isLate: boolean;
  #renewed = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  constructor(api: ClusterWrites, claim: Claim, isLate: boolean) {
    this.#api = api;
    this.#claim = claim;
    this.isLate = isLate;
    this.#arm();
  }

  /** Where its time may be over, a run that slept looks first whether it still has it. */
  async check(): Promise<void> {
    this.#claim.signal.throwIfAborted();
    if (Date.now() - this.#renewed > renewEvery * 2) await this.#renew();
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#renewing?.catch(() => undefined);
    const signal = AbortSignal.timeout(renewLimit);
    const object = ownLease(this.#api.until(signal), signal);
    // The answer to the last renewal may have been lost.
    const seen = await object.read();
    if (seen && isOurs(this.#claim)(seen.object)) await object.remove(seen.object);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew().catch((error) => this.#notRenewed(error));
      void this.#renewing.finally(() => {
        if (this.#timer) this.#arm();
      });
    }, renewEvery);
    this.#timer.unref();
  }

  /** An API server that does not answer for a while is no reason to stop; another holder is. */
  #notRenewed(error: unknown): void {
    if (this.#claim.signal.aborted) {
      this.#timer = undefined;
      return;
    }
    const failure = asFailure(error);
    if (failure.code === "LeaseLost") this.#claim.stop(failure);
    else this.#claim.log(`  The lease of the cluster was not renewed: ${failure.message}`);
  }

  async #renew(): Promise<void> {
    const object = ownLease(this.#api, this.#claim.signal);
    const seen = (await object.read(renewLimit)) ?? { object: undefined, at: undefined };
    if (!seen.object || holderOf(seen.object) !== this.#claim.run) throw lost(seen.object);
    const renewTime = microTime(seen.at ?? Date.now());
    const next = { ...seen.object, spec: { ...seen.object.spec, renewTime } };
    const isOurs = (other: LeaseObject) =>
      holderOf(other) === this.#claim.run && other.spec?.renewTime === renewTime;
    const renewed = await object.replace(next, isOurs, renewLimit);
    if (!renewed) throw lost((await object.read(renewLimit))?.object);
    this.#renewed = Date.now();
  }
}

function lost(now: LeaseObject | undefined): Failure {
  const holder = now && holderOf(now);
  const who = holder ? `Run ${holder} holds it now.` : "Nobody holds it.";
  return new Failure("LeaseLost", `This run does not hold the lease of the cluster any more. ${who}`, {
    remedy: "It was away for longer than the lease lasts. Another run finishes what it began.",
  });
}

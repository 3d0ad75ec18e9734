import type { Answer, Arm } from "../azure/arm.ts";
import { observe } from "../azure/arm.ts";
import type { Computes } from "../azure/computes.ts";
import { ArmFailure, Unsettled } from "../azure/errors.ts";
import { follow, nextPoll, type Outcome } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import { errorLines } from "../model/arm-error.ts";
import { type Compute, isFinal, provisioningErrorLines, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import { type Observed, present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import { computeFailure } from "./compute-failure.ts";

/** Milliseconds that a new compute may stay invisible after Azure reported success (replication delay, testbed 9). */
const replicationLimit = 120_000;

/** How often a write is sent at most, when no answer comes and reading shows that it was not done. */
const sendLimit = 4;

/** Milliseconds between the reads that tell whether a write was done: what was written may show late (testbed 9). */
const readDelays = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Told what is known of the compute, whenever something new is. */
export interface Watcher {
  /** The state of the compute, `Absent` where there is none. */
  state(state: string): void;
  /** The state of the operation that works on it. */
  progress(state: string): void;
  /** A write goes out: from here on what was read of the compute may be true no more. */
  sent(): void;
  /** Azure has accepted a write of this run: something is changed. */
  accepted(): void;
  log(line: string): void;
}

/** The steps that bring one compute about or take it away. Every write is followed by a read that proves it. */
export class ComputeSteps {
  readonly #arm: Arm;
  readonly #computes: Computes;
  readonly #name: string;
  readonly #watcher: Watcher;

  constructor(arm: Arm, computes: Computes, name: string, watcher: Watcher) {
    this.#arm = arm;
    this.#computes = computes;
    this.#name = name;
    this.#watcher = watcher;
  }

  /** Sends the PUT and waits until it is accepted. */
  create(body: Compute): Promise<Answer | undefined> {
    return this.#settle(
      () => this.#computes.put(this.#name, body),
      (seen) => seen.is === "present" && !sameText(stateOf(seen.value), "Deleting"),
      "Creating",
    );
  }

  /** Sends the detach and waits until it is accepted. */
  detach(): Promise<Answer | undefined> {
    return this.#settle(
      () => this.#computes.detach(this.#name),
      (seen) => seen.is === "absent" || (seen.is === "present" && sameText(stateOf(seen.value), "Deleting")),
      "Deleting",
    );
  }

  /**
   * Waits until the compute is in a final state and gives it as it then is.
   * @throws Failure `ComputeFailed` with everything that Azure tells of the reasons.
   */
  async ready(accepted?: Answer): Promise<Compute> {
    const outcome = await this.#follow(accepted);
    const compute = await this.#untilFinal(outcome.is === "succeeded");
    const reasons = outcome.is === "failed" ? errorLines(outcome.error) : [];
    if (outcome.is === "failed" || !sameText(stateOf(compute), "Succeeded")) {
      throw computeFailure(this.#name, compute, reasons);
    }
    return compute;
  }

  /** Waits until there is no such compute any more. @throws Failure `DetachFailed`. */
  async gone(accepted?: Answer): Promise<void> {
    const outcome = await this.#follow(accepted);
    const began = Date.now();
    for (;;) {
      const seen = await this.look();
      if (seen.is === "absent") return;
      if (outcome.is === "failed") throw detachFailure(this.#name, errorLines(outcome.error));
      if (seen.is === "present" && isFinal(stateOf(seen.value)) && Date.now() - began > replicationLimit) {
        throw detachFailure(this.#name, provisioningErrorLines(seen.value));
      }
      await pause(nextPoll(began), this.#arm.signal);
    }
  }

  /** The compute as Azure shows it now. What was just accepted may show late (testbed 9): it is being created. */
  async shown(): Promise<Compute | undefined> {
    const seen = await this.look();
    if (seen.is === "absent") this.#watcher.state("Creating");
    return present(seen);
  }

  /** Reads the compute and tells its state. */
  async look(): Promise<Observed<Compute>> {
    const seen = await observe(() => this.#computes.get(this.#name));
    if (seen.is === "denied") throw seen.why;
    this.#watcher.state(seen.is === "present" ? stateOf(seen.value) : "Absent");
    return seen;
  }

  async #follow(accepted: Answer | undefined): Promise<Outcome> {
    if (!accepted) return { is: "ask-the-resource" };
    return follow(this.#arm, accepted, (state) => this.#watcher.progress(state));
  }

  /** Absent is final only once Azure has had time to show what it says it made. */
  async #untilFinal(succeeded: boolean): Promise<Compute> {
    const began = Date.now();
    for (;;) {
      const seen = await this.look();
      if (seen.is === "present" && isFinal(stateOf(seen.value))) return seen.value;
      if (seen.is === "absent" && Date.now() - began > replicationLimit) throw this.#vanished(succeeded);
      await pause(nextPoll(began), this.#arm.signal);
    }
  }

  #vanished(succeeded: boolean): Failure {
    const said = succeeded ? "Azure reported success, but there" : "There";
    return new Failure("ComputeVanished", `${said} is no compute "${this.#name}".`, {
      remedy: "Somebody may have detached it meanwhile. Run the step again.",
    });
  }

  /**
   * Sends a write. Where no answer says what became of it, reads whether it was done, and sends it again only
   * when it was not: a lost answer never makes a second create. Where it was refused, the reading tells in what
   * state the compute is; 409 may mean that it is under way already. `next` is the state after acceptance.
   */
  async #settle(
    send: () => Promise<Answer>,
    done: (seen: Observed<Compute>) => boolean,
    next: string,
  ): Promise<Answer | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#watcher.sent();
        const answer = await send();
        this.#watcher.accepted();
        this.#watcher.state(next);
        return answer;
      } catch (error) {
        this.#arm.signal.throwIfAborted();
        const open = error instanceof Unsettled;
        const underWay = error instanceof ArmFailure && error.status === 409;
        if (open) this.#watcher.log(`  ${error.message} Reading whether it was done.`);
        if (await this.#found(done, error)) {
          // At the first attempt a 409 speaks of somebody else's write, later of our own.
          if (open || (underWay && attempt > 1)) this.#watcher.accepted();
          if (open || underWay) return undefined;
        }
        if (!open || attempt === sendLimit) throw error;
        this.#watcher.log("  It was not done; sending it again.");
      }
    }
  }

  /** Whether a write that failed was done all the same. A refusal stays what it is where reading fails as well. */
  async #found(done: (seen: Observed<Compute>) => boolean, error: unknown): Promise<boolean> {
    if (error instanceof Unsettled)
      return this.#becomes(done, [error.retryAfter ?? 0, ...readDelays.slice(1)]);
    if (error instanceof ArmFailure && error.status === 409) return this.#becomes(done, readDelays);
    return this.#becomes(done, [0]).catch(() => false);
  }

  /** Reads after each of the delays, since what was written may show late. */
  async #becomes(done: (seen: Observed<Compute>) => boolean, delays: readonly number[]): Promise<boolean> {
    for (const delay of delays) {
      await pause(delay, this.#arm.signal);
      if (done(await this.look())) return true;
    }
    return false;
  }
}

function detachFailure(name: string, details: readonly string[]): Failure {
  return new Failure("DetachFailed", `Azure did not detach the compute "${name}".`, {
    details,
    remedy: "Jobs or deployments may still use it: end them, then run the step again.",
  });
}

import { type Arm, observe } from "../azure/arm.ts";
import { Refusal, Unsettled } from "../azure/errors.ts";
import { follow, nextPoll, type Outcome } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import type { Answer } from "../azure/wire.ts";
import { errorLines } from "../model/arm-error.ts";
import { isFinal, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import { type Observed, present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";

/** Milliseconds that a new resource may stay invisible after Azure reported success (replication delay, testbed 9). */
const replicationLimit = 120_000;

/** How often a write is sent at most, when no answer comes and reading shows that it was not done. */
const sendLimit = 4;

/** Milliseconds between the reads that tell whether a write was done: what was written may show late (testbed 9). */
const readDelays = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Told what is known of the resource, whenever something new is. */
export interface Watcher {
  /** The state of the resource, `Absent` where there is none. */
  state(state: string): void;
  /** The state of the operation that works on it. */
  progress(state: string): void;
  /** A write goes out: from here on what was read of the resource, where it is that of the run, may be true no more. */
  sent(): void;
  /** Azure has accepted a write of this run: something is changed. */
  accepted(): void;
  log(line: string): void;
}

/** A resource that is brought about or taken away. */
export interface Subject<Resource> {
  /** What it is called: `compute "gpu"`. */
  readonly noun: string;
  readonly get: () => Promise<Resource>;
  /** It ended in another state than Succeeded; `reasons` are those of the operation. */
  readonly failed: (resource: Resource, reasons: readonly string[]) => Failure;
  /** It is still there although its removal has ended. */
  readonly notRemoved: (resource: Resource | undefined, reasons: readonly string[]) => Failure;
}

/** What every resource of Azure shows of its state. */
export interface Provisioned {
  readonly properties: { readonly provisioningState?: string };
}

/** The steps that bring one resource about or take it away. Every write is followed by a read that proves it. */
export class ResourceSteps<Resource extends Provisioned> {
  protected readonly arm: Arm;
  readonly #subject: Subject<Resource>;
  readonly #watcher: Watcher;

  constructor(arm: Arm, subject: Subject<Resource>, watcher: Watcher) {
    this.arm = arm;
    this.#subject = subject;
    this.#watcher = watcher;
  }

  /**
   * Waits until the resource is in a final state and gives it as it then is.
   * @throws Failure as the subject words it, with everything that Azure tells of the reasons.
   */
  async ready(accepted?: Answer): Promise<Resource> {
    const outcome = await this.#follow(accepted);
    const resource = await this.#untilFinal(outcome.is === "succeeded");
    const reasons = outcome.is === "failed" ? errorLines(outcome.error) : [];
    if (outcome.is === "failed" || !sameText(stateOf(resource), "Succeeded")) {
      throw this.#subject.failed(resource, reasons);
    }
    return resource;
  }

  /** Waits until there is no such resource any more. @throws Failure as the subject words it. */
  async gone(accepted?: Answer): Promise<void> {
    const outcome = await this.#follow(accepted);
    const began = Date.now();
    for (;;) {
      const seen = await this.look();
      if (seen.is === "absent") return;
      if (outcome.is === "failed") throw this.#subject.notRemoved(present(seen), errorLines(outcome.error));
      if (seen.is === "present" && isFinal(stateOf(seen.value)) && Date.now() - began > replicationLimit) {
        throw this.#subject.notRemoved(seen.value, []);
      }
      await pause(nextPoll(began), this.arm.signal);
    }
  }

  /** The resource as Azure shows it now. What was just accepted may show late (testbed 9): it is being created. */
  async shown(): Promise<Resource | undefined> {
    const seen = await this.look();
    if (seen.is === "absent") this.#watcher.state("Creating");
    return present(seen);
  }

  /** Reads the resource and tells its state. */
  async look(): Promise<Observed<Resource>> {
    const seen = await observe(this.#subject.get);
    if (seen.is === "denied") throw seen.why;
    this.#watcher.state(seen.is === "present" ? stateOf(seen.value) : "Absent");
    return seen;
  }

  /**
   * Sends a write. Where no answer says what became of it, reads whether it was done, and sends it again only
   * when it was not: a lost answer never makes a second create. Where it was refused, the reading tells in what
   * state the resource is; 409 may mean that it is under way already. `next` is the state after acceptance.
   */
  protected async settle(
    send: () => Promise<Answer>,
    done: (seen: Observed<Resource>) => boolean,
    next: string,
  ): Promise<Answer | undefined> {
    for (let attempt = 1; ; attempt++) {
      this.arm.signal.throwIfAborted();
      try {
        this.#watcher.sent();
        const answer = await send();
        this.#watcher.accepted();
        this.#watcher.state(next);
        return answer;
      } catch (error) {
        this.arm.signal.throwIfAborted();
        const open = error instanceof Unsettled;
        const underWay = error instanceof Refusal && error.status === 409;
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

  async #follow(accepted: Answer | undefined): Promise<Outcome> {
    if (!accepted) return { is: "ask-the-resource" };
    return follow(this.arm, accepted, (state) => this.#watcher.progress(state));
  }

  /** Absent is final only once Azure has had time to show what it says it made. */
  async #untilFinal(succeeded: boolean): Promise<Resource> {
    const began = Date.now();
    for (;;) {
      const seen = await this.look();
      if (seen.is === "present" && isFinal(stateOf(seen.value))) return seen.value;
      if (seen.is === "absent" && Date.now() - began > replicationLimit) throw this.#vanished(succeeded);
      await pause(nextPoll(began), this.arm.signal);
    }
  }

  #vanished(succeeded: boolean): Failure {
    const { noun } = this.#subject;
    const said = succeeded ? "Azure reported success, but there" : "There";
    const code = `${noun.charAt(0).toUpperCase()}${noun.slice(1, noun.indexOf(" "))}Vanished`;
    return new Failure(code, `${said} is no ${noun}.`, {
      remedy: "Somebody may have removed it meanwhile. Run the step again.",
    });
  }

  /** Whether a write that failed was done all the same. A refusal stays what it is where reading fails as well. */
  async #found(done: (seen: Observed<Resource>) => boolean, error: unknown): Promise<boolean> {
    if (error instanceof Unsettled)
      return this.#becomes(done, [error.retryAfter ?? 0, ...readDelays.slice(1)]);
    if (error instanceof Refusal && error.status === 409) return this.#becomes(done, readDelays);
    return this.#becomes(done, [0]).catch(() => false);
  }

  /** Reads after each of the delays, since what was written may show late. */
  async #becomes(done: (seen: Observed<Resource>) => boolean, delays: readonly number[]): Promise<boolean> {
    for (const delay of delays) {
      await pause(delay, this.arm.signal);
      if (done(await this.look())) return true;
    }
    return false;
  }
}

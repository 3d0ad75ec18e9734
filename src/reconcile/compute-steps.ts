import type { Arm } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import type { Answer } from "../azure/wire.ts";
import { type Compute, provisioningErrorLines, stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import type { ComputeRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import { computeFailure } from "./compute-failure.ts";
import { ResourceSteps, type Watcher } from "./resource-steps.ts";

/** The steps that bring a compute about or take it off its workspace. */
export class ComputeSteps extends ResourceSteps<Compute> {
  readonly #computes: Computes;
  readonly #name: string;

  constructor(arm: Arm, { workspace, computeName: name }: ComputeRequest, watcher: Watcher) {
    const computes = new Computes(arm, workspace);
    super(
      arm,
      {
        noun: `compute "${name}"`,
        get: () => computes.get(name),
        failed: (compute, reasons) => computeFailure(name, compute, reasons),
        notRemoved: (compute, reasons) =>
          detachFailure(name, [...reasons, ...(compute ? provisioningErrorLines(compute) : [])]),
      },
      watcher,
    );
    this.#computes = computes;
    this.#name = name;
  }

  /** Sends the PUT and waits until it is accepted. */
  create(body: Compute): Promise<Answer | undefined> {
    return this.settle(
      () => this.#computes.put(this.#name, body),
      (seen) => seen.is === "present" && !sameText(stateOf(seen.value), "Deleting"),
      "Creating",
    );
  }

  /** Sends the PUT that changes a compute (B2); `applied` tells from the compute that it was. */
  update(body: Compute, applied: (compute: Compute) => boolean): Promise<Answer | undefined> {
    return this.settle(
      () => this.#computes.put(this.#name, body),
      (seen) => seen.is === "present" && applied(seen.value),
      "Updating",
    );
  }

  /** Sends the detach and waits until it is accepted. */
  detach(): Promise<Answer | undefined> {
    return this.settle(
      () => this.#computes.detach(this.#name),
      (seen) => seen.is === "absent" || (seen.is === "present" && sameText(stateOf(seen.value), "Deleting")),
      "Deleting",
    );
  }
}

function detachFailure(name: string, details: readonly string[]): Failure {
  return new Failure("DetachFailed", `Azure did not detach the compute "${name}".`, {
    details: [...new Set(details)],
    remedy: "Jobs or deployments may still use it: end them, then run the step again.",
  });
}

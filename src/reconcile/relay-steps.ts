import type { Arm } from "../azure/arm.ts";
import { Refusal } from "../azure/errors.ts";
import type { Relay } from "../azure/relay.ts";
import type { Answer } from "../azure/wire.ts";
import { stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import { type Provisioned, ResourceSteps, type Subject, type Watcher } from "./resource-steps.ts";

/** Something that a PUT makes and that is then there. */
class Made extends ResourceSteps<Provisioned> {
  /** Makes it, unless it is there. */
  async ensure(put: () => Promise<Answer>): Promise<void> {
    const there = (await this.look()).is === "present";
    await this.ready(there ? undefined : await this.settle(put, (seen) => seen.is === "present", "Creating"));
  }
}

/**
 * Makes what is missing of the Relay beside an Arc cluster, as the CLI does (extension.md 1d). What is there is left
 * as it is: changing it breaks attached computes (X9).
 */
export async function ensureRelay(arm: Arm, relay: Relay, location: string, watcher: Watcher): Promise<void> {
  // What is told of the run is the state of the extension, which is not touched yet.
  const quiet = { ...watcher, state: watcher.progress, sent: () => undefined };
  const made = (noun: string, get: () => Promise<Provisioned>) => new Made(arm, subject(noun, get), quiet);
  await made("relay namespace", () => relay.getNamespace())
    .ensure(() => relay.putNamespace(location))
    .catch(explainTaken);
  await made("relay connection", () => relay.getConnection()).ensure(() => relay.putConnection());
  await made("relay rule", () => relay.getRule()).ensure(() => relay.putRule());
}

/** Names of Relay namespaces are global: one that somebody else has stays refused (extension.md 1d). */
function explainTaken(error: unknown): never {
  if (!(error instanceof Refusal) || ![400, 409].includes(error.status)) throw error;
  throw new Failure("RelayNameTaken", error.message, {
    requestId: error.requestId,
    details: error.details,
    remedy:
      "Its name may be taken by somebody else: give a Relay of your own, `relayserver.hybridConnectionResourceID` in `config` and `relayServerConnectionString` in `config-protected`.",
  });
}

function subject(noun: string, get: () => Promise<Provisioned>): Subject<Provisioned> {
  const failed = (resource: Provisioned | undefined, details: readonly string[]) =>
    new Failure(
      "RelayFailed",
      `The ${noun} beside the cluster is ${resource ? stateOf(resource) : "absent"}.`,
      {
        details,
        remedy:
          "Mend what the errors name, or give a Relay of your own (relayserver.hybridConnectionResourceID).",
      },
    );
  return { noun, get, failed, notRemoved: failed };
}

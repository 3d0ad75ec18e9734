import type { Host } from "../host/host.ts";
import { isFinal } from "../model/compute.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Rollout } from "../model/rollout.ts";
import type { Unfinished } from "./action.ts";
import type { Draft } from "./draft.ts";

/** How a run ends that did not come to its end. */

/** A run that could not wait any longer. */
export function interrupted(code: string | undefined): boolean {
  return code === "Timeout" || code === "Cancelled";
}

/** What a run that had to stop waiting leaves behind, and how the next one goes on. */
export function left(failure: Failure, subject: string, draft: Draft): Failure {
  if (!interrupted(failure.code)) return failure;
  const { whole } = draft;
  if (draft.rollout) return leftOf(failure, draft.rollout);
  const { state } = draft.sight;
  const goesOn = isFinal(state) || state === "Absent" ? "" : ", and Azure goes on with it";
  const left = whole.some(({ changed }) => changed)
    ? `The ${subject} was ${state} when last read${goesOn}.`
    : whole.some(({ sent }) => sent)
      ? "A write was on its way; whether Azure took it is not known."
      : "Nothing was written.";
  return new Failure(failure.code, `${failure.message} ${left}`, {
    remedy: "Run the same step again: it finds what is under way, waits for it and writes nothing twice.",
  });
}

/** The same of a run over many targets, of which each has its own report. */
function leftOf({ code, message }: Failure, { untouched, count }: Rollout): Failure {
  return new Failure(code, `${message} ${count - untouched.length} of ${count} targets were begun.`, {
    remedy:
      "Run the same step again: what is as it should be stays as it is, what is under way is waited for, and the others follow.",
  });
}

/** Things left behind that an error tells; of the others it says how many there are. */
const toldLeft = 5;

/** A failure that leaves something behind says so, whatever it was, and how it is finished. */
export function unfinished(failure: Failure, left: readonly Unfinished[]): Failure {
  if (left.length === 0) return failure;
  const { code, message, requestId, link, details, cause } = failure;
  const told = left.slice(0, toldLeft);
  const further = left.length > toldLeft ? [`${left.length - toldLeft} more are left like that.`] : [];
  return new Failure(code, [message, ...told.map(({ what }) => what), ...further].join(" "), {
    remedy: [failure.remedy, ...told.map(({ remedy }) => remedy)].filter(Boolean).join(" "),
    requestId,
    link,
    details,
    cause,
  });
}

/** Milliseconds to let go of what is held: a run that is cancelled must leave within five seconds. */
const lettingGo = 2_000;

/** Lets go of what the run and its parts hold. Where that fails, it runs out by itself. */
export async function letGo({ whole }: Draft, host: Host): Promise<void> {
  const held = whole.flatMap((one) => one.held ?? []);
  if (held.length === 0) return;
  const over = new Promise<void>((resolve) => void setTimeout(resolve, lettingGo).unref());
  const releases = held.map((one) => one.release().catch((error) => host.debug(asFailure(error).message)));
  await Promise.race([Promise.all(releases), over]);
}

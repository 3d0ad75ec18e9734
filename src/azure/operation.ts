import type { ArmErrorBody } from "../model/arm-error.ts";
import { isFinal } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import type { Arm } from "./arm.ts";
import { Refusal } from "./errors.ts";
import { pause } from "./pause.ts";
import type { Answer } from "./wire.ts";

/** How a long-running operation ended. */
export type Outcome =
  | { readonly is: "succeeded" }
  | { readonly is: "failed"; readonly state: string; readonly error: ArmErrorBody }
  /** There is no monitor to ask (any more): only the resource itself can tell. */
  | { readonly is: "ask-the-resource" };

/** Told of every state that Azure reports, the same one again and again included. */
export type Progress = (state: string) => void;

/**
 * Follows an accepted write to its end, by `Azure-AsyncOperation`, else by `Location` (arm-contract 8). The
 * URL is signed and is sent as it came (arm-contract 1.7). A monitor on a foreign host is not asked, since it
 * would see the token (testbed 7: extensions). The wait survives throttling, server errors and lost
 * connections until the run's signal is aborted; an answer that the monitor can't be read any more ends it
 * with `ask-the-resource`, for a monitor may vanish once its operation is done.
 */
export async function follow(arm: Arm, accepted: Answer, progress: Progress): Promise<Outcome> {
  const asyncOperation = accepted.header("azure-asyncoperation") ?? accepted.header("operation-location");
  const location = accepted.header("location");
  const monitor = [asyncOperation, location].find((url) => url !== undefined && arm.isOwn(url));
  if (!monitor) return { is: "ask-the-resource" };
  const read = monitor === asyncOperation ? readStatus : readLocation;
  const began = Date.now();
  let asked = accepted;
  for (;;) {
    await pause(nextPoll(began, asked), arm.signal);
    const answer = await poll(arm, monitor);
    if (answer === "trouble") continue;
    if (answer === "gone") return { is: "ask-the-resource" };
    asked = answer;
    const seen = read(answer);
    if (seen.outcome) return seen.outcome;
    progress(seen.state);
  }
}

/**
 * Milliseconds until the next question: what Azure asked for, else 1 s at first and then a twentieth of the
 * time gone by, at most 10 s, so that the end is noticed within 5 % of what it took (`design.md` 5).
 */
export function nextPoll(began: number, last?: Answer): number {
  const asked = last?.header("retry-after");
  if (asked !== undefined && /^\d+$/.test(asked)) return Number(asked) * 1000;
  return Math.min(10_000, Math.max(1_000, (Date.now() - began) / 20));
}

/** A 4xx or 5xx from the monitor means that reading failed, not the operation (arm-contract 8). */
async function poll(arm: Arm, monitor: string): Promise<Answer | "gone" | "trouble"> {
  try {
    return await arm.send({ method: "GET", path: monitor });
  } catch (error) {
    if (arm.signal.aborted || !(error instanceof Failure)) throw error;
    const passes = !(error instanceof Refusal) || error.status >= 500 || [408, 429].includes(error.status);
    return passes ? "trouble" : "gone";
  }
}

interface Seen {
  readonly state: string;
  readonly outcome?: Outcome;
}

/** Only `status` decides: an `error` object stands in running and in succeeded operations as well (testbed 7). */
function readStatus(answer: Answer): Seen {
  const body = (answer.body ?? {}) as {
    status?: string;
    properties?: { provisioningState?: string } | null;
    error?: ArmErrorBody | null;
  };
  return seen(body.status ?? body.properties?.provisioningState ?? "InProgress", body.error);
}

/** 202 while running, then the answer that the call would have given at once (arm-contract 8). */
function readLocation(answer: Answer): Seen {
  if (answer.status === 202) return { state: "InProgress" };
  const body = answer.body as { properties?: { provisioningState?: string } } | undefined;
  return seen(body?.properties?.provisioningState ?? "Succeeded");
}

function seen(state: string, error?: ArmErrorBody | null): Seen {
  if (!isFinal(state)) return { state };
  if (/^succeeded$/i.test(state)) return { state, outcome: { is: "succeeded" } };
  const reason = error ?? { code: state, message: "Azure gave no reason." };
  return { state, outcome: { is: "failed", state, error: reason } };
}

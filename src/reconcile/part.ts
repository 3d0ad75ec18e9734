import { Arm } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Wire } from "../azure/wire.ts";
import type { Host } from "../host/host.ts";
import { asFailure, type Failure } from "../model/failure.ts";
import type { Draft } from "./draft.ts";
import { letGo } from "./ending.ts";

/**
 * Runs a part of a larger run, which ends by itself: what it holds is let go of, and `stop` stops it alone.
 * @param whole of the larger run, which tells what the part leaves behind
 * @throws Failure of the part.
 */
export async function part(
  azure: Azure,
  host: Host,
  draft: Draft,
  whole: Draft,
  body: (azure: Azure, stop: (why: Failure) => void) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  whole.parts.add(draft);
  try {
    await body(ending(azure, limit.signal), (why) => limit.abort(why));
  } catch (error) {
    throw asFailure(limit.signal.aborted ? limit.signal.reason : error);
  } finally {
    // A run that is cut off first tells what it has come to; it lets go of everything at its very end.
    if (!azure.arm.signal.aborted) {
      await letGo(draft, host);
      draft.held = undefined;
      if (!draft.unfinished) whole.parts.delete(draft);
    }
  }
}

/** The same ways out, which also end with a signal. */
function ending(azure: Azure, signal: AbortSignal): Azure {
  const { arm, wire } = azure;
  const any = AbortSignal.any([arm.signal, signal]);
  return {
    ...azure,
    arm: new Arm(arm.endpoint, arm.wire.pipeline, arm.wire.client, any),
    wire: new Wire(wire.pipeline, wire.client, any),
  };
}

import { Arm } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Wire } from "../azure/wire.ts";
import type { Host } from "../host/host.ts";
import { asFailure, type Failure } from "../model/failure.ts";
import type { Draft } from "./draft.ts";
import { letGo, unfinished } from "./ending.ts";

/**
 * Runs a part of a larger run, which ends by itself: what it holds is let go of, what it leaves behind is told, and
 * `stop` stops it alone. @throws Failure of the part.
 */
export async function part(
  azure: Azure,
  host: Host,
  draft: Draft,
  body: (azure: Azure, stop: (why: Failure) => void) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  try {
    await body(ending(azure, limit.signal), (why) => limit.abort(why));
  } catch (error) {
    const failure = asFailure(limit.signal.aborted ? limit.signal.reason : error);
    throw draft.unfinished ? unfinished(failure, draft.unfinished) : failure;
  } finally {
    await letGo(draft, host);
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

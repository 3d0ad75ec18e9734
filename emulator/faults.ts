import type { Incoming } from "./http.ts";

export type FaultKind =
  | "reset"
  | "hang"
  | "truncated"
  | "not-json"
  | "html"
  | "status"
  | "expired-token"
  /** The client dies (testbed 9, "kill client pid at phase"): `World.killClient` is called and nothing is answered. */
  | "kill";

/** One rule of deliberate failure (testbed 9, "Fault knobs"). Push it to `world.faults`. */
export interface Fault {
  match: {
    method?: string /** A regular expression over the whole URL; text in JSON. */;
    url?: RegExp | string;
  };
  /** Fires first at the n-th matching request (1-based, default 1) ... */
  nth?: number;
  /** ... and at so many in a row (default 1). */
  count?: number;
  /** `before`: nothing happens in the world. `after`: it happens, and the answer is lost or replaced. Default `before`. */
  phase?: "before" | "after";
  kind: FaultKind;
  /** For `status` (default 500), and the status line of `truncated` and `not-json` (default 200). */
  status?: number;
  code?: string;
  message?: string;
  /** Seconds, sent as Retry-After. */
  retryAfter?: number;
  headers?: Record<string, string>;
  /** For `truncated`: the cut text arrives as if it were whole, instead of a connection that dies. */
  clean?: boolean;
}

/** Counts what each rule has seen, so that rules stay plain data. */
export class FaultCounter {
  readonly #seen = new WeakMap<Fault, number>();

  /** The first rule that fires for this request; every matching rule counts it. */
  next(faults: readonly Fault[], request: Incoming): Fault | undefined {
    let fired: Fault | undefined;
    for (const fault of faults) {
      if (!matches(fault, request)) continue;
      const seen = (this.#seen.get(fault) ?? 0) + 1;
      this.#seen.set(fault, seen);
      const first = fault.nth ?? 1;
      if (seen >= first && seen < first + (fault.count ?? 1)) fired ??= fault;
    }
    return fired;
  }
}

function matches(fault: Fault, request: Incoming): boolean {
  const { method, url } = fault.match;
  if (method !== undefined && method.toUpperCase() !== request.method) return false;
  if (url === undefined) return true;
  const pattern =
    typeof url === "string" ? new RegExp(url, "i") : new RegExp(url.source, url.flags.replace("g", ""));
  return pattern.test(request.url.href);
}

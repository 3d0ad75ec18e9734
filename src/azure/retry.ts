import type { PipelineRequest, PipelineResponse, RestError, RetryStrategy } from "@azure/core-rest-pipeline";
import { callName, untrusted } from "./errors.ts";
import { retryAfter, windowEnd } from "./retry-after.ts";

/** How long a run may still take, and whom to tell of a retry. */
export interface RetryOptions {
  /** `Date.now()` at which the run ends. */
  readonly deadline: number;
  readonly log: (line: string) => void;
  /** `true` where every request may be repeated, as with a token endpoint, whose POST changes nothing. */
  readonly repeatable?: boolean;
}

/** Attempts beyond the first; with the delays below they span about a minute. */
export const maxRetries = 7;

/** Codes of connections that were never made: nothing was sent, so that a write may be sent again as well. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Requests other than reads that change nothing either. */
export const repeatable = new WeakSet<PipelineRequest>();

/** Statuses that pass: time-out, throttled, and the server's own trouble (arm-contract 8, testbed 7). */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Retries by classification, with full jitter, inside the run's deadline.
 *
 * A read is sent again whenever the trouble may pass. A write is sent again only where the connection was never
 * made, so that Azure can't have acted on it. Any other trouble leaves its outcome open (some providers use 429
 * for a locked resource, arm-contract 8), and `reconcile/compute-steps.ts` finds it out by reading.
 */
export function retryByClassification({
  deadline,
  log,
  repeatable: all = false,
}: RetryOptions): RetryStrategy {
  return {
    name: "retryByClassification",
    retry({ retryCount, response, responseError }) {
      const asked = response?.request ?? responseError?.request;
      const { method = "", url = "" } = asked ?? {};
      const safe = all || method === "GET" || method === "HEAD" || (asked && repeatable.has(asked)) === true;
      const reason = passes(safe, response, responseError);
      if (!reason) return { skipStrategy: true };
      const delay =
        retryAfter(response?.headers.get("retry-after")) ??
        windowEnd(response?.headers.get("x-ms-user-quota-resets-after")) ??
        jitter(retryCount);
      const call = callName(method, url);
      if (Date.now() + delay >= deadline) {
        log(`${call}: ${reason}; a further attempt would come after the time limit.`);
        return { skipStrategy: true };
      }
      log(`${call}: ${reason}; attempt ${retryCount + 2} in ${(delay / 1000).toFixed(1)} s.`);
      return { retryAfterInMs: delay };
    },
  };
}

/** Why the attempt is worth repeating; `undefined` when it is not. */
function passes(safe: boolean, response?: PipelineResponse, error?: RestError): string | undefined {
  // A certificate that is not trusted now won't be in a minute.
  if (untrusted.test(error?.code ?? "")) return undefined;
  if (error && (safe || neverSent.has(error.code ?? ""))) return error.code ?? "no answer";
  return safe && response && passing.has(response.status) ? `status ${response.status}` : undefined;
}

/** Full jitter: anything up to a bound that doubles from 1 s to 16 s, so that many runs don't come back together. */
function jitter(retryCount: number): number {
  return Math.random() * Math.min(16_000, 1_000 * 2 ** retryCount);
}

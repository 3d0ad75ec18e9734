import type { PipelinePolicy, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { retryAfter, windowEnd } from "./retry-after.ts";

/** The kinds of request that Resource Manager counts apart (arm-contract 8). POST counts as a write. */
type Kind = "reads" | "writes" | "deletes";

/**
 * Tokens that come back in a second where nothing else is known (arm-contract 8). It only decides how long to wait for
 * the next token; how many there are, the headers say.
 */
const refill: Readonly<Record<Kind, number>> = { reads: 25, writes: 10, deletes: 10 };

/** Tokens that are left for others, and for what is on its way and not counted yet. */
const reserve = 3;

/** Requests under way where no answer has told yet how many may be. */
const blindWindow = 10;

/** Milliseconds to stay away where a refusal names none. */
const usualPause = 1_000;

/**
 * Keeps all requests of a run inside Resource Manager's token buckets, of which each subscription and principal has its
 * own. It goes by what the headers of the answers say is left, so that a full bucket is used at once, an empty one at the
 * pace at which it fills, and next to nobody is refused; a refusal stops all that ask the same, not only the one.
 */
export class Governor {
  readonly #gates = new Map<string, Gate>();
  /** Answers that were learnt from; one that is shared comes again, and is old news then. */
  readonly #seen = new WeakSet<PipelineResponse>();

  /** As a part of the pipeline, around each attempt. */
  policy(): PipelinePolicy {
    return {
      name: "governor",
      sendRequest: async (request, next) => {
        const { bucket, provider } = this.#gatesOf(request);
        const signal = request.abortSignal as AbortSignal | undefined;
        await provider.enter(signal);
        try {
          await bucket.enter(signal);
          try {
            const response = await next(request);
            this.#learn(response, bucket, provider);
            return response;
          } finally {
            bucket.leave();
          }
        } finally {
          provider.leave();
        }
      },
    };
  }

  /** Whose tokens a request takes, and who may be short of time behind Resource Manager. */
  #gatesOf({ method, url }: PipelineRequest): { bucket: Gate; provider: Gate } {
    const { pathname } = new URL(url);
    const kind: Kind =
      method === "GET" || method === "HEAD" ? "reads" : method === "DELETE" ? "deletes" : "writes";
    const scope = /^\/subscriptions\/([^/]+)/i.exec(pathname)?.[1]?.toLowerCase() ?? "tenant";
    const namespace =
      pathname
        .split(/\/providers\//i)
        .at(-1)
        ?.split("/")[0]
        ?.toLowerCase() ?? "";
    return {
      bucket: this.#gate(`${scope} ${kind}`, kind),
      provider: this.#gate(`${scope} ${kind} ${namespace}`),
    };
  }

  #gate(key: string, kind?: Kind): Gate {
    const gate = this.#gates.get(key) ?? new Gate(kind && refill[kind]);
    this.#gates.set(key, gate);
    return gate;
  }

  #learn(response: PipelineResponse, bucket: Gate, provider: Gate): void {
    if (this.#seen.has(response)) return;
    this.#seen.add(response);
    const left = tokensLeft(response);
    if (response.status !== 429) {
      bucket.succeeded(left);
      provider.succeeded();
      return;
    }
    const wait =
      retryAfter(response.headers.get("retry-after")) ??
      windowEnd(response.headers.get("x-ms-user-quota-resets-after")) ??
      usualPause;
    // arm-contract 8: near 0 Resource Manager itself has refused, otherwise the provider behind it.
    const byProvider = left !== undefined && left >= 1;
    (byProvider ? provider : bucket).refused(wait);
  }
}

/** How many requests the tightest of the buckets that are told has left. */
function tokensLeft({ headers }: PipelineResponse): number | undefined {
  const told = ["reads", "writes", "deletes"].flatMap((kind) =>
    ["subscription", "subscription-global", "tenant"].flatMap((scope) => {
      const value = headers.get(`x-ms-ratelimit-remaining-${scope}-${kind}`);
      return value === undefined || !/^-?\d+$/.test(value) ? [] : Number(value);
    }),
  );
  return told.length > 0 ? Math.min(...told) : undefined;
}

interface Waiter {
  readonly admit: () => void;
}

/** Lets requests pass in their order, as many as there are tokens for. */
class Gate {
  /** Tokens that come back in a second; none where nobody counts. */
  #refill: number | undefined;
  /** How many there are at `#asOf`; unknown at first. */
  #tokens: number | undefined;
  #asOf = 0;
  #underWay = 0;
  /** How many may be under way: few while nothing is known, one after a refusal, then twice as many with each success. */
  #window: number;
  #closedUntil = 0;
  readonly #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(perSecond: number | undefined) {
    this.#refill = perSecond;
    this.#window = perSecond === undefined ? Number.POSITIVE_INFINITY : blindWindow;
  }

  /** Waits for its turn. Throws the signal's reason as soon as it is aborted. */
  async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#opensIn() === 0) {
      this.#pass();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        admit: () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  /** A request that entered has ended, in whatever way. */
  leave(): void {
    this.#underWay -= 1;
    this.#serve();
  }

  /** An answer came that was no refusal; `left` is what it told of the tokens. */
  succeeded(left?: number): void {
    if (this.#window !== Number.POSITIVE_INFINITY && this.#closedUntil <= Date.now()) {
      const known = left !== undefined || this.#refill === undefined;
      this.#window =
        this.#window >= 64 || (known && this.#closedUntil === 0)
          ? Number.POSITIVE_INFINITY
          : this.#window * 2;
    }
    if (left === undefined) return;
    // Those that are under way may not be counted yet.
    this.#tokens = left - (this.#underWay - 1);
    this.#asOf = Date.now();
  }

  /** Nobody passes for that long; then one alone, to see. */
  refused(wait: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, Date.now() + wait);
    this.#window = 1;
    if (this.#refill === undefined) return;
    this.#refill = Math.max(1, this.#refill / 2);
    this.#tokens = Math.min(this.#tokens ?? reserve + 1, reserve + 1);
    this.#asOf = this.#closedUntil;
  }

  /** Milliseconds until one may pass; infinite where one that is under way must come back first. */
  #opensIn(): number {
    const now = Date.now();
    if (this.#underWay >= this.#window) return Number.POSITIVE_INFINITY;
    const closed = Math.max(0, this.#closedUntil - now);
    if (this.#tokens === undefined || this.#refill === undefined) return closed;
    const grown = this.#tokens + (Math.max(0, now - this.#asOf) / 1_000) * this.#refill;
    const lacking = reserve + 1 - grown;
    return Math.max(closed, lacking <= 0 ? 0 : Math.ceil((lacking / this.#refill) * 1_000));
  }

  #pass(): void {
    this.#underWay += 1;
    if (this.#tokens !== undefined) this.#tokens -= 1;
  }

  #serve(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const wait = this.#opensIn();
      if (wait > 0) {
        if (wait !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#serve(), wait);
        return;
      }
      this.#pass();
      this.#waiting.shift()?.admit();
    }
  }
}

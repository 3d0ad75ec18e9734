import { gatewayError } from "../errors.ts";
import type { Incoming } from "../http.ts";
import { uuid } from "../ids.ts";
import type { World } from "../world.ts";

interface Bucket {
  tokens: number;
  at: number;
}

/** arm-contract 8: bucket sizes and refill rates a second, by kind of request. POST counts as a write. */
const LIMITS = {
  reads: { size: 250, refill: 25 },
  writes: { size: 200, refill: 10 },
  deletes: { size: 200, refill: 10 },
} as const;

type Kind = keyof typeof LIMITS;

const KINDS: Record<string, Kind> = { GET: "reads", HEAD: "reads", DELETE: "deletes" };

/** ARM's token buckets, one for each kind of request. */
export class Throttle {
  readonly #buckets = new Map<Kind, Bucket>();

  /** Takes one token; the header that tells what is left. Throws 429 when the knob `throttling` is on and none is left. */
  take(world: World, request: Incoming): Record<string, string> {
    const kind = KINDS[request.method] ?? "writes";
    const { size, refill } = LIMITS[kind];
    const now = world.clock.now();
    const bucket = this.#buckets.get(kind) ?? { tokens: size, at: now };
    const tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * refill);
    if (tokens < 1 && world.knobs.throttling) throw throttled(1 / refill);
    const left = Math.max(0, tokens - 1);
    this.#buckets.set(kind, { tokens: left, at: now });
    return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(left)) };
  }
}

function throttled(seconds: number) {
  return gatewayError(
    429,
    "SubscriptionRequestsThrottled",
    "The number of requests for this subscription has exceeded the limit. Please try again later.",
    { "retry-after": String(Math.max(1, Math.ceil(seconds))) },
  );
}

/** arm-contract 8: what every answer of ARM carries. */
export function commonHeaders(world: World, request: Incoming): Record<string, string> {
  const requestId = uuid();
  const correlationId = request.headers["x-ms-correlation-request-id"] ?? requestId;
  const time = new Date(world.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const headers: Record<string, string> = {
    "cache-control": "no-cache",
    date: new Date(world.clock.now()).toUTCString(),
    "x-content-type-options": "nosniff",
    "x-ms-request-id": requestId,
    "x-ms-correlation-request-id": correlationId,
    "x-ms-routing-request-id": `${world.location.toUpperCase()}:${time}:${requestId}`,
  };
  const clientId = request.headers["x-ms-client-request-id"];
  if (clientId && request.headers["x-ms-return-client-request-id"] === "true") {
    headers["x-ms-client-request-id"] = clientId;
  }
  return headers;
}

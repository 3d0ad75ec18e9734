import { gatewayError } from "../errors.ts";
import { bearerOf, type Incoming } from "../http.ts";
import { keyOf, uuid } from "../ids.ts";
import type { RequestKind, TokenBucket } from "../knobs.ts";
import type { World } from "../world.ts";

interface Bucket {
  tokens: number;
  at: number;
}

/** POST counts as a write (arm-contract 8). */
const KINDS: Record<string, RequestKind> = { GET: "reads", HEAD: "reads", DELETE: "deletes" };

/** arm-contract 8: the limit of a whole subscription is so many times that of one principal. */
const PRINCIPALS = 15;

/** ARM's token buckets: for each subscription and principal one of each kind, and one for all principals together. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one token; the headers that tell what is left. Throws 429 when the knob `throttling` is on and none is left. */
  take(world: World, request: Incoming): Record<string, string> {
    const kind = KINDS[request.method] ?? "writes";
    const limit = world.knobs.tokenBuckets[kind];
    const subscription = /^\/subscriptions\/([^/]+)/i.exec(request.path)?.[1];
    const scope = subscription === undefined ? "tenant" : keyOf(subscription);
    const own = this.#bucket(world, `${scope} ${kind} ${principalOf(world, request)}`, limit);
    const all = { size: limit.size * PRINCIPALS, refill: limit.refill * PRINCIPALS };
    const global = this.#bucket(world, `${scope} ${kind}`, all);
    const empty = own.tokens < 1 ? limit : global.tokens < 1 ? all : undefined;
    const names = subscription === undefined ? ["tenant"] : ["subscription", "subscription-global"];
    if (world.knobs.throttling && empty) throw throttled(1 / empty.refill, names, kind);
    own.tokens = Math.max(0, own.tokens - 1);
    global.tokens = Math.max(0, global.tokens - 1);
    const left = [own, global].map(({ tokens }) => String(Math.floor(tokens)));
    return Object.fromEntries(
      names.map((name, index) => [`x-ms-ratelimit-remaining-${name}-${kind}`, left[index] ?? "0"]),
    );
  }

  /** A bucket as it has been filled up since it was last looked at. */
  #bucket(world: World, key: string, { size, refill }: TokenBucket): Bucket {
    const now = world.clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: size, at: now };
    bucket.tokens = Math.min(size, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * refill);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

/** Who asks, as far as the token tells: one that is not known is refused later. */
function principalOf(world: World, request: Incoming): string {
  return world.directory.tokens.get(bearerOf(request) ?? "")?.clientId ?? "nobody";
}

function throttled(seconds: number, names: readonly string[], kind: RequestKind) {
  const none = names.map((name) => [`x-ms-ratelimit-remaining-${name}-${kind}`, "0"]);
  return gatewayError(
    429,
    "SubscriptionRequestsThrottled",
    "The number of requests for this subscription has exceeded the limit. Please try again later.",
    { ...Object.fromEntries(none), "retry-after": String(Math.max(1, Math.ceil(seconds))) },
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

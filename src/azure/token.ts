import type { AccessToken } from "@azure/core-auth";

/** Where the bearer token of a request comes from. */
export interface TokenSource {
  /** A token that is good for some time yet. */
  token(): Promise<string>;
  /** Says that Azure took this token for expired, so that the next call fetches another. */
  reject(token: string): void;
}

/** Kept until five minutes before its end, or until half of a shorter life is over. */
const margin = 5 * 60_000;

/**
 * Keeps one token for all requests, also those that ask at the same time. `fetch` is called for each
 * exchange: Microsoft's credentials would run the assertion callback on every call (toolchain 2).
 */
export function memoise(fetch: () => Promise<AccessToken>): TokenSource {
  let current: Promise<Held> | undefined;
  let rejected: string | undefined;

  async function exchange(): Promise<Held> {
    const asked = Date.now();
    const { token, expiresOnTimestamp } = await fetch();
    return { token, renewAt: expiresOnTimestamp - Math.min(margin, (expiresOnTimestamp - asked) / 2) };
  }

  function renew(): Promise<Held> {
    const pending = exchange();
    current = pending;
    // A failure is not remembered: the next that asks gets a new exchange.
    pending.catch(() => {
      if (current === pending) current = undefined;
    });
    return pending;
  }

  return {
    async token() {
      const asked = current ?? renew();
      const held = await asked;
      if (held.token !== rejected && Date.now() < held.renewAt) return held.token;
      const next = current === asked ? renew() : (current ?? renew());
      return (await next).token;
    },
    reject: (token) => {
      rejected = token;
    },
  };
}

interface Held {
  readonly token: string;
  /** `Date.now()` from which on another is fetched. */
  readonly renewAt: number;
}

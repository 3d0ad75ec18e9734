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
  let current: Promise<{ token: string; renewAt: number }> | undefined;

  async function exchange() {
    const asked = Date.now();
    const { token, expiresOnTimestamp } = await fetch();
    const life = expiresOnTimestamp - asked;
    return { token, renewAt: expiresOnTimestamp - Math.min(margin, life / 2) };
  }

  async function valid(): Promise<string> {
    current ??= exchange();
    const pending = current;
    const held = await pending.catch((error) => {
      if (current === pending) current = undefined;
      throw error;
    });
    if (Date.now() < held.renewAt) return held.token;
    if (current === pending) current = exchange();
    return (await current).token;
  }

  return {
    token: valid,
    reject: (token) => {
      const pending = current;
      void pending?.then(
        (held) => {
          if (held.token === token && current === pending) current = undefined;
        },
        () => undefined,
      );
    },
  };
}

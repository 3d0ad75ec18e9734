import { lookup } from "node:dns/promises";
import type { Resolution } from "../model/scoring-endpoint.ts";

/** Looks a name up. Stands as a type of its own so that tests need no DNS. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<Resolution>;

/** Milliseconds after which a name server that does not answer is not waited for any more. */
const patience = 5_000;

/**
 * Looks a name up as every program of this machine does, its hosts file and private zones included (T3). Never
 * throws but when the run is over.
 */
export const resolveName: ResolveName = async (name, signal) => {
  const asked = lookup(name, { all: true, family: 4 }).then(
    (found): Resolution => ({ is: "addresses", addresses: found.map(({ address }) => address) }),
    (error: NodeJS.ErrnoException): Resolution => ({
      is: error.code === "ENOTFOUND" || error.code === "ENODATA" ? "no-such-name" : "unknown",
    }),
  );
  const resolution = await Promise.race([asked, silence()]);
  signal.throwIfAborted();
  return resolution;
};

function silence(): Promise<Resolution> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ is: "unknown" }), patience).unref();
  });
}

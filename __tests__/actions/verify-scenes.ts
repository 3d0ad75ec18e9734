import type { World } from "../../emulator/index.ts";
import { type Verification, verified } from "../support/catalogue.ts";
import { virtually } from "../support/virtual-time.ts";

/** Verifies a cluster in virtual time. */
export function verifyIn(...run: Parameters<typeof verified>): Promise<Verification> {
  return virtually(() => verified(...run));
}

/** Method, path and status of the requests whose URL matches, in order. */
export function asked(world: World, pattern: RegExp): string[] {
  return world.exchanges
    .filter(({ url }) => pattern.test(new URL(url).pathname))
    .map(({ method, url, status }) => `${method} ${new URL(url).pathname} ${status}`);
}

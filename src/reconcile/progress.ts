import { formatDuration } from "../model/duration.ts";

/** At least one line a minute, and one for each change. */
const quietLimit = 60_000;

/**
 * Tells a person how a wait goes on. Gives the function that is called with every state Azure reports. `live` is told of
 * each, for a line that is always up to date.
 */
export function progress(
  log: (line: string) => void,
  live: (state: string) => void = () => undefined,
): (state: string) => void {
  const began = Date.now();
  let last: { state: string; at: number } | undefined;
  return (state) => {
    const now = Date.now();
    live(state);
    if (last && last.state === state && now - last.at < quietLimit) return;
    last = { state, at: now };
    log(`  ${formatDuration(now - began).padStart(6)}  ${state}`);
  };
}

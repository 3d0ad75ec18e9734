import type { Target } from "./report.ts";

/** A goal of a rollout: so many targets, or that part of all. */
export type Wave = { readonly targets: number } | { readonly percent: number };

/** How a run over many targets goes about it. */
export interface RolloutTerms {
  /** How many are worked on at a time. */
  readonly concurrency: number;
  /** No further one is begun once so many have failed. */
  readonly maxFailures?: number | undefined;
  /** Each must end well before the next begins; none means all at once. */
  readonly waves: readonly Wave[];
}

/** How a run over many targets went. */
export interface Rollout {
  /** All that were given. */
  readonly count: number;
  readonly failed: number;
  readonly waves: readonly WaveReport[];
  /** Those that were not begun: the next run goes on with them. */
  readonly untouched: readonly Target[];
}

/** A wave that was begun. */
export interface WaveReport {
  readonly targets: number;
  readonly failed: number;
}

/** A wave as it is written, `5` or `10%`; `undefined` for what is none. */
export function parseWave(text: string): Wave | undefined {
  const { number = "", sign } = /^(?<number>\d{1,6})\s*(?<sign>%)?$/.exec(text)?.groups ?? {};
  const value = Number(number);
  if (number === "" || value === 0) return undefined;
  if (!sign) return { targets: value };
  return value <= 100 ? { percent: value } : undefined;
}

/** Where each wave ends among so many targets, growing; a wave that would add nothing is left out. */
export function waveEnds(count: number, waves: readonly Wave[]): number[] {
  if (waves.length === 0) return count > 0 ? [count] : [];
  const ends = waves.map((wave) =>
    Math.min(count, "targets" in wave ? wave.targets : Math.ceil((count * wave.percent) / 100)),
  );
  return ends.filter((end, index) => end > Math.max(0, ...ends.slice(0, index)));
}

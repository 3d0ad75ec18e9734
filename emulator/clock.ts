/**
 * The world's clock: the real one plus an offset, so that tests may drive it by `advance` or, since `Date.now` is
 * read at each call, by jest's fake timers (testbed 9, "injected clock").
 */
export class Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  advance(ms: number): void {
    this.#offset += ms;
  }

  /** `2026-11-21T02:57:33.1230000+00:00`: seven digits and an offset, as Azure ML and extensions write dates (testbed 7). */
  stamp(ms: number = this.now()): string {
    return new Date(ms).toISOString().replace("Z", "0000+00:00");
  }

  /** `2026-11-21T02:57:33.1230000Z`: as AKS and Arc write them (testbed 7, real-arm). */
  zulu(ms: number = this.now()): string {
    return new Date(ms).toISOString().replace("Z", "0000Z");
  }
}

/** A clock that a test moves. */

import type { Clock } from '../../offline/clock.ts';

export class FakeClock implements Clock {
  time = 1_000_000;
  chance = 0.5;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  readonly now = (): number => this.time;
  readonly random = (): number => this.chance;
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** When the timers that are set will run, in ms from now, the next first. */
  get due(): number[] {
    return this.#timers.map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Lets `ms` go by, with everything that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settle();
    }
    this.time = end;
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

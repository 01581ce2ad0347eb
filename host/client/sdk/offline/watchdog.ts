/** Barks when nothing was heard for too long: 2.5 heartbeats (a lost beat is bad luck, two are a dead connection). */

import type { Clock } from './clock.ts';

const BEATS = 2.5;

export class Watchdog {
  #cancel: (() => void) | undefined;
  #limitMs: number;

  constructor(
    readonly clock: Pick<Clock, 'after'>,
    firstLimitMs: number,
    readonly bark: () => void,
  ) {
    this.#limitMs = firstLimitMs;
    this.fed();
  }

  /** From now on the server beats every `heartbeatMs`. */
  expect(heartbeatMs: number): void {
    this.#limitMs = heartbeatMs * BEATS;
    this.fed();
  }

  /** Something was heard. */
  fed(): void {
    this.#cancel?.();
    this.#cancel = this.clock.after(this.#limitMs, this.bark);
  }

  stop(): void {
    this.#cancel?.();
  }
}

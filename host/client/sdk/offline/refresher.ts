/** Reads what changes often: one reading at a time, and none so often that the page does nothing else. */

import type { Clock } from './clock.ts';

/** A reading that is done sooner costs nothing worth waiting for. */
const QUICK_MS = 8;
/** How long it rests, in times of what a reading took: it has at most a tenth of the page's time. */
const REST = 9;

export class Refresher {
  #asked: Promise<void> | undefined;
  #before: Promise<void> = Promise.resolve();

  constructor(
    readonly clock: Clock,
    readonly read: () => Promise<void>,
  ) {}

  /**
   * Resolves after a reading that began after this call; calls that come before it begins share it. An older reading never
   * ends after a newer one, and after one that took long there is a rest.
   */
  ask(): Promise<void> {
    this.#asked ??= this.#next();
    return this.#asked;
  }

  #next(): Promise<void> {
    const reading = this.#before.then(() => {
      this.#asked = undefined;
      return this.#timed();
    });
    this.#before = reading.catch(() => 0).then((took) => this.#rest(took));
    return reading.then(() => {});
  }

  async #timed(): Promise<number> {
    const began = this.clock.now();
    await this.read();
    return this.clock.now() - began;
  }

  async #rest(took: number): Promise<void> {
    if (took > QUICK_MS) await new Promise<void>((resolve) => void this.clock.after(REST * took, resolve));
  }
}

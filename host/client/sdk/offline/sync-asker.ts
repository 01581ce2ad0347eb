/** When the browser is asked to wake the worker as soon as there is a network: once a minute at most. */

import type { Clock } from './clock.ts';

/**
 * A browser that believes to be online wakes the worker at once, the worker sends without waiting, and what fails changes
 * the entries: asked at each change, that would go round without a pause.
 */
const PAUSE_MS = 60_000;

/** What is known of the network and of what waits. */
export interface Waiting {
  readonly online: boolean;
  readonly pending: number;
}

export class SyncAsker {
  #askedAt = Number.NEGATIVE_INFINITY;
  #now: Waiting = { online: true, pending: 0 };
  #later: (() => void) | null = null;

  constructor(
    readonly clock: Clock,
    readonly ask: () => void,
  ) {}

  /** Hears how things stand; asks when something waits and no server answers. */
  look(now: Waiting): void {
    this.#now = now;
    if (this.#later !== null || now.online || now.pending === 0) return;
    const wait = this.#askedAt + PAUSE_MS - this.clock.now();
    if (wait > 0) {
      this.#later = this.clock.after(wait, () => {
        this.#later = null;
        this.look(this.#now);
      });
      return;
    }
    this.#askedAt = this.clock.now();
    this.ask();
  }

  stop(): void {
    this.#later?.();
    this.#later = null;
  }
}

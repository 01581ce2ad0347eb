/** Listeners of one thing that changes: subscribe returns its end, and a signal ends it as well. */

import type { SubscribeOptions } from '@portico/sdk';

/** Hears each new value. */
export type Listener<T> = (value: T) => void;

/** Who listens. A listener that throws is reported and stops no other. */
export class Listeners<T> {
  readonly #all = new Set<{ readonly hear: Listener<T> }>();

  add(hear: Listener<T>, { signal }: SubscribeOptions = {}): () => void {
    const entry = { hear };
    if (signal?.aborted) return () => {};
    this.#all.add(entry);
    const end = (): void => void this.#all.delete(entry);
    signal?.addEventListener('abort', end, { once: true });
    return end;
  }

  tell(value: T): void {
    for (const { hear } of [...this.#all]) {
      try {
        hear(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

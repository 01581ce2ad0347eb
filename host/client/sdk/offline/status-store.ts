/** The page's status: changes go in, whoever listens hears the new value. */

import type { SubscribeOptions } from '@portico/sdk';
import { asOf, type Change, FIRST, reduce, type Status } from './status.ts';
import { type Listener, Listeners } from './subscribe.ts';

export class StatusStore {
  #state = FIRST;
  readonly #listeners = new Listeners<Status>();

  get(): Status {
    return this.#state.status;
  }

  /** Since when an app's data may be out of date; `null` when it is fresh. */
  asOf(app: string): Date | null {
    return asOf(this.#state, app);
  }

  change(change: Change): void {
    const before = this.#state;
    this.#state = reduce(before, change);
    if (this.#state !== before) this.#listeners.tell(this.#state.status);
  }

  /** Hears the present value at once, then each new one. */
  subscribe(listener: Listener<Status>, options?: SubscribeOptions): () => void {
    const end = this.#listeners.add(listener, options);
    listener(this.get());
    return end;
  }
}

/** A value that can be watched, in the form `useSyncExternalStore` takes: `snapshot` and `subscribe` are bound. */
export class Observable<S> {
  readonly #listeners = new Set<() => void>();
  #state: S;

  constructor(state: S) {
    this.#state = state;
  }

  /** The state now; the same object until something changes. */
  readonly snapshot = (): S => this.#state;

  /** Calls `listener` after each change; returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected set(state: S): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What was seen lately, so that going back shows it at once, before it is asked for again. */
export class Memory<T> {
  readonly #kept = new Map<string, T>();

  constructor(private readonly most = 40) {}

  recall(key: string): T | undefined {
    return this.#kept.get(key);
  }

  /** The first thing that `pick` finds in what is kept, the latest first. */
  find<R>(pick: (value: T) => R | undefined): R | undefined {
    for (const value of [...this.#kept.values()].reverse()) {
      const found = pick(value);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  keep(key: string, value: T): void {
    this.#kept.delete(key);
    this.#kept.set(key, value);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > this.most && !oldest.done) this.#kept.delete(oldest.value);
  }
}

/** Runs work for many targets at once, a few at a time, and never two for one target. */

export class Pool {
  readonly #queue: string[] = [];
  readonly #queued = new Set<string>();
  readonly #active = new Set<string>();
  readonly #again = new Set<string>();
  #failure: { readonly error: unknown } | null = null;
  #idle: (() => void) | null = null;

  constructor(
    private readonly limit: number,
    private readonly work: (target: string) => Promise<void>,
  ) {}

  /** Work for a target that is at work already is done once more after it. */
  add(target: string): void {
    if (this.#failure || this.#queued.has(target)) return;
    if (this.#active.has(target)) {
      this.#again.add(target);
      return;
    }
    this.#queued.add(target);
    this.#queue.push(target);
    this.#pump();
  }

  isIdle(): boolean {
    return this.#active.size === 0;
  }

  /** Resolves when nothing is left; rejects with the first error of any work, when the rest under way has ended. */
  async finished(): Promise<void> {
    if (!this.isIdle()) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    if (this.#failure) throw this.#failure.error;
  }

  #pump(): void {
    while (this.#active.size < this.limit) {
      const target = this.#queue.shift();
      if (target === undefined) break;
      this.#queued.delete(target);
      this.#active.add(target);
      void this.#run(target);
    }
    if (this.#active.size === 0) this.#idle?.();
  }

  async #run(target: string): Promise<void> {
    try {
      await this.work(target);
    } catch (error) {
      this.#failure ??= { error };
      this.#queue.length = 0;
      this.#again.clear();
    }
    this.#active.delete(target);
    if (this.#again.delete(target)) this.add(target);
    this.#pump();
  }
}

/** One tab at a time does a thing for all tabs of the browser; another takes over when it goes. */

/** As much of the Web Locks API as is needed. */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, run: () => Promise<unknown>): Promise<unknown>;
}

/**
 * Waits for the lock `name` and runs `lead` while this page has it, until `stop` is called. The browser gives the lock on
 * when the tab is closed or crashes.
 */
export class Leader {
  #stop: AbortController | undefined;

  constructor(
    readonly locks: Locks,
    readonly name: string,
    readonly lead: (signal: AbortSignal) => Promise<unknown>,
    readonly report: (error: unknown) => void,
  ) {}

  /** Stands for election; does nothing when it stands already. */
  start(): void {
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.locks
      .request(this.name, { signal: stop.signal }, () => this.lead(stop.signal))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) this.report(error);
      })
      .finally(() => {
        if (this.#stop === stop) this.#stop = undefined;
      });
  }

  /** Steps down, or stands no longer. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }
}

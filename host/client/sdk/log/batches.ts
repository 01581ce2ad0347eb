/** Records on their way: kept for a moment, sent many at once, and never more than a page should say. */

import type { RumRecord } from './record.ts';

export interface BatchPorts {
  /** Hands over one batch; `false` when the browser does not take it. */
  readonly send: (body: string) => boolean;
  /** Runs after so many ms, unless the returned function is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** What stands on every batch. */
  readonly page: () => Readonly<Record<string, unknown>>;
  /** Whether this page is one of those that tell everything; asked once. */
  readonly sampled: () => boolean;
}

export const MOST_IN_BATCH = 25;
/** Of one page load; a loop that logs must not become a flood. */
export const MOST_OF_PAGE = 500;
const WAIT_MS = 10_000;

/** Collects records. What nobody can send is dropped: telling is never worth a retry. */
export class Batches {
  #waiting: RumRecord[] = [];
  #told = 0;
  #dropped = 0;
  #cancel: (() => void) | undefined;
  #sampled: boolean | undefined;

  constructor(readonly ports: BatchPorts) {}

  add(record: RumRecord): void {
    this.#sampled ??= this.ports.sampled();
    if (record.level === 'info' && !this.#sampled) return;
    if (this.#told >= MOST_OF_PAGE) {
      this.#dropped++;
      return;
    }
    this.#told++;
    this.#waiting.push(record);
    if (this.#waiting.length >= MOST_IN_BATCH) this.flush();
    else this.#cancel ??= this.ports.after(WAIT_MS, () => this.flush());
  }

  /** Sends what waits, at once: the page may be gone in a moment. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#waiting.length) return;
    const records = this.#waiting.splice(0);
    const dropped = this.#dropped ? { dropped: this.#dropped } : {};
    if (this.ports.send(JSON.stringify({ ...this.ports.page(), ...dropped, records }))) this.#dropped = 0;
    else this.#dropped += records.length;
  }
}

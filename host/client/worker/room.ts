/** Room on the device. When it is short the caches give way, oldest reads first; what waits to be sent is never touched. */

import { holdsReads } from './names.ts';
import type { Shelves } from './shelves.ts';

/** Above this part of the quota the caches make room by themselves, so that the outbox always finds some. */
const FULL = 0.8;

/** The part of `navigator.storage` that is used. */
export interface Storage {
  estimate(): Promise<{ usage?: number; quota?: number }>;
}

export class Room {
  constructor(
    readonly shelves: Shelves,
    readonly storage: Storage,
    /** Drops files that only earlier revisions use. */
    readonly dropOldFiles: () => Promise<void>,
  ) {}

  /** Runs a write into a cache, making room when there is none. False: there was not enough even so. */
  async make(write: () => Promise<void>): Promise<boolean> {
    const steps = [() => this.#dropOldestReads(), this.dropOldFiles, () => this.#dropAllReads()];
    for (let step = 0; ; step++) {
      try {
        await write();
        return true;
      } catch (error) {
        if (!isOverQuota(error)) throw error;
        const relieve = steps[step];
        if (!relieve) return false;
        await relieve();
      }
    }
  }

  /** Makes room when the device is nearly full. */
  async relieve(): Promise<void> {
    if (!(await this.#isFull())) return;
    await this.#dropOldestReads();
    if (await this.#isFull()) await this.dropOldFiles();
  }

  async #isFull(): Promise<boolean> {
    const { usage = 0, quota = Number.POSITIVE_INFINITY } = await this.storage.estimate();
    return usage > quota * FULL;
  }

  /** The older half of each cache of reads. */
  async #dropOldestReads(): Promise<void> {
    for (const name of await this.#reads()) {
      const shelf = await this.shelves.open(name);
      const keys = await shelf.keys();
      for (const key of keys.slice(0, Math.ceil(keys.length / 2))) await shelf.delete(key);
    }
  }

  async #dropAllReads(): Promise<void> {
    for (const name of await this.#reads()) await this.shelves.drop(name);
  }

  async #reads(): Promise<string[]> {
    return (await this.shelves.names()).filter((name) => holdsReads(name));
  }
}

function isOverQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/** Writes of several lanes in one transaction: what is asked while one is under way goes into the next. */

import type { PersonDb } from './db.ts';
import type { StoreName, Tables } from './tables.ts';

const STORES: readonly StoreName[] = ['entries', 'lanes', 'patches', 'meta'];

interface Job {
  readonly work: (tables: Tables) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export class Journal {
  #waiting: Job[] = [];
  #running = false;

  constructor(private readonly db: PersonDb) {}

  /**
   * Runs `work` in a transaction; resolves when it is complete. Fails together with what shares it.
   *
   * Not strictly durable, unlike what a person does: a power cut may take back the last of what sending has written, in whole
   * transactions from the end, and then the same keys are sent again, as after any crash.
   */
  commit<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as Job['resolve'], reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    await Promise.resolve(); // what is asked for in the same turn goes along
    while (this.#waiting.length > 0) await this.#batch(this.#waiting.splice(0));
    this.#running = false;
  }

  async #batch(jobs: readonly Job[]): Promise<void> {
    try {
      // Side by side: they concern different lanes, and a request's way to the database costs more than its work.
      const results = await this.db.transact({ mode: 'readwrite', durability: 'relaxed', stores: STORES }, (tables) =>
        Promise.all(jobs.map((job) => job.work(tables))),
      );
      jobs.forEach((job, index) => void job.resolve(results[index]));
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }
}

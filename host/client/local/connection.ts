/** A lazily opened IndexedDB connection that yields to newer versions and opens again when it was lost. */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { LocalError } from './errors.ts';

/** How to open one database. */
export interface Opening<Schema extends DBSchema> {
  readonly name: string;
  readonly version: number;
  readonly upgrade: (db: IDBPDatabase<Schema>, from: number) => void;
  /** How long another page's older connection may hold up an upgrade, ms. */
  readonly blockedMs?: number;
}

export class Connection<Schema extends DBSchema> {
  #db: Promise<IDBPDatabase<Schema>> | null = null;
  #closed = false;

  constructor(readonly opening: Opening<Schema>) {}

  /**
   * The open database.
   *
   * @throws LocalError `newer` when newer code has upgraded it, `blocked` when a page that does not yield holds up our
   * upgrade (a later call may succeed), `unavailable` when the browser gives no storage, `closed`.
   */
  async open(): Promise<IDBPDatabase<Schema>> {
    if (this.#closed) throw new LocalError('closed', 'The data of this device were closed.');
    this.#db ??= this.#connect();
    return this.#db;
  }

  /** Closes it for good; transactions under way still end. */
  close(): void {
    this.#closed = true;
    this.#forget();
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    const { name, version, upgrade, blockedMs = 3_000 } = this.opening;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const opened = openDB<Schema>(name, version, {
        upgrade,
        blocked: () => {
          timer = setTimeout(() => {
            reject(new LocalError('blocked', 'Another page holds the data of this device in an older version.'));
            this.#db = null; // a later call asks again; this request may still succeed, and then closes
            opened.then((db) => db.close()).catch(() => {});
          }, blockedMs);
        },
        blocking: () => this.#forget(), // a newer version, or a deletion, waits for us
        terminated: () => {
          this.#db = null;
        },
      });
      opened
        .then(resolve, (error: unknown) => {
          this.#db = null;
          reject(refused(error));
        })
        .finally(() => clearTimeout(timer));
    });
  }

  #forget(): void {
    const db = this.#db;
    this.#db = null;
    db?.then((open) => open.close()).catch(() => {});
  }
}

function refused(error: unknown): LocalError {
  const name = error instanceof Error ? error.name : '';
  if (name === 'VersionError')
    return new LocalError('newer', 'The data of this device were written by a newer version; reload the page.', {
      cause: error,
    });
  if (name === 'QuotaExceededError') return new LocalError('quota', 'This device has no room left.', { cause: error });
  return new LocalError('unavailable', 'This browser does not let the page keep data.', { cause: error });
}

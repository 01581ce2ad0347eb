/** A person's database: transactions, and nothing else touches IndexedDB. */

import { Connection } from './connection.ts';
import { LocalError } from './errors.ts';
import { PERSON_VERSION, type PersonSchema, upgradePerson } from './schema.ts';
import { STORES, type StoreName, Tables } from './tables.ts';

/** How a transaction is made. `strict`: its promise resolves only when the data are on the disk (IndexedDB 3.0). */
export interface TransactOptions {
  readonly mode: 'readonly' | 'readwrite';
  readonly durability?: 'strict' | 'relaxed';
  /** Default: all of them. */
  readonly stores?: readonly StoreName[];
}

/** What may be set otherwise. */
export interface PersonDbOptions {
  readonly blockedMs?: number;
  /** Frees room on a full device; then a write is tried once more. */
  readonly makeRoom?: () => Promise<void>;
}

export class PersonDb {
  readonly #connection: Connection<PersonSchema>;
  readonly #makeRoom: (() => Promise<void>) | undefined;

  /** `name`: see `personDatabase`. Nothing is opened before the first transaction. */
  constructor(
    /** Whose database it is. */
    readonly sub: string,
    name: string,
    { makeRoom, ...options }: PersonDbOptions = {},
  ) {
    this.#makeRoom = makeRoom;
    this.#connection = new Connection({ name, version: PERSON_VERSION, upgrade: upgradePerson, ...options });
  }

  /**
   * Runs `work` in one transaction and resolves with its result once the transaction has completed. When `work` throws,
   * or the transaction fails, nothing of it was stored. On a full device it runs a second time, after room was made.
   *
   * @throws LocalError `quota`, and what `Connection.open` throws.
   */
  async transact<T>(options: TransactOptions, work: (tables: Tables) => Promise<T>): Promise<T> {
    try {
      return await this.#once(options, work);
    } catch (error) {
      if (!this.#makeRoom || !(error instanceof LocalError) || error.code !== 'quota') throw error;
      await this.#makeRoom();
      return this.#once(options, work);
    }
  }

  async #once<T>(options: TransactOptions, work: (tables: Tables) => Promise<T>): Promise<T> {
    const { mode, stores = STORES, durability = 'relaxed' } = options;
    const db = await this.#connection.open();
    // One type for both modes: a write in a readonly transaction fails at run time, and a test sees it.
    const tx = db.transaction([...stores], mode as 'readwrite', { durability });
    const done = tx.done;
    done.catch(() => {}); // awaited below; it may fail before that
    try {
      const result = await work(new Tables(tx));
      await done;
      return result;
    } catch (error) {
      abort(tx);
      throw explained(
        await done.then(
          () => error,
          (reason: unknown) => worse(error, reason),
        ),
      );
    }
  }

  close(): void {
    this.#connection.close();
  }
}

function abort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // it has ended already
  }
}

/** A failed transaction's reason says more than the AbortError of a request in it. */
function worse(error: unknown, reason: unknown): unknown {
  return nameOf(reason) === 'QuotaExceededError' || nameOf(error) === 'AbortError' ? (reason ?? error) : error;
}

function explained(error: unknown): unknown {
  if (nameOf(error) !== 'QuotaExceededError') return error;
  return new LocalError('quota', 'This device has no room left; nothing was saved.', { cause: error });
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

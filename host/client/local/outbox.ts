/** Commands that survive: written before anything is confirmed, deleted only after the server acknowledged them. */

import { isOver, type Wait, waitFrom } from './backoff.ts';
import type { PersonDb } from './db.ts';
import { Drain } from './drain.ts';
import { store } from './enqueue.ts';
import { type CachedUpdate, type Draft, ENTRY_VERSION, type Entry } from './entry.ts';
import { LocalError } from './errors.ts';
import type { LocalEvent } from './events.ts';
import { Journal } from './journal.ts';
import { newKey } from './keys.ts';
import { listEntries, rawEntries } from './listing.ts';
import * as mend from './mend.ts';
import { plan } from './plan.ts';
import type { Channel, Clock, Fetch, Locks, Random, Report } from './ports.ts';
import type { Listed } from './reading.ts';
import type { StoreName, Tables } from './tables.ts';

/** What an outbox works with. */
export interface OutboxDeps {
  readonly db: PersonDb;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly locks: Locks;
  readonly channel: Channel;
  /** Errors that are bugs, and those of work that nobody awaits. */
  readonly report: Report;
  /** The `sub` of the open pages now; nothing is sent while it is not the outbox's own. */
  readonly person: () => string | null | Promise<string | null>;
  /** A new UUIDv7 for a time in ms; default: `newKey`. */
  readonly newKey?: (now: number) => string;
  /** Requests under way at once; default 6. */
  readonly concurrency?: number;
  /** How long one request may take, ms; default 30,000. */
  readonly timeoutMs?: number;
}

/** How a flush ended. */
export interface FlushResult {
  readonly outcome: 'done' | 'paused' | 'other-person' | 'aborted';
  readonly acknowledged: number;
  /** When to flush again, ms since 1970; null: when something happens. */
  readonly nextWake: number | null;
}

/** What a person chooses in a conflict. `theirs` takes the command back; `merge` sends another body. */
export type Choice = 'mine' | 'theirs' | { readonly merge: unknown };

const STORES: readonly StoreName[] = ['entries', 'lanes', 'patches', 'meta'];

export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #journal: Journal;
  readonly #stopListening: () => void;
  /** The flush under way in this instance. */
  #drain: Drain | null = null;
  /** The flush of this instance that waits for the lock. */
  #waiting: Promise<FlushResult> | null = null;
  /** When the person last asked to send without waiting. */
  #forgive: number | null = null;
  /** While there is no network, flushes that nobody asked for wait. */
  #quiet: Wait | null = null;
  #closed = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#journal = new Journal(deps.db);
    this.#stopListening = deps.channel.listen((event) => this.#hear(event));
  }

  /**
   * Stores a command; when it resolves, the command is on the disk. Send it with `flush`.
   *
   * @throws LocalError `quota` (nothing was stored), `invalid`, `too-large`, `key-in-use`.
   */
  async enqueue(draft: Draft): Promise<Entry> {
    const { entry, added } = await this.#change((tables, making) => store(tables, draft, making));
    if (added) this.#tell({ kind: 'entry', key: entry.key, app: entry.app, lane: entry.lane, state: 'queued' });
    return entry;
  }

  /**
   * Sends what is due, under the Web Lock `portico-outbox:<sub>`: one flusher among all pages and the worker. While another one
   * is at work it waits its turn, then looks. `now`: waits after failures are over. Rejects only when storage fails.
   */
  async flush({ now = false, signal }: { now?: boolean; signal?: AbortSignal } = {}): Promise<FlushResult> {
    const asked = this.#deps.clock.now();
    if (now) this.#quiet = null;
    if (this.#quiet && !isOver(this.#quiet, asked))
      return { outcome: 'done', acknowledged: 0, nextWake: this.#quiet.nextAt };
    if (now) this.#forgive = asked;
    const { locks, db } = this.#deps;
    const name = `portico-outbox:${db.sub}`;
    const done = await locks.request(name, { ifAvailable: true }, async (lock) => (lock ? this.#run(signal) : null));
    if (done) return done;
    if (now) this.#tell({ kind: 'wake' });
    this.#waiting ??= locks
      .request(name, {}, () => this.#run(undefined))
      .finally(() => {
        this.#waiting = null;
      });
    return signal ? Promise.race([this.#waiting, whenAborted(signal)]) : this.#waiting;
  }

  /** Sends an entry again without waiting; for a refused one it is the person's decision. Returns it as it is now. */
  retry(key: string): Promise<Entry> {
    return this.#mend((tables, making) => mend.retry(tables, key, making));
  }

  /** Takes an entry back. `gone`: at once; `discarding`: the server is still to be told. */
  async discard(key: string): Promise<'gone' | 'discarding'> {
    try {
      return (await this.#mend((tables, making) => mend.discard(tables, key, making))) ? 'discarding' : 'gone';
    } catch (error) {
      if (error instanceof LocalError) throw error;
      await this.#mend((tables, making) => mend.forget(tables, key, making)); // it cannot even be read
      return 'gone';
    }
  }

  /** Replaces an entry by one with another body, under a new key, in the same place. Returns the new one. */
  edit(key: string, change: { readonly body: unknown; readonly updates?: readonly CachedUpdate[] }): Promise<Entry> {
    return this.#mend((tables, making) => mend.edit(tables, key, change, making));
  }

  /** Answers a conflict. Returns the new entry; null after `theirs`. */
  resolve(key: string, choice: Choice): Promise<Entry | null> {
    return this.#mend((tables, making) => mend.resolve(tables, key, choice, making));
  }

  /** Everything that waits, oldest first. While the outbox is paused, `queued` ones are listed as `paused`. */
  async entries(): Promise<Listed[]> {
    const [entries, paused] = await Promise.all([listEntries(this.#deps.db), this.paused()]);
    return entries
      .map((entry) => (paused && entry.state === 'queued' ? { ...entry, state: 'paused' as const } : entry))
      .sort((a, b) => a.createdAt - b.createdAt || (a.laneSeq ?? 0) - (b.laneSeq ?? 0) || (a.key < b.key ? -1 : 1));
  }

  /** Why nothing is sent; null when it is. */
  async paused(): Promise<'signed-out' | 'other-person' | null> {
    return (await this.#read((tables) => tables.meta('paused'))) ?? null;
  }

  /** The person is about to sign out: nothing more is sent until `resume`. What is under way may still arrive. */
  async hold(): Promise<void> {
    await this.#deps.db.transact({ mode: 'readwrite', durability: 'relaxed', stores: ['meta'] }, (tables) =>
      tables.putMeta('paused', 'signed-out'),
    );
  }

  /** Goes on after a sign-in; false (and nothing happens) when `sub` is somebody else. */
  async resume(sub: string): Promise<boolean> {
    if (sub !== this.#deps.db.sub) return false;
    // Every page does this when it is opened: what a power cut takes back of it, the next one does again.
    const relaxed = { mode: 'readwrite', durability: 'relaxed', stores: ['meta'] } as const;
    const was = await this.#deps.db.transact(relaxed, async (tables) => {
      const paused = await tables.meta('paused');
      if (paused) await tables.putMeta('paused', null);
      // Also when nothing is paused: a request that was sent before may still be answered 401.
      await tables.putMeta('resumed', ((await tables.meta('resumed')) ?? 0) + 1);
      return paused;
    });
    if (was) this.#tell({ kind: 'paused', paused: false });
    return true;
  }

  /** When `flush` has something to do next, ms since 1970 (a past time: now); null: nothing waits for time. */
  async nextWake(): Promise<number | null> {
    const { db, clock } = this.#deps;
    if ((await this.paused()) || (await this.#deps.person()) !== db.sub) return null;
    const entries = await listEntries(db);
    const now = clock.now();
    const { targets, later } = plan(entries, db.sub, (entry) => isOver(entry, now));
    const next = targets.length > 0 ? now : later;
    return next !== null && this.#quiet && !isOver(this.#quiet, now) ? Math.max(next, this.#quiet.nextAt) : next;
  }

  /** Everything that waits as JSON, for the person to keep. */
  async export(): Promise<string> {
    const { db, clock } = this.#deps;
    const entries = await rawEntries(db);
    const exportedAt = new Date(clock.now()).toISOString();
    return JSON.stringify(
      { format: 'portico-outbox', version: ENTRY_VERSION, sub: db.sub, exportedAt, entries },
      null,
      2,
    );
  }

  /** Hears what happens to entries, here and in other pages. Returns the function that ends it. */
  subscribe(listener: (event: LocalEvent) => void): () => void {
    return this.#deps.channel.listen(listener);
  }

  /** Stops listening and sending; what is under way is ended by nobody and recovered by the next flush. */
  close(): void {
    this.#closed = true;
    this.#drain?.stop();
    this.#stopListening();
  }

  #hear(event: LocalEvent): void {
    const asked =
      event.kind === 'entry' && !event.problem && (event.state === 'queued' || event.state === 'discarding');
    if (asked) this.#quiet = null; // the person did something: worth a try
    this.#drain?.hear(event);
  }

  async #run(signal: AbortSignal | undefined): Promise<FlushResult> {
    if (this.#closed) return ABORTED;
    this.#waiting = null; // who asks from now on waits for the next one
    this.#drain = new Drain(this.#deps, this.#journal, this.#forgive, signal);
    this.#forgive = null;
    try {
      const { offline, ...result } = await this.#drain.run();
      const now = this.#deps.clock.now();
      this.#quiet = offline && result.nextWake !== null ? waitFrom(now, result.nextWake - now) : null;
      return result;
    } finally {
      this.#drain = null;
    }
  }

  async #mend<T>(work: (tables: Tables, making: mend.Making) => Promise<mend.Mended<T>>): Promise<T> {
    const { result, events } = await this.#change(work);
    for (const event of events) this.#tell(event);
    return result;
  }

  #change<T>(work: (tables: Tables, making: mend.Making) => Promise<T>): Promise<T> {
    const { db, clock, newKey: make = newKey } = this.#deps;
    const now = clock.now();
    return db.transact({ mode: 'readwrite', durability: 'strict', stores: STORES }, async (tables) => {
      const skew = (await tables.meta('skew')) ?? 0;
      return work(tables, { now, sub: db.sub, newKey: () => make(now + skew) });
    });
  }

  #read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.#deps.db.transact({ mode: 'readonly', stores: STORES }, work);
  }

  #tell(event: LocalEvent): void {
    this.#deps.channel.post(event);
  }
}

const ABORTED: FlushResult = { outcome: 'aborted', acknowledged: 0, nextWake: null };

function whenAborted(signal: AbortSignal): Promise<FlushResult> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(ABORTED);
    signal.addEventListener('abort', () => resolve(ABORTED), { once: true });
  });
}

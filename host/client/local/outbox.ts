/** Commands that survive: written before anything is confirmed, deleted only after the server acknowledged them. */

import type { PersonDb } from './db.ts';
import type { CachedUpdate, Draft, Entry } from './entry.ts';
import type { LocalEvent } from './events.ts';
import type { Channel, Clock, Fetch, Locks, Random, Report } from './ports.ts';
import type { Listed } from './reading.ts';

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

/** How a flush ended. `busy`: another page or the worker was flushing; it was told. */
export interface FlushResult {
  readonly outcome: 'done' | 'paused' | 'other-person' | 'aborted';
  readonly acknowledged: number;
  /** When to flush again, ms since 1970; null: when something happens. */
  readonly nextWake: number | null;
}

/** What a person chooses in a conflict. `theirs` takes the command back; `merge` sends another body. */
export type Choice = 'mine' | 'theirs' | { readonly merge: unknown };

export interface Outbox {
  /**
   * Stores a command; when it resolves, the command is on the disk. Send it with `flush`.
   *
   * @throws LocalError `quota` (nothing was stored), `invalid`, `too-large`, `key-in-use`.
   */
  enqueue(draft: Draft): Promise<Entry>;
  /**
   * Sends what is due, under the Web Lock `portico-outbox:<sub>`: one flusher among all pages and the worker. When another one
   * is at work it waits its turn, then looks. `now`: waits after failures are over. Rejects only when storage fails.
   */
  flush(options?: { readonly now?: boolean; readonly signal?: AbortSignal }): Promise<FlushResult>;
  /** Sends an entry again without waiting; for a refused one it is the person's decision. Returns it as it is now. */
  retry(key: string): Promise<Entry>;
  /** Takes an entry back. `gone`: at once; `discarding`: the server is still to be told. */
  discard(key: string): Promise<'gone' | 'discarding'>;
  /** Replaces an entry by one with another body, under a new key, in the same place. Returns the new one. */
  edit(key: string, change: { readonly body: unknown; readonly updates?: readonly CachedUpdate[] }): Promise<Entry>;
  /** Answers a conflict. Returns the new entry; null after `theirs`. */
  resolve(key: string, choice: Choice): Promise<Entry | null>;
  /** Everything that waits, oldest first. While the outbox is paused, `queued` ones are listed as `paused`. */
  entries(): Promise<Listed[]>;
  /** Why nothing is sent; null when it is. */
  paused(): Promise<'signed-out' | 'other-person' | null>;
  /** Goes on after a sign-in; false (and nothing happens) when `sub` is somebody else. */
  resume(sub: string): Promise<boolean>;
  /** When `flush` has something to do next, ms since 1970 (a past time: now); null: nothing waits for time. */
  nextWake(): Promise<number | null>;
  /** Everything that waits as JSON, for the person to keep. */
  export(): Promise<string>;
  /** Hears what happens to entries, here and in other pages. Returns the function that ends it. */
  subscribe(listener: (event: LocalEvent) => void): () => void;
  /** Stops listening; a flush under way ends after its present requests. */
  close(): void;
}

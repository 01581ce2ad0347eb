/** What pages and the worker of one person tell each other over the channel `portico:<person hash>`. */

import type { EntryState } from './entry.ts';
import type { Problem } from './problem.ts';

/** A server's answer to a command, as far as it can be passed on. `body` is parsed JSON, undefined when empty. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly replayed: boolean;
}

/**
 * An entry came, changed or went. `acknowledged`: done on the server (without `response` when only that it was done is
 * known); with `problem` `command-applied` it had been done before it could be taken back. `discarded`: it never happens.
 */
export interface EntryEvent {
  readonly kind: 'entry';
  readonly key: string;
  readonly app: string;
  readonly lane: string | null;
  readonly state: EntryState | 'acknowledged' | 'discarded';
  readonly response?: Answer;
  readonly problem?: Problem;
  /** The key that this entry was edited from, when it has just replaced it. */
  readonly replaces?: string;
}

/** The whole outbox stopped until its person signs in, or goes on. */
export interface PausedEvent {
  readonly kind: 'paused';
  readonly paused: boolean;
}

/** Whoever flushes: waits are over, look again. */
export interface WakeEvent {
  readonly kind: 'wake';
}

/** Frames were stored or marked; `fresh` are the ids that were new. */
export interface InboxEvent {
  readonly kind: 'inbox';
  readonly fresh: readonly string[];
  readonly unread: number;
}

export type LocalEvent = EntryEvent | PausedEvent | WakeEvent | InboxEvent;

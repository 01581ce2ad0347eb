/** The browser's own time, chance, network, locks and channel: put together here and nowhere else. */

import { PersonDb } from './db.ts';
import type { LocalEvent } from './events.ts';
import { Inbox } from './inbox.ts';
import { dropKeptAnswers } from './kept-answers.ts';
import { Outbox } from './outbox.ts';
import { Patches } from './patches.ts';
import { personDatabase } from './person.ts';
import type { Channel, Report } from './ports.ts';

/** What is kept on this device for one person. */
export interface Local {
  readonly sub: string;
  readonly db: PersonDb;
  readonly channel: Channel;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly patches: Patches;
  /** Ends listening and closes the database. */
  close(): void;
}

export interface LocalOptions {
  /** The `sub` of the open pages now: see `OutboxDeps`. */
  readonly person: () => string | null | Promise<string | null>;
  readonly report: Report;
}

/** The same in a page and in the worker. Nothing is opened before the first use. */
export async function openLocal(sub: string, { person, report }: LocalOptions): Promise<Local> {
  const name = await personDatabase(sub);
  const db = new PersonDb(sub, name, { makeRoom: dropKeptAnswers });
  const channel = new PersonChannel(name);
  const clock = { now: () => Date.now() };
  const outbox = new Outbox({
    db,
    clock,
    channel,
    report,
    person,
    fetch: (url, init) => fetch(url, init),
    random: Math.random,
    locks: navigator.locks,
  });
  const inbox = new Inbox({ db, clock, channel });
  const close = (): void => {
    outbox.close();
    channel.close();
    db.close();
  };
  return { sub, db, channel, outbox, inbox, patches: new Patches(db), close };
}

/** A BroadcastChannel that the poster hears as well. */
export class PersonChannel implements Channel {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<(event: LocalEvent) => void>();
  #closed = false;

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<LocalEvent>) => this.#hear(data);
  }

  post(event: LocalEvent): void {
    if (this.#closed) return;
    this.#channel.postMessage(event);
    queueMicrotask(() => this.#hear(event));
  }

  listen(listener: (event: LocalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#channel.close();
  }

  #hear(event: LocalEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

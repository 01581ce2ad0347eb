/** All that this page knows of what is kept on the device: one per page, made at the first use. */

import type { EntryEvent, Frame, Listed, LocalEvent, Notice } from '@portico/local';
import { user } from '@portico/sdk';
import { CLOCK } from './clock.ts';
import type { LiveState } from './connection.ts';
import { Flusher } from './flusher.ts';
import { type Kept, openKept } from './kept.ts';
import { Probe } from './probe.ts';
import { Refresher } from './refresher.ts';
import { isGraphql } from './result.ts';
import { StatusStore } from './status-store.ts';
import { Listeners } from './subscribe.ts';
import { Waits } from './waits.ts';
import { askWorker } from './worker-port.ts';

/** What is kept, and who gets it sent. */
export interface Keeping extends Kept {
  readonly flusher: Flusher;
}

export class Page {
  /** The person that this page was made for; their data is shown here and no one else's. */
  readonly sub: string | null = user()?.sub ?? null;
  readonly status = new StatusStore();
  readonly probe = new Probe(this.status, CLOCK);
  readonly entries = new Listeners<readonly Listed[]>();
  readonly messages = new Listeners<readonly Notice[]>();
  /** Every new frame, once per page. */
  readonly frames = new Listeners<Frame>();
  readonly waits = new Waits();
  /** `null` when nobody is signed in, or when this browser keeps nothing. */
  keeping: Promise<Keeping | null> = this.#open();
  /** Whether somebody else, or nobody, is signed in in this browser by now: then nothing of this person is sent. */
  elsewhere = false;
  #closed = false;
  readonly #graphql = new Set<string>();
  readonly #refresher = new Refresher(CLOCK, async () => {
    const keeping = await this.keeping;
    if (keeping) await this.#look(keeping);
  });

  /** Whether the person has signed out: nothing of them is shown any more, whatever is still being read. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Reads the entries and tells everyone; calls that come while it reads get the next reading. */
  refresh(): Promise<void> {
    return this.#refresher.ask();
  }

  /** A command was stored, or is about to be: its answer is read by where it goes. */
  expect(key: string, url: string): void {
    if (isGraphql(url)) this.#graphql.add(key);
  }

  /** The live connection changed; it may be held by another page. */
  hearLive({ live, region, online, signedOut }: LiveState): void {
    this.status.change({ kind: 'live', live, region });
    if (online === null) return; // it was ended here, which says nothing of the server
    this.status.change({ kind: 'signed-out', signedOut });
    this.status.change({ kind: 'reached', online });
  }

  /** The person has signed out: nothing is kept, sent or received here any more. */
  async close(): Promise<void> {
    const keeping = await this.keeping;
    if (!keeping) return;
    this.#closed = true;
    this.keeping = Promise.resolve(null);
    keeping.flusher.stop();
    keeping.close();
    this.status.change({ kind: 'keeps', keeps: false });
    this.status.change({ kind: 'entries', pending: 0, attention: 0 });
    this.entries.tell([]);
    this.messages.tell([]);
  }

  async #open(): Promise<Keeping | null> {
    if (this.sub === null) return null;
    let kept: Kept;
    try {
      kept = await openKept(this.sub, () => (this.elsewhere ? null : this.sub));
    } catch (error) {
      console.warn('This browser keeps nothing for the page; commands are sent at once.', error);
      return null;
    }
    const { outbox } = kept;
    // Whoever opened this page may have signed in just now. What cannot be written down does not hide what is kept.
    await outbox.resume(this.sub).catch(reportError);
    const flusher = new Flusher({ outbox, askWorker: askWorker(kept.sub), clock: CLOCK, report: reportError });
    const keeping = { ...kept, flusher };
    kept.channel.listen((event) => this.#hear(event, keeping));
    this.status.change({ kind: 'paused', paused: (await outbox.paused()) !== null });
    await this.#look(keeping);
    this.status.change({ kind: 'keeps', keeps: true });
    return keeping;
  }

  async #look({ outbox }: Kept): Promise<void> {
    const entries = await outbox.entries();
    if (this.#closed) return;
    const count = (...states: readonly Listed['state'][]): number =>
      entries.filter(({ state }) => states.includes(state)).length;
    for (const { key, url } of entries) this.expect(key, url);
    this.status.change({ kind: 'syncing', syncing: count('inflight') > 0 });
    this.status.change({
      kind: 'entries',
      pending: count('queued', 'inflight', 'paused'),
      attention: count('failed', 'conflict'),
    });
    this.entries.tell(entries);
  }

  #hear(event: LocalEvent, keeping: Keeping): void {
    switch (event.kind) {
      case 'entry':
        this.#hearEntry(event, keeping);
        break;
      case 'paused':
        this.status.change({ kind: 'paused', paused: event.paused });
        break;
      case 'inbox':
        this.#hearInbox(event.fresh, keeping).catch(reportError);
        break;
      case 'wake':
        break;
    }
  }

  #hearEntry(event: EntryEvent, { flusher }: Keeping): void {
    if (isAsked(event)) flusher.expected();
    else flusher.progressed();
    const reached = reachedBy(event);
    if (reached !== null) this.status.change({ kind: 'reached', online: reached });
    if (event.state === 'acknowledged') this.status.change({ kind: 'sent' });
    if (event.replaces && this.#graphql.has(event.replaces)) this.#graphql.add(event.key);
    this.waits.hear(event, this.#graphql.has(event.key));
    this.refresh().catch(reportError);
  }

  async #hearInbox(fresh: readonly string[], { frames, inbox }: Kept): Promise<void> {
    const found = await frames(fresh);
    if (this.#closed) return;
    for (const frame of found) this.frames.tell(frame);
    const messages = await inbox.messages();
    if (!this.#closed) this.messages.tell(messages);
  }
}

/** Whether a person's doing made an entry wait, and not an answer. */
function isAsked({ state, problem }: EntryEvent): boolean {
  return !problem && (state === 'queued' || state === 'discarding');
}

/** Whether an event says that the server answered; `null` when it says nothing of that. */
function reachedBy({ state, response, problem }: EntryEvent): boolean | null {
  if (problem) return problem.status !== 0;
  return response || state === 'acknowledged' ? true : null;
}

let current: Page | undefined;

/** This page's own. */
export function page(): Page {
  current ??= new Page();
  return current;
}

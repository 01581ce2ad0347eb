/** What apps use: `outbox`, `inbox`, `live` and `status` of this page. */

import type { Choice, Entry, Frame, Listed, Notice } from '@portico/local';
import type { SubscribeOptions } from '@portico/sdk';
import { type Keeping, page } from './page.ts';
import { type CommandResult, endOfEntry } from './result.ts';
import type { Status } from './status.ts';
import type { Listener, Listeners } from './subscribe.ts';

/** The commands that wait on this device for the person of this page. Empty when nothing is kept. */
export const outbox = {
  /** Everything that waits, oldest first. */
  async entries(): Promise<readonly Listed[]> {
    return (await (await page().keeping)?.outbox.entries()) ?? [];
  },
  /** Hears the entries at once, and after every change. */
  subscribe(listener: Listener<readonly Listed[]>, options?: SubscribeOptions): () => void {
    return subscribe(page().entries, () => outbox.entries(), listener, options);
  },
  /** Sends one again without waiting; for a refused one that is the person's decision. */
  async retry(key: string): Promise<void> {
    await act(({ outbox }) => outbox.retry(key));
  },
  /** Takes one back. `discarding`: the server is still to be told. */
  discard(key: string): Promise<'gone' | 'discarding'> {
    return act(({ outbox }) => outbox.discard(key));
  },
  /** Replaces one by another with this body, in the same place, and returns the new one. */
  edit(key: string, body: unknown): Promise<Entry> {
    return act(({ outbox }) => outbox.edit(key, { body }));
  },
  /** Answers a conflict; returns the new entry, `null` after `theirs`. */
  resolve(key: string, choice: Choice): Promise<Entry | null> {
    return act(({ outbox }) => outbox.resolve(key, choice));
  },
  /** Sends everything now, also what waits after a failure; resolves when it was tried. */
  async sendNow(): Promise<void> {
    await (await page().keeping)?.flusher.flushHere(true);
  },
  /** Everything that waits, as JSON. */
  async export(): Promise<string> {
    return (await (await page().keeping)?.outbox.export()) ?? '[]';
  },
  /**
   * How a command ends, when it does; an edited one's end is that of what replaced it.
   *
   * @throws Error when this device knows no such command.
   */
  async settled<T>(key: string): Promise<CommandResult<T>> {
    const next = page().waits.next(key);
    const now = page().waits.current(key);
    const entry = (await outbox.entries()).find((waiting) => waiting.key === now);
    const known = page().waits.known(key) ?? (entry && endOfEntry(entry));
    if (!known && !entry) throw new Error(`No command waits under the key ${key}.`);
    return (known ?? (await next)) as CommandResult<T>;
  },
} as const;

/** The person's messages. */
export const inbox = {
  /** Newest first. */
  async messages(): Promise<readonly Notice[]> {
    return (await (await page().keeping)?.inbox.messages()) ?? [];
  },
  async unread(): Promise<number> {
    return (await (await page().keeping)?.inbox.unread()) ?? 0;
  },
  /** Hears the messages at once, and after every change. */
  subscribe(listener: Listener<readonly Notice[]>, options?: SubscribeOptions): () => void {
    return subscribe(page().messages, () => inbox.messages(), listener, options);
  },
  async markRead(id: string | 'all'): Promise<void> {
    await (await page().keeping)?.inbox.markRead(id);
  },
} as const;

/** Live updates. */
export const live = {
  /**
   * Hears each new frame of a type once in this page: `live.on('things.thing-changed', ({ data }) => ...)`. A frame is a hint
   * that something changed; after a long time away some may be missing, so what is shown is best asked for anew.
   */
  on<Data = unknown>(
    type: string,
    listener: (frame: Frame & { readonly data: Data }) => void,
    options?: SubscribeOptions,
  ): () => void {
    return page().frames.add((frame) => {
      if (frame.type === type) listener(frame as Frame & { readonly data: Data });
    }, options);
  },
} as const;

/** How things stand, for this page. */
export const status = {
  get: (): Status => page().status.get(),
  /** Hears the status at once, and after every change. */
  subscribe: (listener: Listener<Status>, options?: SubscribeOptions): (() => void) =>
    page().status.subscribe(listener, options),
  /** Since when the oldest data that an app (by its short name) shows may be out of date; `null` when it is fresh. */
  asOf: (app: string): Date | null => page().status.asOf(app),
} as const;

/** Does something to an entry and gets it sent. */
async function act<T>(run: (keeping: Keeping) => Promise<T>): Promise<T> {
  const keeping = await page().keeping;
  if (!keeping) throw new Error('Nothing is kept on this device.');
  const result = await run(keeping);
  keeping.flusher.flush();
  return result;
}

/** Hears the present value once it was read, and each new one. */
function subscribe<T>(all: Listeners<T>, read: () => Promise<T>, listener: Listener<T>, options?: SubscribeOptions) {
  let heard = false;
  let ended = false;
  const end = all.add((value) => {
    heard = true;
    listener(value);
  }, options);
  read().then((value) => {
    if (!heard && !ended && !options?.signal?.aborted) listener(value);
  }, reportError);
  return (): void => {
    ended = true;
    end();
  };
}

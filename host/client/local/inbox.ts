/** The person's messages on this device: frames and cursor in one transaction. */

import type { PersonDb } from './db.ts';
import { type Frame, type Notice, noticeOf, type Reset } from './frames.ts';
import type { Channel, Clock } from './ports.ts';
import type { StoreName, Tables } from './tables.ts';

export interface InboxDeps {
  readonly db: PersonDb;
  readonly clock: Clock;
  readonly channel: Channel;
}

/** What came of frames. `gap`: something between the cursor and these is missing; pull, then apply again. */
export interface Applied {
  readonly gap: boolean;
  /** The frames that were new, in order. */
  readonly fresh: readonly Frame[];
  readonly cursor: string | null;
}

/** Frames that are kept at most; messages outlast the others. */
export const MOST_FRAMES = 500;
/** How long frames are kept, ms. */
export const RETENTION_MS = 30 * 24 * 60 * 60_000;

const STORES: readonly StoreName[] = ['frames', 'meta'];

export class Inbox {
  constructor(private readonly deps: InboxDeps) {}

  /**
   * Stores frames and the cursor in one transaction. Known ones are dropped; a frame whose `prev` is after the
   * cursor is a gap: it and what follows it is not taken. A `reset` replaces what is kept; read marks stay.
   */
  async apply(incoming: readonly Frame[] | Reset): Promise<Applied> {
    const { applied, unread } = await this.#write(async (tables) => {
      const done = isReset(incoming) ? await replaceAll(tables, incoming) : await append(tables, incoming);
      await prune(tables, this.deps.clock.now());
      return { applied: done, unread: await countUnread(tables) };
    });
    if (applied.fresh.length > 0 || isReset(incoming)) this.#tell(applied.fresh, unread);
    return applied;
  }

  /** The id of the last frame: the `after` of the next connection. */
  async cursor(): Promise<string | null> {
    return (await this.#read((tables) => tables.meta('cursor'))) ?? null;
  }

  /** Messages (type `notice`), newest first. */
  async messages(): Promise<Notice[]> {
    const frames = await this.#read((tables) => tables.frames());
    return frames
      .filter(isNotice)
      .map((frame) => ({ ...noticeOf(frame), read: frame.read }))
      .reverse();
  }

  async unread(): Promise<number> {
    return this.#read(countUnread);
  }

  /** Marks one message as read, or all. One that is not there is left at that. */
  async markRead(id: string | 'all'): Promise<void> {
    const unread = await this.#write(async (tables) => {
      const one = id === 'all' ? undefined : await tables.frame(id);
      const frames = id === 'all' ? await tables.frames() : one ? [one] : [];
      for (const frame of frames) if (!frame.read) await tables.putFrame({ ...frame, read: true });
      return countUnread(tables);
    });
    this.#tell([], unread);
  }

  #tell(fresh: readonly Frame[], unread: number): void {
    this.deps.channel.post({ kind: 'inbox', fresh: fresh.map((frame) => frame.id), unread });
  }

  #write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.deps.db.transact({ mode: 'readwrite', stores: STORES }, work);
  }

  #read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.deps.db.transact({ mode: 'readonly', stores: STORES }, work);
  }
}

async function append(tables: Tables, frames: readonly Frame[]): Promise<Applied> {
  let cursor = (await tables.meta('cursor')) ?? null;
  const fresh: Frame[] = [];
  let gap = false;
  for (const frame of frames) {
    if (cursor !== null && isKnown(frame.id, cursor)) continue;
    gap = !follows(frame, cursor);
    if (gap) break;
    await tables.putFrame({ ...frame, read: false });
    fresh.push(frame);
    cursor = frame.id;
  }
  if (fresh.length > 0) await tables.putMeta('cursor', cursor);
  return { gap, fresh, cursor };
}

async function replaceAll(tables: Tables, { head, frames }: Reset): Promise<Applied> {
  const read = new Set((await tables.frames()).filter((frame) => frame.read).map((frame) => frame.id));
  const kept = new Set((await tables.frames()).map((frame) => frame.id));
  await tables.clearFrames();
  for (const frame of frames) await tables.putFrame({ ...frame, read: read.has(frame.id) });
  await tables.putMeta('cursor', head);
  return { gap: false, fresh: frames.filter((frame) => !kept.has(frame.id)), cursor: head };
}

/** Whether a frame came before the cursor, or is it. Ids of one epoch are in the order of their numbers. */
function isKnown(id: string, cursor: string): boolean {
  const [epoch, seq] = parts(id);
  const [epochNow, seqNow] = parts(cursor);
  return epoch === epochNow && seq <= seqNow;
}

/**
 * Whether nothing is missing between the cursor and a frame. There is nothing between `prev` and the frame; so `prev` may also
 * be before the cursor: another connection of this person has told that there is nothing up to there.
 */
function follows({ id, prev }: Frame, cursor: string | null): boolean {
  if (cursor === null) return prev === null;
  return prev === null ? parts(id)[0] === parts(cursor)[0] : isKnown(prev, cursor);
}

function parts(id: string): [epoch: string, seq: number] {
  const dot = id.lastIndexOf('.');
  return [id.slice(0, dot), Number(id.slice(dot + 1))];
}

async function prune(tables: Tables, now: number): Promise<void> {
  const frames = await tables.frames();
  const old = frames.filter((frame) => frame.ts < now - RETENTION_MS);
  const rest = frames.slice(old.length);
  const surplus = Math.max(0, rest.length - MOST_FRAMES);
  const inTurn = [...rest.filter((frame) => !isNotice(frame)), ...rest.filter(isNotice)];
  for (const frame of [...old, ...inTurn.slice(0, surplus)]) await tables.deleteFrame(frame.id);
}

async function countUnread(tables: Tables): Promise<number> {
  return (await tables.frames()).filter((frame) => isNotice(frame) && !frame.read).length;
}

function isReset(incoming: readonly Frame[] | Reset): incoming is Reset {
  return !Array.isArray(incoming);
}

function isNotice(frame: Frame): boolean {
  return frame.type === 'notice';
}

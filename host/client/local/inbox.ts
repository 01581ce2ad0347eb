/** The person's messages on this device: frames and cursor in one transaction. */

import type { PersonDb } from './db.ts';
import type { Frame, Notice, Reset } from './frames.ts';
import type { Channel, Clock } from './ports.ts';

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

export interface Inbox {
  /**
   * Stores frames and the cursor in one transaction. Known ones are dropped; a frame whose `prev` is not the cursor is a gap,
   * and it and what follows it is not taken. A `reset` replaces what is kept; read marks stay.
   */
  apply(incoming: readonly Frame[] | Reset): Promise<Applied>;
  /** The id of the last frame: the `after` of the next connection. */
  cursor(): Promise<string | null>;
  /** Messages (type `notice`), newest first. */
  messages(): Promise<Notice[]>;
  unread(): Promise<number>;
  markRead(id: string | 'all'): Promise<void>;
}

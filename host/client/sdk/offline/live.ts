/** The live connection of this browser for one person: held by one page, heard in all. */

import { type Inbox, type Local, personHash } from '@portico/local';
import { CLOCK } from './clock.ts';
import { Connection, type FrameStore, type LiveState } from './connection.ts';
import { Leader } from './leader.ts';
import { longPoll, pull } from './transports/poll.ts';
import { serverSentEvents } from './transports/sse.ts';
import type { Fetch } from './transports/transport.ts';
import { webSocket } from './transports/websocket.ts';

/** The connection and the election for it. */
export interface LiveUpdates {
  readonly start: () => void;
  readonly stop: () => void;
  /** Something says that a connection may work now. */
  readonly wake: () => void;
  /** The last state, when this page holds the connection. */
  readonly state: () => LiveState | null;
}

/** `told` hears of the connection, and `channel` of the live channel's revisions, in the page that holds the connection. */
export async function liveUpdates(
  { sub, inbox }: Local,
  told: (state: LiveState) => void,
  channel: (revision: number) => void,
): Promise<LiveUpdates> {
  let state: LiveState | null = null;
  const asking = { sub, fetch: ((url, init) => fetch(url, init)) satisfies Fetch };
  const connection = new Connection({
    transports: {
      stream: serverSentEvents(asking),
      socket: webSocket((url) => new WebSocket(url), sub),
      poll: longPoll(asking),
    },
    pull: (cursor, signal) => pull(asking, cursor, 0, signal),
    store: storeOf(inbox),
    clock: CLOCK,
    report: reportError,
    channel,
    told: (now) => {
      state = now;
      told(now);
    },
  });
  const lead = async (signal: AbortSignal): Promise<void> => {
    await connection.run(signal);
    state = null;
  };
  const leader = new Leader(navigator.locks, `portico-live:${await personHash(sub)}`, lead, reportError);
  return {
    start: () => leader.start(),
    stop: () => leader.stop(),
    wake: () => connection.wake(),
    state: () => state,
  };
}

function storeOf(inbox: Inbox): FrameStore {
  return {
    cursor: () => inbox.cursor(),
    apply: (frames) => inbox.apply(frames),
    reset: async (head, frames) => void (await inbox.apply({ type: 'reset', head, frames })),
  };
}

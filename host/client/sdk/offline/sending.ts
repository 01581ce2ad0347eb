/** Sends what waits whenever there is a reason to, and holds or follows the live connection, for this page's person. */

import { events } from '@portico/sdk';
import { CLOCK } from './clock.ts';
import type { LiveState } from './connection.ts';
import { type LiveUpdates, liveUpdates } from './live.ts';
import type { Keeping, Page } from './page.ts';
import type { PageMessage, Pages } from './pages.ts';
import { SyncAsker } from './sync-asker.ts';
import { askForSync } from './worker.ts';

/** Starts once what is kept is open, and ends when `signal` aborts. */
export async function startSending(own: Page, pages: Pages, signal: AbortSignal): Promise<void> {
  const keeping = await own.keeping;
  if (signal.aborted) return;
  if (keeping) await startFor(keeping, own, pages, signal);
  pages.tell({ kind: 'opened', sub: own.sub });
}

async function startFor(keeping: Keeping, own: Page, pages: Pages, signal: AbortSignal): Promise<void> {
  const { flusher, sub } = keeping;
  const live = await liveUpdates(
    keeping,
    (state) => hearLive(own, keeping, pages, state),
    (revision) => {
      events.emit('channel-changed', { revision });
      pages.tell({ kind: 'channel', revision });
    },
  );
  pages.hear((message) => hearPage(message, own, live, pages, sub), signal);
  const asker = new SyncAsker(CLOCK, () => void askForSync().catch(() => {}));
  own.status.subscribe((now) => asker.look(now), { signal });
  signal.addEventListener('abort', () => {
    live.stop();
    flusher.stop();
    asker.stop();
  });
  startTriggers(own, live, flusher, signal);
  live.start();
  flusher.flush();
}

function startTriggers(own: Page, live: LiveUpdates, flusher: Keeping['flusher'], signal: AbortSignal): void {
  const look = (): void => {
    if (own.elsewhere) return;
    live.start(); // it may have stopped at a sign-out that is over by now
    live.wake();
    flusher.flush();
  };
  addEventListener('online', look, { signal });
  // A page in the back and forward cache keeps no connection and no lock.
  addEventListener('pagehide', () => live.stop(), { signal });
  addEventListener('pageshow', () => live.start(), { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look(), { signal });
}

/** This page holds the connection: the others hear how it is, and a server that is back gets what waits. */
function hearLive(own: Page, { sub, flusher }: Keeping, pages: Pages, state: LiveState): void {
  if (state.online && !own.status.get().online) flusher.flush({ now: true });
  own.hearLive(state);
  pages.tell({ kind: 'live', sub, state });
}

function hearPage(message: PageMessage, own: Page, live: LiveUpdates, pages: Pages, sub: string): void {
  switch (message.kind) {
    case 'opened':
      own.elsewhere = message.sub !== sub;
      own.status.change({ kind: 'signed-out', signedOut: own.elsewhere });
      if (own.elsewhere) live.stop();
      else welcome(live, pages, sub);
      break;
    case 'leaving':
      if (message.sub !== sub) return;
      live.stop();
      own.close().catch(reportError);
      break;
    case 'live':
      if (message.sub === sub) own.hearLive(message.state);
      break;
    case 'channel':
      events.emit('channel-changed', { revision: message.revision });
  }
}

/** Another page of the same person: it learns how the connection is, and may be the sign-in that was waited for. */
function welcome(live: LiveUpdates, pages: Pages, sub: string): void {
  const state = live.state();
  if (state) pages.tell({ kind: 'live', sub, state });
  live.start();
}

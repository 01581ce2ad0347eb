/** `@portico/runtime/later`: what the runtime does once the first view is on screen and the browser is idle. */

import { events, type Registration } from '@portico/sdk';
import type { ActivePage } from './activate.ts';
import { connect } from './connect.ts';
import { startOverlayKey } from './overlay-key.ts';
import { Prefetch } from './prefetch.ts';
import type { Match } from './routes.ts';
import { Upgrade } from './upgrade.ts';
import { startAnnouncing } from './view.ts';

export { activate, deactivate } from './activate.ts';
export { connect } from './connect.ts';
export { fallback } from './fallback.ts';
export { ParcelHouse } from './parcels.ts';
export { announceRetry } from './second-import.ts';
export { showSignedOut } from './signed-out.ts';
export { smoothly } from './transition.ts';
export { announce, focusView } from './view.ts';

/** What this module needs of the page's runtime. */
export interface LaterPage extends ActivePage {
  /** The latest revision of the channel that this page was told of before anybody here could listen; 0 for none. */
  readonly told: number;
  /** The app that a path opens in the view. */
  match(path: string): Match | undefined;
  /** Whether an app (`@team/app`) is on screen or on its way there. */
  shown(name: string): boolean;
  /** A module of this app could not be fetched ahead: importing it needs another address. */
  missed(app: Registration): void;
  /** Takes other registrations: what is on screen stays as it is, what is opened next is of these. */
  renew(apps: readonly Registration[]): void;
}

/** Connects the page, starts to prefetch and to follow releases; returns the function that stops it. */
export function start(page: LaterPage): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const prefetch = new Prefetch(page);
  const upgrade = new Upgrade(page);
  signal.addEventListener('abort', startAnnouncing());
  prefetch.start(signal);
  startOverlayKey(signal);
  connect(signal);
  events.on('navigate', () => prefetch.look(), { signal });
  events.on('navigate', () => upgrade.look(), { signal });
  events.on('channel-changed', ({ revision }) => upgrade.hear(revision), { signal });
  upgrade.hear(page.told);
  signal.addEventListener('abort', () => upgrade.stop());
  return () => ended.abort();
}

/** The page's flags, asked for again when the page comes to the front and when the host says that some changed. */

import { events, user } from '@portico/sdk';
import { Flags } from './flags.ts';

/** How long flags are taken as they are, in ms, when the page comes to the front again. */
const FRESH_MS = 30_000;

/** The flags of the person in front of the page. */
export const flags: Flags = new Flags({
  fetch: (url, init) => {
    follow();
    return fetch(url, init);
  },
  store: () => sessionStorage,
  key: () => `portico.flags:${user()?.sub ?? ''}`,
  report: (reason) => console.warn(reason),
});

let since: number | undefined;

/** Begins with the first question: nothing listens at import time. */
function follow(): void {
  const first = since === undefined;
  since = Date.now();
  if (!first) return;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && Date.now() - (since ?? 0) > FRESH_MS) void flags.refresh();
  });
  // A flag may follow a rollout, and the host tells of a flag that was changed in the same words.
  events.on('channel-changed', () => void flags.refresh());
}

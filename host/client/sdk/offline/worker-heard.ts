/** What the service worker tells becomes part of the page's status. */

import type { ToPage } from '@portico/local';
import { events } from '@portico/sdk';
import type { Page } from './page.ts';
import { hearWorker } from './worker.ts';

/** Hears the worker until `signal` aborts. */
export function startHearing(
  own: Page,
  registered: Promise<ServiceWorkerRegistration | undefined> | undefined,
  signal: AbortSignal,
): void {
  const { status } = own;
  const update = (): void => status.change({ kind: 'new-version' });
  hearWorker({ update, message: (message) => hear(own, message) }, registered, signal).catch(reportError);
  // What an app showed is gone with it.
  events.on('state', ({ app, to }) => to === 'unmounted' && status.change({ kind: 'left', app: shortName(app) }), {
    signal,
  });
}

function hear({ status, keeping, probe }: Page, message: ToPage): void {
  switch (message.kind) {
    case 'read':
      status.change(message);
      if (message.stale !== null) probe.hint(); // one read failed; is it all of them?
      break;
    case 'flushed':
      keeping.then((open) => open?.flusher.flushedByWorker()).catch(reportError);
      break;
    case 'updated':
      status.change({ kind: 'new-version' });
      break;
    default: // answers to messages that are waited for elsewhere
  }
}

/** `@team/app#slot` is `app`. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/#.*/, '');
}

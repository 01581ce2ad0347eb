/** Deletes what this device keeps for a person. */

import { personHash, readToPage, wipe } from '@portico/local';
import { CLOCK } from './clock.ts';
import { tellWorker } from './worker-port.ts';

/** How long the worker may take; what it has not deleted by then, it deletes afterwards. */
const WORKER_LIMIT_MS = 3_000;

/** With `keepOutbox` what waits to be sent stays, unseen, until the same person signs in here again. */
export async function forget(sub: string, { keepOutbox }: { readonly keepOutbox: boolean }): Promise<void> {
  await workerForgets(sub, keepOutbox);
  if (globalThis.indexedDB) await wipe(sub, { keepOutbox });
  const reads = `portico-reads:${await personHash(sub)}:`;
  for (const name of (await globalThis.caches?.keys()) ?? []) if (name.startsWith(reads)) await caches.delete(name);
}

function workerForgets(sub: string, keepOutbox: boolean): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const finish = (): void => {
      done.abort();
      resolve();
    };
    const hear = ({ data }: MessageEvent): void => {
      const told = readToPage(data);
      if (told?.kind === 'forgotten' && told.sub === sub) finish();
    };
    navigator.serviceWorker?.addEventListener('message', hear, { signal: done.signal });
    if (!tellWorker({ kind: 'forget', sub, keepOutbox })) return finish();
    done.signal.addEventListener('abort', CLOCK.after(WORKER_LIMIT_MS, finish));
  });
}

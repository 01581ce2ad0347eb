/** The service worker: registers every event handler at once, as browsers want it, and puts the parts together. */

import { Worker } from './worker.ts';

declare const self: ServiceWorkerGlobalScope;

/** The tag that pages ask to be woken for. */
const OUTBOX = 'portico-outbox';

const worker = new Worker(self);

self.addEventListener('activate', (event) => event.waitUntil(worker.activate()));
self.addEventListener('fetch', (event) => worker.fetch(event));
self.addEventListener('message', (event) => worker.message(event));
self.addEventListener('push', (event) => event.waitUntil(worker.push(event.data?.text() ?? null)));
self.addEventListener('notificationclick', (event) => event.waitUntil(worker.open(event.notification)));
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(worker.resubscribe(event)));
// Background Sync is not in every browser; nothing depends on it.
self.addEventListener('sync' as 'message', (event) => {
  if ((event as ExtendableEvent & { tag?: string }).tag === OUTBOX) event.waitUntil(worker.sync());
});

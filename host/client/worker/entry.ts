/** The service worker: registers every event handler at once, as browsers want it, and puts the parts together. */

import { Worker } from './worker.ts';

declare const self: ServiceWorkerGlobalScope;

const worker = new Worker(self);

self.addEventListener('activate', (event) => event.waitUntil(worker.activate()));
self.addEventListener('fetch', (event) => worker.fetch(event));
self.addEventListener('message', (event) => worker.message(event));

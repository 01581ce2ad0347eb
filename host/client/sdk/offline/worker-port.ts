/** Messages to the service worker, where one controls the page. */

import { type ToWorker, toWorker } from '@portico/local';

type Message = Parameters<typeof toWorker>[0];

/** Sends a message to the worker that controls this page; false when none does. */
export function tellWorker(message: Message): boolean {
  const worker = navigator.serviceWorker?.controller;
  worker?.postMessage(toWorker(message) satisfies ToWorker);
  return Boolean(worker);
}

/** Asks the worker to send what waits; false when there is no worker. */
export function askWorker(sub: string): (now: boolean) => boolean {
  return (now) => tellWorker({ kind: 'flush', sub, now });
}

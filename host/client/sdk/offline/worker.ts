/** The service worker from the page's side: heard, and replaced when its person wants to. The runtime registers it. */

import { readToPage, type ToPage, toWorker } from '@portico/local';

/** How long an update may take before the page reloads all the same. */
const UPDATE_LIMIT_MS = 5_000;

/** What the page wants to know of the worker. */
export interface WorkerHeard {
  readonly message: (message: ToPage) => void;
  /** A newer version waits. */
  readonly update: () => void;
}

/** Listens to the worker, and to what becomes of its registration, until `signal` aborts. */
export async function hearWorker(
  { message, update }: WorkerHeard,
  registered: Promise<ServiceWorkerRegistration | undefined> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const container = navigator.serviceWorker;
  if (!container) return;
  const hear = ({ data }: MessageEvent): void => {
    const told = readToPage(data);
    if (told) message(told);
  };
  container.addEventListener('message', hear, { signal });
  container.startMessages();
  const registration = await registered;
  if (!registration || signal.aborted) return;
  const look = (): void => {
    // Without a controller this is the first worker: nothing is replaced.
    if (registration.waiting && container.controller) update();
  };
  const follow = ({ installing }: ServiceWorkerRegistration): void =>
    installing?.addEventListener('statechange', look, { signal });
  registration.addEventListener('updatefound', () => follow(registration), { signal });
  follow(registration);
  look();
}

/** Shows the new version: the waiting worker takes over, and the page is loaded anew. */
export async function applyUpdate(): Promise<void> {
  const container = navigator.serviceWorker;
  const waiting = (await container?.getRegistration('/'))?.waiting;
  if (!waiting) return location.reload();
  container.addEventListener('controllerchange', () => location.reload(), { once: true });
  setTimeout(() => location.reload(), UPDATE_LIMIT_MS);
  waiting.postMessage(toWorker({ kind: 'activate' }));
}

/** Asks the browser to wake the worker when there is a network again, where it can; nothing depends on it. */
export async function askForSync(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration('/');
  const { sync } = (registration ?? {}) as { sync?: { register(tag: string): Promise<void> } };
  await sync?.register(SYNC_TAG);
}

const SYNC_TAG = 'portico-outbox';

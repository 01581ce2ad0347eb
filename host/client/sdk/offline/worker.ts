/** The service worker from the page's side: registered, greeted, heard, and replaced when its person wants to. */

import { PROTOCOL_VERSION, readToPage, type ToPage, toWorker } from '@portico/local';
import { boot, user } from '@portico/sdk';

const SCRIPT = '/_portico/worker.js';
const POLICY = 'portico-worker';
/** How long an update may take before the page reloads all the same. */
const UPDATE_LIMIT_MS = 5_000;

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
interface TrustedTypesFactory {
  createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy;
}

/** What the page wants to know of the worker. */
export interface WorkerHeard {
  readonly message: (message: ToPage) => void;
  /** A newer version waits. */
  readonly update: () => void;
}

/** Registers the worker and listens to it until `signal` aborts. Without one everything but the cache works. */
export async function startWorker({ message, update }: WorkerHeard, signal: AbortSignal): Promise<void> {
  const container = navigator.serviceWorker;
  if (!container) return;
  const hear = ({ data }: MessageEvent): void => {
    const told = readToPage(data);
    if (told) message(told);
  };
  container.addEventListener('message', hear, { signal });
  container.addEventListener('controllerchange', () => greet(container.controller), { signal });
  container.startMessages();
  greet(container.controller);
  const registration = await container.register(scriptUrl(), { scope: '/' });
  if (signal.aborted) return;
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

function greet(worker: ServiceWorker | null): void {
  const { revision } = boot();
  const sub = user()?.sub ?? null;
  worker?.postMessage(toWorker({ kind: 'hello', revision, sub, version: PROTOCOL_VERSION }));
}

/** The script's address in the form that `require-trusted-types-for 'script'` wants; one fixed address, nothing else. */
function scriptUrl(): string {
  const factory = (window as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  const rules = { createScriptURL: () => SCRIPT };
  return (factory?.createPolicy(POLICY, rules) ?? rules).createScriptURL(SCRIPT);
}

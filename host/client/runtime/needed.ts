/** Finds out when a page needs `@portico/sdk/offline`, which is several times what all else on it weighs. */

import { readToPage } from '@portico/local/protocol';
import { boot } from '@portico/sdk';
import { whenIdle } from './idle.ts';

/** The databases of people; their names are `personDatabase`'s (`@portico/local`). */
const PERSONS = /^portico:[0-9a-f]{16}$/;
/** What the service worker answers in the place of a server that it cannot reach. */
const GATEWAY_TIMEOUT = 504;

/**
 * Calls `need` once, as soon as there is a reason: somebody is signed in, so that what waits is sent; an app works offline; a
 * platform element is to show something; something is kept on this device for somebody; the server seems out of reach; the
 * worker has something to say, or a newer one waits.
 */
export function whenOfflineIsNeeded(need: () => void, registered: Promise<Registered>, ended: AbortSignal): void {
  const found = new AbortController();
  const signal = AbortSignal.any([found.signal, ended]);
  const once = (): void => {
    if (signal.aborted) return;
    found.abort();
    need();
  };
  if (isNeededAnyway()) {
    once();
    return;
  }
  addEventListener('offline', once, { signal });
  navigator.serviceWorker?.addEventListener('message', ({ data }) => isNews(data) && once(), { signal });
  watchCalls(once, signal);
  watchElements(once, signal);
  watchDevice(once, signal);
  watchUpdates(once, registered, signal).catch(reportError);
}

type Registered = ServiceWorkerRegistration | undefined;

function isNeededAnyway(): boolean {
  const { user, apps } = boot();
  // What is inside a shadow root cannot be looked for from outside.
  return Boolean(user) || !navigator.onLine || apps.some((app) => app.offline || app.isolation === 'shadow');
}

/** The worker's `ready` is an answer to a greeting, and nothing that anybody shows. */
function isNews(data: unknown): boolean {
  const told = readToPage(data);
  return told !== null && told.kind !== 'ready';
}

/** A call that got no answer hints that there is no network (see `probe.ts` of the module itself). */
function watchCalls(found: () => void, signal: AbortSignal): void {
  const observer = new PerformanceObserver((list) => {
    if ((list.getEntries() as PerformanceResourceTiming[]).some(failed)) found();
  });
  observer.observe({ type: 'resource', buffered: true });
  signal.addEventListener('abort', () => observer.disconnect());
}

function failed({ initiatorType, name, responseStatus }: PerformanceResourceTiming): boolean {
  const unanswered = responseStatus === 0 || responseStatus === GATEWAY_TIMEOUT;
  return unanswered && initiatorType === 'fetch' && name.startsWith(`${location.origin}/api/`);
}

/** The shell's own elements have nothing to say while all is well; any other is an app's. */
function watchElements(found: () => void, signal: AbortSignal): void {
  let waits = false;
  const look = (): void => {
    waits = false;
    const elements = document.querySelectorAll(':not(:defined):not(.p-corner > *)');
    if ([...elements].some(({ localName }) => localName.startsWith('portico-'))) found();
  };
  const observer = new MutationObserver(() => {
    if (!waits) whenIdle(look);
    waits = true;
  });
  look();
  observer.observe(document.body, { childList: true, subtree: true });
  signal.addEventListener('abort', () => observer.disconnect());
}

/** Somebody may have left something here to be sent; looked for whenever the page comes to the front. */
function watchDevice(found: () => void, signal: AbortSignal): void {
  const look = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || !globalThis.indexedDB) return;
    // A browser that does not list its databases leaves the question to who can open them.
    const databases = (await indexedDB.databases?.().catch(() => [])) ?? [{ name: 'portico:0000000000000000' }];
    if (databases.some(({ name = '' }) => PERSONS.test(name))) found();
  };
  document.addEventListener('visibilitychange', () => void look(), { signal });
  void look();
}

async function watchUpdates(found: () => void, registered: Promise<Registered>, signal: AbortSignal): Promise<void> {
  const registration = await registered;
  const look = (): void => {
    // Without a controller this is the first worker: nothing is replaced.
    if (registration?.waiting && navigator.serviceWorker.controller) found();
  };
  const follow = (): void => registration?.installing?.addEventListener('statechange', look, { signal });
  registration?.addEventListener('updatefound', follow, { signal });
  follow();
  look();
}

/** Finds out whether the server is in reach, when something hints that this has changed. */

import type { StatusStore } from './status-store.ts';

const ADDRESS = '/healthz';
const LIMIT_MS = 10_000;
/** What the service worker answers in the place of a server that it cannot reach. */
const GATEWAY_TIMEOUT = 504;

/** Asks the server itself; the answer counts, not the hint. */
export class Probe {
  #asking: Promise<boolean> | undefined;

  constructor(readonly status: StatusStore) {}

  /** Whether the server answered; something else that answered (a captive portal) sends no receipt. */
  ask(): Promise<boolean> {
    this.#asking ??= reaches().then((online) => {
      this.#asking = undefined;
      this.status.change({ kind: 'reached', online });
      return online;
    });
    return this.#asking;
  }
}

/** Asks when the browser, or a call of this page, hints that something has changed. */
export function startProbing(probe: Probe, signal: AbortSignal): void {
  const ask = (): unknown => probe.ask();
  addEventListener('online', ask, { signal });
  addEventListener('offline', ask, { signal });
  watchCalls((failed) => (failed === probe.status.get().online ? ask() : undefined), signal);
  if (navigator.onLine === false) ask();
}

async function reaches(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const response = await fetch(ADDRESS, { cache: 'no-store', redirect: 'manual', signal });
    return response.headers.has('Portico-Receipt');
  } catch {
    return false;
  }
}

/**
 * Tells after calls of this page whether one got no answer: micro-apps call their BFFs with `fetch`, and the browser's own
 * record of it (Resource Timing) says how it went without anything in between.
 */
function watchCalls(told: (failed: boolean) => unknown, signal: AbortSignal): void {
  const observer = new PerformanceObserver((list) => {
    const calls = (list.getEntries() as PerformanceResourceTiming[]).filter(isCall);
    const failed = calls.some(({ responseStatus }) => responseStatus === 0 || responseStatus === GATEWAY_TIMEOUT);
    if (calls.length) told(failed);
  });
  observer.observe({ type: 'resource' });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
}

function isCall({ initiatorType, name }: PerformanceResourceTiming): boolean {
  const { origin, pathname } = new URL(name);
  return initiatorType === 'fetch' && origin === location.origin && pathname.startsWith('/api/');
}

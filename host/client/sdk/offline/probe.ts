/** Finds out whether the server is in reach, when something hints that this has changed. */

import type { StatusStore } from './status-store.ts';

const PROBE = '/healthz';
const LIMIT_MS = 10_000;

/** Asks the server itself when something hints that the network came or went; the answer counts, not the hint. */
export function startProbing(status: StatusStore, signal: AbortSignal): void {
  let probing = false;
  const look = async (): Promise<void> => {
    if (probing) return;
    probing = true;
    const online = await reaches(signal);
    probing = false;
    if (!signal.aborted) status.change({ kind: 'reached', online });
  };
  addEventListener('online', look, { signal });
  addEventListener('offline', look, { signal });
  watchCalls(look, () => status.get().online || look(), signal);
  if (navigator.onLine === false) void look();
}

/** Whether the server answered; something else that answered (a captive portal) sends no receipt. */
async function reaches(signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    const response = await fetch(PROBE, { cache: 'no-store', redirect: 'manual', signal: limit });
    return response.headers.has('Portico-Receipt');
  } catch {
    return false;
  }
}

/**
 * Calls `failed` when a call of this page got no answer, and `answered` when one did: micro-apps call their BFFs with
 * `fetch`, and the browser's own record of it (Resource Timing) says how it went without anything in between.
 */
function watchCalls(failed: () => unknown, answered: () => unknown, signal: AbortSignal): void {
  const observer = new PerformanceObserver((list) => {
    const calls = (list.getEntries() as PerformanceResourceTiming[]).filter(isCall);
    if (calls.some(({ responseStatus }) => responseStatus === 0)) failed();
    else if (calls.length) answered();
  });
  observer.observe({ type: 'resource' });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
}

function isCall({ initiatorType, name }: PerformanceResourceTiming): boolean {
  const { origin, pathname } = new URL(name);
  return initiatorType === 'fetch' && origin === location.origin && pathname.startsWith('/api/');
}

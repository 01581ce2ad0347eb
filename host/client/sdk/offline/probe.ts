/** Finds out whether the server is in reach, when something hints that this has changed. */

import type { Clock } from './clock.ts';
import type { StatusStore } from './status-store.ts';

const ADDRESS = '/healthz';
/** Hints come in bursts, such as a page full of kept answers: they make it ask this often at most. */
export const HINTS_MS = 2_000;
const LIMIT_MS = 10_000;
/** What the service worker answers in the place of a server that it cannot reach. */
const GATEWAY_TIMEOUT = 504;

/** Asks the server itself; the answer counts, not the hint. */
export class Probe {
  #asking: Promise<boolean> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Ends the wait for the question that answers the hints of the last seconds. */
  #cancel: (() => void) | undefined;

  constructor(
    readonly status: StatusStore,
    readonly clock: Clock,
    readonly reaches: () => Promise<boolean> = reachesServer,
  ) {}

  /** Whether the server answered; something else that answered (a captive portal) sends no receipt. */
  ask(): Promise<boolean> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  /** Something hints at a change: asks at once, or once for all hints that come shortly after a question. */
  hint(): void {
    if (this.#cancel) return;
    const wait = this.#askedAt + HINTS_MS - this.clock.now();
    if (wait <= 0 && !this.#asking) void this.ask();
    else this.#cancel = this.clock.after(Math.min(Math.max(wait, 0), HINTS_MS), () => void this.#answerHints());
  }

  /** Forgets the hints that wait. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The answer to an older question says nothing of a newer hint. */
  async #answerHints(): Promise<void> {
    await this.#asking;
    this.#cancel = undefined;
    await this.ask();
  }

  async #ask(): Promise<boolean> {
    this.#askedAt = this.clock.now();
    const online = await this.reaches();
    this.#asking = undefined;
    this.status.change({ kind: 'reached', online });
    return online;
  }
}

/** Asks when the browser, or a call of this page, hints that something has changed. */
export function startProbing(probe: Probe, signal: AbortSignal): void {
  const hint = (): void => probe.hint();
  addEventListener('online', hint, { signal });
  addEventListener('offline', hint, { signal });
  watchCalls((failed) => (failed === probe.status.get().online ? hint() : undefined), signal);
  if (navigator.onLine === false) hint();
  signal.addEventListener('abort', () => probe.stop(), { once: true });
}

async function reachesServer(): Promise<boolean> {
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

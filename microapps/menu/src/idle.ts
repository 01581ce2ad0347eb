/** When the browser has nothing better to do, and whether it should do nothing more. */

const LATEST_MS = 2_000;
const WITHOUT_MS = 200;

/** Resolves when the browser is idle, within two seconds; rejects with the signal's reason. */
export function whenIdle(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    // Safari has no idle callback.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: LATEST_MS });
    else setTimeout(resolve, WITHOUT_MS);
  });
}

/** Whether the person asked for less data, or the connection is a slow one. */
export function isFrugal(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; effectiveType?: string } };
  return connection?.saveData === true || /(^|-)2g$/.test(connection?.effectiveType ?? '');
}

/** The list as it is kept for when there is no network: the worker keeps what was read last. */
import type { TrackingApi } from './api.ts';

/**
 * A function that has the list's first page read again, for the keeping only: what is on screen is read otherwise, and of a
 * failure nothing is said. One reading at a time, so that an older answer is never kept over a newer one; what is asked
 * for meanwhile is one more reading afterwards.
 */
export function keepingList(api: TrackingApi, signal: AbortSignal): () => void {
  let reading = false;
  let again = false;

  async function read(): Promise<void> {
    reading = true;
    do {
      again = false;
      await api.deliveries(null, signal).catch(() => null);
    } while (again && !signal.aborted);
    reading = false;
  }

  return () => {
    if (reading) again = true;
    else void read();
  };
}

/** Connects the page with what is kept on the device, and with who operates it. Nobody waits for that to see the first view. */

import { events, type PlatformEvents } from '@portico/sdk';
import { whenOfflineIsNeeded } from './needed.ts';
import { registerWorker } from './worker.ts';

/** Starts until `signal` aborts; the larger modules are fetched once there is a reason. */
export function connect(signal: AbortSignal): void {
  tellFailures(signal);
  const registered = registerWorker(signal);
  const missed = keepMessages(signal);
  const load = async (): Promise<void> => {
    const { start } = await import('@portico/sdk/offline');
    if (!signal.aborted) signal.addEventListener('abort', start(registered));
    missed();
  };
  whenOfflineIsNeeded(() => void load().catch(reportError), registered, signal);
}

/** Keeps what the worker says; the returned function says it once more, to those who came late. */
function keepMessages(signal: AbortSignal): () => void {
  const container = navigator.serviceWorker;
  const kept: unknown[] = [];
  const ended = new AbortController();
  const keep = ({ data }: MessageEvent): void => void kept.push(data);
  container?.addEventListener('message', keep, { signal: AbortSignal.any([signal, ended.signal]) });
  container?.startMessages();
  return () => {
    ended.abort();
    for (const data of kept) container.dispatchEvent(new MessageEvent('message', { data }));
  };
}

/** The first app that fails brings what tells the operators. */
function tellFailures(signal: AbortSignal): void {
  const failures: PlatformEvents['failure'][] = [];
  const heard = (failure: PlatformEvents['failure']): void => {
    if (failures.push(failure) > 1) return;
    import('@portico/sdk/log').then(({ start }) => {
      stop();
      start(failures);
    }, reportError);
  };
  const stop = events.on('failure', heard, { signal });
}

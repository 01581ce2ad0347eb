/** Connects the page with what is kept on the device: listens, hears the worker, defines the elements. */

import { defineElements } from './elements/define.ts';
import { page } from './page.ts';
import { Pages } from './pages.ts';
import { startProbing } from './probe.ts';
import { startSending } from './sending.ts';
import { startSignOut } from './sign-out.ts';
import { startLooking } from './somebody-waits.ts';
import { startHearing } from './worker-heard.ts';

let stop: (() => void) | undefined;

/** Starts, once, with the service worker that the page has registered; returns the function that stops it all. */
export function start(registered?: Promise<ServiceWorkerRegistration | undefined>): () => void {
  if (stop) return stop;
  const ended = new AbortController();
  const { signal } = ended;
  const own = page();
  const pages = new Pages();
  stop = () => {
    stop = undefined;
    ended.abort();
    pages.close();
  };
  defineElements();
  startSignOut(own, pages, signal);
  startProbing(own.probe, signal);
  startHearing(own, registered, signal);
  if (own.sub === null) startLooking((unsent) => own.status.change({ kind: 'unsent', unsent }), signal);
  startSending(own, pages, signal).catch(reportError);
  return stop;
}

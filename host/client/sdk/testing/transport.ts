/** Stands between the page and the network while an app is mounted: `fetch`, and navigations. */

import type { FlagValue } from '@portico/sdk/flags';
import type { Backend } from './backend.ts';

/** Lets a backend and flags answer `fetch`; everything else goes on to the network. Returns the function that ends it. */
export function playServer(backend: Backend, flags: Readonly<Record<string, FlagValue>>): () => void {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    if (origin !== location.origin) return real(input, init);
    if (pathname.startsWith(`${backend.base}/`)) return answered(backend, request);
    if (pathname === '/ofrep/v1/evaluate/flags') return Response.json({ flags: Object.entries(flags).map(evaluated) });
    return real(input, init);
  };
  return () => {
    globalThis.fetch = real;
  };
}

/** A network that answers, unless the caller has gone meanwhile. */
async function answered(backend: Backend, request: Request): Promise<Response> {
  request.signal.throwIfAborted();
  const { body, status, headers } = await backend.answer(request);
  request.signal.throwIfAborted();
  const receipt = new Headers(headers);
  // As the host does: without it, a command that was saved takes the answer for somebody else's.
  receipt.set('Portico-Receipt', request.headers.get('Idempotency-Key') ?? '1');
  return new Response(body, { status, headers: receipt });
}

function evaluated([key, value]: readonly [string, FlagValue]): object {
  return { key, value, variant: 'test', reason: 'STATIC' };
}

/** Keeps every navigation of this origin in the page and tells of it. Returns the function that ends it. */
export function playNavigation(went: (url: URL) => Promise<void>): () => void {
  const control = new AbortController();
  window.navigation.addEventListener(
    'navigate',
    (event) => {
      if (!event.canIntercept || event.hashChange || event.downloadRequest !== null) return;
      event.intercept({ handler: () => went(new URL(event.destination.url)), focusReset: 'manual', scroll: 'manual' });
    },
    { signal: control.signal },
  );
  return () => control.abort();
}

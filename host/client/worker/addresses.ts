/** Which requests the worker answers at all. Everything else goes past it, as if it were not there. */

/** First segments of the paths that are the host's own; a navigation there is never answered with the kept document. */
const OF_THE_HOST =
  /^\/(_portico|a|api|auth|deploy|dev-idp|live|\.well-known|apps\.json|favicon\.svg|healthz|importmap\.json|mount-points\.json|readyz)(\/|$)/;

/**
 * `passage`: a navigation to one of the host's own paths. It goes to the network alone; yet it is the worker's to pass on,
 * because the browser has sent it already (navigation preload) and would send it again: a sign-in's address is good once.
 */
export type Kind = 'navigation' | 'passage' | 'asset' | 'read';

/** The part of a request that decides. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly mode: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * What kind of request it is; null: not the worker's. A read names the person that its page is for (`Portico-Person`), takes
 * JSON, and has no idempotency key; commands, streams and downloads pass untouched.
 */
export function kindOf(request: Asked, origin: string): Kind | null {
  const url = new URL(request.url);
  if (url.origin !== origin) return null;
  if (request.mode === 'navigate') {
    if (request.method !== 'GET') return null;
    return OF_THE_HOST.test(url.pathname) ? 'passage' : 'navigation';
  }
  if (request.headers.get('Range') !== null) return null;
  if (request.method === 'GET' && url.pathname.startsWith('/a/')) return 'asset';
  return isRead(request, url.pathname) ? 'read' : null;
}

function isRead({ method, headers }: Asked, path: string): boolean {
  if (!path.startsWith('/api/') || headers.get('Portico-Person') === null) return false;
  if (headers.get('Idempotency-Key') !== null || !/\bjson\b/.test(headers.get('Accept') ?? '')) return false;
  return method === 'GET' || (method === 'POST' && /^\/api\/[^/]+\/graphql$/.test(path));
}

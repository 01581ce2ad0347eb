/** Which requests the worker answers at all. Everything else goes past it, as if it were not there. */

/** First segments of the paths that are the host's own; a navigation there is never answered with the kept document. */
const OF_THE_HOST =
  /^\/(_portico|a|api|auth|deploy|dev-idp|live|\.well-known|apps\.json|favicon\.svg|healthz|importmap\.json|mount-points\.json|readyz)(\/|$)/;

export type Kind = 'navigation' | 'asset' | 'read';

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
  if (request.mode === 'navigate')
    return request.method === 'GET' && !OF_THE_HOST.test(url.pathname) ? 'navigation' : null;
  if (request.headers.get('Range') !== null) return null;
  if (request.method === 'GET' && url.pathname.startsWith('/a/')) return 'asset';
  return isRead(request, url.pathname) ? 'read' : null;
}

function isRead({ method, headers }: Asked, path: string): boolean {
  if (!path.startsWith('/api/') || headers.get('Portico-Person') === null) return false;
  if (headers.get('Idempotency-Key') !== null || !/\bjson\b/.test(headers.get('Accept') ?? '')) return false;
  return method === 'GET' || (method === 'POST' && /^\/api\/[^/]+\/graphql$/.test(path));
}

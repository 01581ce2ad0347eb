/** What every transport of live updates can do, and what they share. */

import type { Incoming } from '@portico/local';
import type { End } from '../ladder.ts';

/** One connection's needs. */
export interface Opening {
  /** The id of the last frame that was stored; asked again before each question. */
  readonly cursor: () => Promise<string | null>;
  /** Takes what came, in order; the next is read only when this resolved. */
  readonly hear: (incoming: readonly Incoming[]) => Promise<void>;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Opens a connection and resolves when it is over; rejects only with what `hear` or `cursor` threw. */
export type Transport = (opening: Opening) => Promise<End>;

/** As much of `fetch` as is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Who asks, so that nobody gets the updates of whoever has signed in meanwhile. */
export interface Asking {
  readonly fetch: Fetch;
  readonly sub: string;
}

/** The address of live updates. `wait` makes it a poll of so many seconds. */
export function liveUrl(cursor: string | null, wait?: number): string {
  const query = new URLSearchParams();
  if (cursor !== null) query.set('after', cursor);
  if (wait !== undefined) query.set('wait', String(wait));
  return `/live?${query}`;
}

/** The server's answer, or how the connection ended instead. */
export async function ask(
  { fetch, sub }: Asking,
  url: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response | End> {
  const headers = { Accept: accept, 'X-Portico': '1', 'Portico-Person': encodeURIComponent(sub) };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal, cache: 'no-store', redirect: 'manual' });
  } catch {
    return signal.aborted ? { kind: 'stopped' } : { kind: 'unreachable' };
  }
  // Without a receipt something else has answered, such as the sign-in page of a network.
  if (!response.headers.has('Portico-Receipt')) return { kind: 'unreachable' };
  return response.ok ? response : { kind: 'refused', status: response.status, retryMs: retryAfter(response) };
}

/** Whether `ask` got no answer to read from. */
export function isEnd(answer: Response | End): answer is End {
  return 'kind' in answer;
}

function retryAfter(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return Number.isNaN(seconds) ? null : seconds * 1000;
}

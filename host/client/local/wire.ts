/** Commands as requests, and answers as far as a command needs them (headers: docs/reference/outbox.md). */

import type { Answered } from './classify.ts';
import type { Entry } from './entry.ts';
import type { Answer } from './events.ts';
import type { Fetch } from './ports.ts';
import { NO_ANSWER, NO_RECEIPT, problemOf, statusInside } from './problem.ts';

/** An answer, read to its end, as it is classified and as it is passed on. */
export interface Received extends Answered {
  readonly answer: Answer | null;
  /** The server's clock, ms since 1970, where it told. */
  readonly date: number | null;
}

const NOTHING: Received = { status: 0, receipt: false, problem: NO_ANSWER, retryAfter: null, answer: null, date: null };

/** More predecessors than this are taken back one by one. */
export const MOST_REPLACED = 16;

/** The keys that an entry was edited from and that the server may know, oldest first. */
export function predecessors(entry: Entry): string[] {
  return entry.replaces === null ? [...entry.replaced] : [...entry.replaced, entry.replaces];
}

/** What a request is sent with. */
export interface Sending {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/** Sends the command itself. `generation` is its lane's. */
export function sendCommand(entry: Entry, generation: number, sending: Sending): Promise<Received> {
  const headers = new Headers({ Accept: 'application/json', ...entry.headers });
  if (entry.body !== null && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json');
  identify(headers, entry);
  headers.set('Idempotency-Key', entry.key);
  place(headers, entry, generation);
  if (entry.baseVersion !== null) headers.set('If-Match', `"${entry.baseVersion}"`);
  const before = predecessors(entry).slice(-MOST_REPLACED);
  if (before.length > 0) headers.set('Portico-Replaces', before.join(', '));
  return exchange(entry.url, { method: entry.method, headers, body: entry.body }, [entry.key], sending);
}

/** Takes a command back: a tombstone for its key, and its place in the lane, if `generation` is given, counts as used. */
export function sendDiscard(entry: Entry, key: string, generation: number | null, sending: Sending): Promise<Received> {
  const headers = new Headers({ Accept: 'application/json', 'Idempotency-Key': key });
  identify(headers, entry);
  if (generation !== null) place(headers, entry, generation);
  return exchange(`${entry.base}/_commands/${key}`, { method: 'DELETE', headers }, [key], sending);
}

/** Asks what became of a command. */
export function askOutcome(entry: Entry, sending: Sending): Promise<Received> {
  const headers = new Headers({ Accept: 'application/json' });
  identify(headers, entry);
  return exchange(`${entry.base}/_commands/${entry.key}`, { method: 'GET', headers }, ['1'], sending);
}

/** A lane's name on the wire: each generation is a lane of its own. */
export function wireLane(lane: string, generation: number): string {
  return encodeURIComponent(generation === 0 ? lane : `${lane}~${generation}`);
}

function identify(headers: Headers, entry: Entry): void {
  headers.set('X-Portico', '1');
  headers.set('Portico-Person', encodeURIComponent(entry.sub));
  headers.set('Portico-Client', entry.client);
}

function place(headers: Headers, { lane, laneSeq }: Entry, generation: number): void {
  if (lane === null || laneSeq === null) return;
  headers.set('Portico-Lane', wireLane(lane, generation));
  headers.set('Portico-Lane-Seq', String(laneSeq));
}

/** Never rejects: whatever keeps an answer from arriving whole is "no answer". */
async function exchange(
  url: string,
  init: RequestInit,
  receipts: readonly string[],
  sending: Sending,
): Promise<Received> {
  const { fetch, signal } = sending;
  try {
    const response = await fetch(url, {
      ...init,
      signal,
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'same-origin',
      priority: 'low', // what a page asks for goes first
    });
    const text = await response.text(); // cut in mid-body: the same as no answer; the repetition is answered whole
    return received(response, text, receipts.includes(response.headers.get('Portico-Receipt') ?? ''), url);
  } catch {
    return NOTHING;
  }
}

function received(response: Response, text: string, receipt: boolean, url: string): Received {
  if (!receipt) return { ...NOTHING, status: response.status, problem: NO_RECEIPT };
  const body = parsed(text);
  const status = told(response) ?? (response.ok && isGraphql(url) ? statusInside(body) : null) ?? response.status;
  return {
    status,
    receipt,
    problem: status >= 200 && status < 300 ? null : problemOf(status, body),
    retryAfter: seconds(response.headers.get('Retry-After')),
    answer: {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      replayed: response.headers.get('Idempotency-Replayed') === 'true',
      ...(body === undefined ? {} : { body }),
    },
    date: Date.parse(response.headers.get('Date') ?? '') || null,
  };
}

/** A GraphQL answer is 200 whatever happened; the kit says what its first error stands for. */
function told({ headers }: Response): number | null {
  const status = headers.get('Portico-Status') ?? '';
  return /^\d{3}$/.test(status) ? Number(status) : null;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

function isGraphql(url: string): boolean {
  return /\/graphql(\?|$)/.test(url);
}

/** Making an entry of a draft, and storing it with its place in the lane and its patches. */

import { NO_WAIT } from './backoff.ts';
import { type Draft, ENTRY_VERSION, type Entry } from './entry.ts';
import { LocalError } from './errors.ts';
import { isKey } from './keys.ts';
import { checkLane, takePlace } from './lanes.ts';
import { addPatches } from './patch-rows.ts';
import type { Tables } from './tables.ts';

/** A BFF takes bodies up to this many bytes unless its team chose otherwise. */
export const BODY_LIMIT = 256 * 1024;

/** What an entry is made with. */
export interface Making {
  readonly now: number;
  readonly sub: string;
  /** A new key, of the server's time as far as it is known. */
  readonly newKey: () => string;
}

/** Inside one transaction. A key that waits already with the same request is left alone: `added` is false. */
export async function store(
  tables: Tables,
  draft: Draft,
  { now, sub, newKey }: Making,
): Promise<{ entry: Entry; added: boolean }> {
  const request = checked(draft);
  const key = draft.key ?? newKey();
  const waiting = await tables.entry(key);
  if (waiting) {
    if (waiting.url === request.url && waiting.body === request.body) return { entry: waiting, added: false };
    throw new LocalError('key-in-use', `another command waits under the key ${key}`);
  }
  const lane = draft.lane ?? null;
  const entry: Entry = {
    key,
    sub,
    client: await clientOf(tables),
    app: draft.app,
    describe: draft.describe,
    lane,
    laneSeq: lane === null ? null : await takePlace(tables, lane, now),
    ...request,
    baseVersion: draft.baseVersion ?? null,
    schemaVersion: ENTRY_VERSION,
    createdAt: now,
    attempts: 0,
    ...NO_WAIT,
    state: 'queued',
    lastProblem: null,
    replaces: null,
    replaced: [],
  };
  await tables.putEntry(entry);
  await addPatches(tables, key, draft.updates ?? [], now);
  return { entry, added: true };
}

/** A body as JSON text. @throws LocalError `too-large`, `invalid` */
export function bodyText(body: unknown): string | null {
  if (body === undefined) return null;
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) throw new LocalError('invalid', 'the body is not JSON');
  if (new TextEncoder().encode(text).length > BODY_LIMIT)
    throw new LocalError('too-large', `a command's body takes at most ${BODY_LIMIT} bytes`);
  return text;
}

/** Set by the outbox itself, or secrets, which are never stored. */
const NOT_THEIRS = /^(portico-.*|x-portico|idempotency-key|if-match|authorization|cookie)$/i;

function checked(draft: Draft): Pick<Entry, 'base' | 'method' | 'url' | 'headers' | 'body'> {
  const { app, base = `/api/${app}`, method = 'POST', url, headers = {}, lane, key } = draft;
  if (key !== undefined && !isKey(key)) throw new LocalError('invalid', `a command's key is a UUIDv7, not ${key}`);
  if (!url.startsWith(`${base}/`) && url !== base)
    throw new LocalError('invalid', `${url} is not an address below ${base}`);
  if (!/^\/[^/\\]/.test(base)) throw new LocalError('invalid', `${base} is not a path on this origin`);
  if (draft.describe.trim() === '') throw new LocalError('invalid', 'a command says in words what it does');
  for (const name of Object.keys(headers))
    if (NOT_THEIRS.test(name)) throw new LocalError('invalid', `the header ${name} is not for an app to set`);
  if (lane !== undefined && lane !== null) checkLane(lane);
  return { base, method, url, headers: { ...headers }, body: bodyText(draft.body) };
}

async function clientOf(tables: Tables): Promise<string> {
  const known = await tables.meta('client');
  if (known) return known;
  const client = crypto.randomUUID();
  await tables.putMeta('client', client);
  return client;
}

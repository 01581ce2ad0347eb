/** What a person does with an entry that waits. Each function runs inside one transaction. */

import { NO_WAIT } from './backoff.ts';
import { bodyText, type Making } from './enqueue.ts';
import type { CachedUpdate, Entry } from './entry.ts';
import { LocalError } from './errors.ts';
import type { EntryEvent } from './events.ts';
import { bornAt } from './keys.ts';
import { renumber, takePlace } from './lanes.ts';
import type { Choice } from './outbox.ts';
import { addPatches, dropPatches, markPatches } from './patch-rows.ts';
import type { Listed } from './reading.ts';
import { DISCARD_REFUSED, event } from './settle.ts';
import type { Tables } from './tables.ts';
import { predecessors } from './wire.ts';

export type { Making } from './enqueue.ts';

/** What to return, and what to tell once the transaction has completed. */
export interface Mended<T> {
  readonly result: T;
  readonly events: readonly EntryEvent[];
}

/** Sends it again at once. Where its own key can never succeed, or its place is gone, it gets new ones. */
export async function retry(tables: Tables, key: string, making: Making): Promise<Mended<Entry>> {
  const entry = await sendable(tables, key);
  if (entry.state === 'inflight') return { result: entry, events: [] };
  if (entry.state === 'discarding') return putBack(tables, { ...entry, ...NO_WAIT });
  if (hasUselessKey(entry)) return replace(tables, entry, {}, making);
  await markPatches(tables, key, 'pending', making.now);
  const freed = entry.lastProblem?.code === 'command-applied' ? { replaces: null, replaced: [] } : {};
  return putBack(tables, { ...entry, ...NO_WAIT, ...freed, ...(await placed(tables, entry, making)), state: 'queued' });
}

/** Takes it back; true while the server is still to be told. */
export async function discard(tables: Tables, key: string, making: Making): Promise<Mended<boolean>> {
  const entry = await existing(tables, key);
  if (entry.state === 'discarding') return { result: true, events: [] };
  if (isOursAlone(entry)) return drop(tables, entry, making);
  await markPatches(tables, key, 'hidden', making.now);
  const { events } = await putBack(tables, { ...entry, ...NO_WAIT, state: 'discarding' });
  return { result: true, events };
}

/** Deletes an entry that the device can no longer read, without reading it. */
export async function forget(tables: Tables, key: string, making: Making): Promise<Mended<boolean>> {
  const lane = (await tables.places()).get(key)?.[0] ?? null;
  await tables.deleteEntry(key);
  await dropPatches(tables, key);
  if (lane !== null) await renumber(tables, lane, making.now);
  return { result: false, events: [event({ key, app: '', lane }, 'discarded')] };
}

export interface Change {
  readonly body: unknown;
  readonly updates?: readonly CachedUpdate[];
}

/** Puts another command in its place, under a new key. */
export async function edit(tables: Tables, key: string, change: Change, making: Making): Promise<Mended<Entry>> {
  const entry = await sendable(tables, key);
  if (entry.state === 'discarding') throw new LocalError('wrong-state', 'it was taken back');
  return replace(tables, entry, { body: bodyText(change.body) }, making, change.updates ?? []);
}

/** Answers a conflict. */
export async function resolve(
  tables: Tables,
  key: string,
  choice: Choice,
  making: Making,
): Promise<Mended<Entry | null>> {
  const entry = await sendable(tables, key);
  if (entry.state !== 'conflict') throw new LocalError('wrong-state', 'there is no conflict');
  if (choice === 'theirs') return { result: null, events: (await discard(tables, key, making)).events };
  const baseVersion = entry.lastProblem?.current?.version ?? null;
  if (choice === 'mine') return replace(tables, entry, { baseVersion }, making);
  return replace(tables, entry, { baseVersion, body: bodyText(choice.merge) }, making, []);
}

/** The same place, another key; `updates` missing: the patches go along. */
async function replace(
  tables: Tables,
  old: Listed,
  change: Partial<Entry>,
  making: Making,
  updates?: readonly CachedUpdate[],
): Promise<Mended<Entry>> {
  const key = making.newKey();
  const kept = updates ?? (await tables.patchesOf(old.key));
  await dropPatches(tables, old.key);
  await tables.deleteEntry(old.key);
  const place = await placed(tables, old, making);
  const entry: Entry = {
    ...old,
    ...change,
    ...place,
    ...chain(old, bornAt(key)),
    ...NO_WAIT,
    key,
    attempts: 0,
    state: 'queued',
    lastProblem: null,
  };
  await tables.putEntry(entry);
  await addPatches(
    tables,
    key,
    kept.map(({ app, read, merge, complete }) => ({ app, read, merge, complete })),
    making.now,
  );
  return { result: entry, events: [event(entry, 'queued', { replaces: old.key }), event(old, 'discarded')] };
}

/** A server knows what became of a command for 30 days; what is nearly as old does not arrive late any more. */
const KNOWN_MS = 29 * 24 * 60 * 60_000;

/** Which keys the new one, made `now`, replaces: all that the server may know, so that none of them takes effect late. */
function chain(old: Entry, now: number): Pick<Entry, 'replaces' | 'replaced'> {
  const code = old.lastProblem?.code;
  // Its predecessor was done and it is a command of its own now; or its key is another command's.
  if (code === 'command-applied' || code === 'idempotency-key-reused') return { replaces: null, replaced: [] };
  const before = predecessors(old);
  const all = old.attempts > 0 || before.length === 0 ? [...before, old.key] : before;
  const known = all.filter((key) => {
    // It was refused because nothing is known of such old ones: the person knows that, and has decided.
    if (code === 'idempotency-key-expired') return bornAt(key) > now - KNOWN_MS;
    // Its one request was refused, so it was never taken. Where there were others, one may arrive when its time has come.
    return code !== 'idempotency-key-invalid' || key !== old.key || old.attempts > 1;
  });
  return { replaces: known.at(-1) ?? null, replaced: known.slice(0, -1) };
}

/** An entry whose place was used up by the command that it replaced goes to the end of its lane. */
async function placed(tables: Tables, entry: Entry, making: Making): Promise<{ laneSeq: number | null }> {
  if (entry.lane === null || entry.laneSeq !== null) return { laneSeq: entry.laneSeq };
  return { laneSeq: await takePlace(tables, entry.lane, making.now) };
}

const USELESS_KEY = new Set(['idempotency-key-expired', 'idempotency-key-invalid', 'idempotency-key-reused']);

function hasUselessKey(entry: Entry): boolean {
  const code = entry.lastProblem?.code;
  return entry.state === 'failed' && USELESS_KEY.has(code ?? '');
}

/** Whether the server cannot know of it, or refuses to hear of it: then it goes without a word. */
function isOursAlone(entry: Listed): boolean {
  const code = entry.lastProblem?.code;
  if (!entry.readable || (entry.state === 'failed' && (code === DISCARD_REFUSED || code === 'command-applied')))
    return true;
  return entry.attempts === 0 && entry.laneSeq === null && predecessors(entry).length === 0;
}

async function drop(tables: Tables, entry: Listed, making: Making): Promise<Mended<boolean>> {
  await tables.deleteEntry(entry.key);
  await dropPatches(tables, entry.key);
  if (entry.lane !== null && entry.laneSeq !== null) await renumber(tables, entry.lane, making.now);
  return { result: false, events: [event(entry, 'discarded')] };
}

async function putBack(tables: Tables, entry: Entry): Promise<Mended<Entry>> {
  await tables.putEntry(entry);
  return { result: entry, events: [event(entry, entry.state)] };
}

async function existing(tables: Tables, key: string): Promise<Listed> {
  const entry = await tables.entry(key);
  if (entry === undefined) throw new LocalError('unknown-key', `nothing waits under the key ${key}`);
  return entry;
}

async function sendable(tables: Tables, key: string): Promise<Listed> {
  const entry = await existing(tables, key);
  if (!entry.readable) throw new LocalError('wrong-state', 'it cannot be read any more; it can only be discarded');
  return entry;
}

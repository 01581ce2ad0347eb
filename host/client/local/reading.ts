/** Reading what is stored as an entry: this version's, the one before, and what cannot be read. */

import { ENTRY_VERSION, type Entry, type EntryState } from './entry.ts';
import type { Problem } from './problem.ts';

/** An entry, or one that cannot be read: then it is listed as failed and never sent. */
export interface Listed extends Entry {
  readonly readable: boolean;
}

const STATES: readonly EntryState[] = ['queued', 'inflight', 'paused', 'conflict', 'failed', 'discarding'];

const UNREADABLE: Problem = {
  code: 'unreadable-entry',
  title: 'This change cannot be read any more',
  detail: 'What was kept of it on this device is damaged, or was written by a newer version.',
  status: 0,
};

/** Makes an entry of a stored value; one that cannot be read becomes a `failed` one with what is still known of it. */
export function readEntry(raw: unknown, key: string): Listed {
  const upgraded = upgrade(raw);
  return upgraded && isEntry(upgraded) ? { ...upgraded, readable: true } : unreadable(raw, key);
}

/** Version 1 did not name the app's address, how long a wait was, or older keys that an edited command replaced. */
function upgrade(raw: unknown): Record<string, unknown> | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const entry = raw as Record<string, unknown>;
  if (entry.schemaVersion === ENTRY_VERSION) return entry;
  if (entry.schemaVersion !== ENTRY_VERSION - 1) return null;
  return { base: `/api/${entry.app}`, wait: 0, replaced: [], ...entry, schemaVersion: ENTRY_VERSION };
}

function isEntry(entry: Record<string, unknown>): entry is Record<string, unknown> & Entry {
  return (
    TEXTS.every((name) => typeof entry[name] === 'string') &&
    NUMBERS.every((name) => Number.isFinite(entry[name])) &&
    STATES.includes(entry.state as EntryState) &&
    orNull(entry.lane, 'string') &&
    orNull(entry.laneSeq, 'number') &&
    orNull(entry.body, 'string') &&
    orNull(entry.baseVersion, 'number') &&
    orNull(entry.replaces, 'string') &&
    Array.isArray(entry.replaced) &&
    typeof entry.headers === 'object' &&
    entry.headers !== null
  );
}

const TEXTS = ['key', 'sub', 'client', 'app', 'base', 'describe', 'method', 'url'] as const;
const NUMBERS = ['createdAt', 'attempts', 'nextAt', 'wait'] as const;

function orNull(value: unknown, type: 'string' | 'number'): boolean {
  return value === null || typeof value === type;
}

function unreadable(raw: unknown, key: string): Listed {
  const known = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof known[name] === 'string' ? known[name] : '');
  const number = (name: string): number => (Number.isFinite(known[name]) ? (known[name] as number) : 0);
  return {
    key,
    sub: text('sub'),
    client: text('client'),
    app: text('app'),
    base: text('base'),
    describe: text('describe'),
    lane: text('lane') || null,
    laneSeq: number('laneSeq') || null,
    method: 'POST',
    url: text('url'),
    headers: {},
    body: text('body') || null,
    baseVersion: null,
    schemaVersion: number('schemaVersion'),
    createdAt: number('createdAt'),
    attempts: number('attempts'),
    nextAt: 0,
    wait: 0,
    state: 'failed',
    lastProblem: UNREADABLE,
    replaces: null,
    replaced: [],
    readable: false,
  };
}

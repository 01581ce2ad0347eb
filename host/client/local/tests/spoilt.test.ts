import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, Fetch } from '../public.ts';
import type { Tables } from '../tables.ts';
import { live, schedule } from './schedules.ts';
import type { Spoil } from './world.ts';

/** Outboxes with one mistake each: the oracle is worth something if it finds them all. */
const SPOILT: Record<string, Spoil> = {
  'deletes an entry before the server acknowledged it': {
    tables: (tables) => ({
      putEntry: (entry) => (entry.state === 'inflight' ? tables.deleteEntry(entry.key) : tables.putEntry(entry)),
    }),
  },
  'sends a new key with every attempt': { fetch: underANewKey },
  'keeps no order in lanes': { tables: withoutPlaces },
  'takes 401 for sent': { fetch: (fetch) => answered(fetch, (response) => response.status === 401) },
  'takes an answer without a receipt for sent': {
    fetch: (fetch) => answered(fetch, (response) => !response.headers.has('Portico-Receipt') && response.ok),
  },
  'recovers what a crash left under a new key': { tables: recoveredAnew },
  'forgets what it replaces': {
    tables: (tables) => ({ putEntry: (entry) => tables.putEntry({ ...entry, replaces: null, replaced: [] }) }),
  },
  'drops what it discards without a word': {
    tables: (tables) => ({
      putEntry: (entry) => (entry.state === 'discarding' ? tables.deleteEntry(entry.key) : tables.putEntry(entry)),
    }),
  },
  'takes a refusal for sent': { fetch: (fetch) => answered(fetch, (response) => response.status === 422) },
  'gives up after a gap': { fetch: (fetch) => answered(fetch, (response) => response.status === 409) },
};

describe('the oracle finds an outbox that', () => {
  it.each(Object.entries(SPOILT))('%s', { timeout: 120_000 }, async (_, spoil) => {
    const found = await fc.check(
      fc.asyncProperty(schedule, (day) => live(day, spoil)),
      { numRuns: 1_500, endOnFailure: true, seed: 1 },
    );
    expect(found.failed).toBe(true);
    expect(found.errorInstance).toMatchObject({
      message: expect.stringMatching(/lost|times|order|called done|stuck|taken back/),
    });
  });
});

let keys = 0;

function underANewKey(fetch: Fetch): Fetch {
  return async (url, init) => {
    const headers = new Headers(init.headers);
    const key = headers.get('Idempotency-Key');
    if (key === null || init.method === 'DELETE') return fetch(url, init);
    headers.set('Idempotency-Key', `${key.slice(0, 24)}${String(++keys).padStart(12, 'f')}`);
    const response = await fetch(url, { ...init, headers });
    return response.headers.has('Portico-Receipt') ? withReceipt(response, key, response.status) : response;
  };
}

/** Some answers are made a 201 with the right receipt. */
function answered(fetch: Fetch, which: (response: Response) => boolean): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    return which(response)
      ? withReceipt(response, new Headers(init.headers).get('Idempotency-Key') ?? '1', 201)
      : response;
  };
}

function withReceipt(response: Response, key: string, status: number): Response {
  const headers = new Headers(response.headers);
  headers.set('Portico-Receipt', key);
  return new Response(status === 204 ? null : response.body, { status, headers });
}

function withoutPlaces(tables: Tables): Partial<Tables> {
  return { putEntry: (entry: Entry) => tables.putEntry({ ...entry, laneSeq: null }) };
}

/** What goes from under way to waiting without an answer was left by a crash. */
function recoveredAnew(tables: Tables): Partial<Tables> {
  return {
    putEntry: async (entry) => {
      const before = await tables.entry(entry.key);
      const left = entry.state === 'queued' && before?.state === 'inflight' && entry.attempts === before.attempts;
      if (!left || entry.nextAt !== before.nextAt) return tables.putEntry(entry);
      await tables.deleteEntry(entry.key);
      await tables.putEntry({ ...entry, key: `${entry.key.slice(0, 24)}${String(++keys).padStart(12, 'e')}` });
    },
  };
}

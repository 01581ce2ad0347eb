import { describe, expect, it } from 'vitest';
import { ENTRY_VERSION, type EntryState } from '../entry.ts';
import type { Listed } from '../reading.ts';
import { send } from '../send.ts';
import type { Verdict } from '../verdict.ts';

const KEY = '01900000-0000-7000-8000-000000000001';
const USED = { status: 409, body: { type: 'https://portico.dev/problems/lane-seq-used', title: 'Used', expected: 4 } };

/** Sends an entry in the third place of a lane, to a server that answers so, one after the other. */
async function sent(state: EntryState, ...answers: { status: number; body?: unknown }[]) {
  const asked: string[] = [];
  const entry: Listed = {
    key: KEY,
    sub: 'sub-1',
    client: 'device-1',
    app: 'things',
    base: '/api/things',
    describe: 'Do it',
    lane: 'thing-1',
    laneSeq: 3,
    method: 'POST',
    url: '/api/things/do',
    headers: {},
    body: '{}',
    baseVersion: null,
    schemaVersion: ENTRY_VERSION,
    createdAt: 0,
    attempts: 1,
    nextAt: 0,
    wait: 0,
    state,
    lastProblem: null,
    replaces: null,
    replaced: [],
    readable: true,
  };
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    asked.push(`${init.method} ${url} ${headers.get('Portico-Lane-Seq')}`);
    const { status, body } = answers.shift() ?? { status: 500 };
    const text = body === undefined ? null : JSON.stringify(body);
    return new Response(text, { status, headers: { 'Portico-Receipt': headers.get('Idempotency-Key') ?? '1' } });
  };
  const verdict: Verdict = await send(
    { entry, generation: 0, resumed: 0 },
    { fetch, signal: new AbortController().signal },
  );
  return { means: verdict.means, answer: verdict.received.answer, asked };
}

describe('a command whose place is used', () => {
  const outcome = (state: string) => ({ status: 200, body: { key: KEY, state, status: null, at: '' } });

  it.each([
    ['applied', 'acknowledged'],
    ['skipped', 'skipped'],
  ])('was %s, says the server when asked: %s', async (state, means) => {
    const { asked, ...rest } = await sent('inflight', USED, outcome(state));
    expect(rest).toEqual({ means, answer: null });
    expect(asked).toEqual(['POST /api/things/do 3', `GET /api/things/_commands/${KEY} null`]);
  });

  it('gets another when nothing is known of it, and waits when nobody says', async () => {
    expect((await sent('inflight', USED, { status: 404 })).means).toBe('renumber');
    expect((await sent('inflight', USED, { status: 503 })).means).toBe('later');
  });
});

describe('what is taken back', () => {
  it('from a place that is used is taken back by its key alone', async () => {
    const { means, asked } = await sent('discarding', USED, { status: 204 });
    expect(means).toBe('acknowledged');
    const address = `DELETE /api/things/_commands/${KEY}`;
    expect(asked).toEqual([`${address} 3`, `${address} null`]);
  });
});

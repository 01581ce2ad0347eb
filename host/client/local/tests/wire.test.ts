import { describe, expect, it } from 'vitest';
import { classify } from '../classify.ts';
import { ENTRY_VERSION, type Entry } from '../entry.ts';
import { type Received, sendCommand } from '../wire.ts';

const entry: Entry = {
  key: '01900000-0000-7000-8000-000000000001',
  sub: 'sub-1',
  client: 'device-1',
  app: 'things',
  base: '/api/things',
  describe: 'Do it',
  lane: null,
  laneSeq: null,
  method: 'POST',
  url: '/api/things/graphql',
  headers: {},
  body: '{"query":"mutation { do }"}',
  baseVersion: null,
  schemaVersion: ENTRY_VERSION,
  createdAt: 0,
  attempts: 1,
  nextAt: 0,
  wait: 0,
  state: 'inflight',
  lastProblem: null,
  replaces: null,
  replaced: [],
};

function answered(body: unknown, init: ResponseInit = {}, more: Partial<Entry> = {}): Promise<Received> {
  const headers = { 'Portico-Receipt': entry.key, ...(init.headers as Record<string, string>) };
  const response = new Response(body === undefined ? null : JSON.stringify(body), { ...init, headers });
  return sendCommand({ ...entry, ...more }, 0, { fetch: async () => response, signal: new AbortController().signal });
}

const refusal = (extensions?: object, path?: string[]) => ({
  data: null,
  errors: [{ message: 'No', ...(extensions && { extensions }), ...(path && { path }) }],
});

describe('a GraphQL answer', () => {
  it('without errors means that the command was done', async () => {
    expect(classify(await answered({ data: { do: 1 } }))).toBe('acknowledged');
  });

  it('counts by what the BFF says that it stands for', async () => {
    const body = refusal({ code: 'conflict', status: 412, current: { version: 3 } }, ['do']);
    const received = await answered(body, { headers: { 'Portico-Status': '412' } });
    expect(received).toMatchObject({ status: 412, problem: { code: 'conflict', current: { version: 3 } } });
    expect(classify(received)).toBe('conflict');
  });

  it.each([
    ['its own', { code: 'role-required', status: 403 }, ['do'], 403, 'failed'],
    ['none, for a field', undefined, ['do'], 500, 'later'],
    ['none, before any field', undefined, undefined, 400, 'failed'],
    ['one that is no refusal', { status: 200 }, ['do'], 500, 'later'],
  ])('with errors is never taken as done, whoever made it: %s', async (_, extensions, path, status, means) => {
    const received = await answered(refusal(extensions, path));
    expect(received.status).toBe(status);
    expect(classify(received)).toBe(means);
  });

  it('with errors beside data was not done either', async () => {
    expect(classify(await answered({ ...refusal({ status: 422 }, ['do']), data: { other: 1 } }))).toBe('failed');
  });
});

describe('a REST answer', () => {
  it('may have errors of its own: they are a part of what was done', async () => {
    const received = await answered({ errors: [{ message: 'A line was left out' }] }, {}, { url: '/api/things/do' });
    expect(classify(received)).toBe('acknowledged');
  });
});

describe('an answer', () => {
  it('with the receipt of another command, or of none, is no answer', async () => {
    for (const receipt of ['1', '01900000-0000-7000-8000-000000000002', '']) {
      const received = await answered({ data: {} }, { headers: { 'Portico-Receipt': receipt } });
      expect(classify(received)).toBe('later');
      expect(received.problem?.code).toBe('no-receipt');
    }
  });
});

import type { EntryEvent } from '@portico/local';
import { GraphQLError, ProblemError } from '@portico/sdk';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../offline/result.ts';
import { Waits } from '../../offline/waits.ts';

const event = (state: EntryEvent['state'], more: Partial<EntryEvent> = {}): EntryEvent => ({
  kind: 'entry',
  key: 'k1',
  app: 'things',
  lane: null,
  state,
  ...more,
});
const done = event('acknowledged', { response: { status: 200, headers: {}, body: { id: 7 }, replayed: false } });

describe('the end of a command', () => {
  it('is the answer, or the data of a GraphQL answer', () => {
    expect(endOf(done, false)).toEqual({ state: 'accepted', key: 'k1', data: { id: 7 } });
    const body = { data: { rename: { id: 7 } } };
    const graphql = event('acknowledged', { response: { status: 200, headers: {}, body, replayed: false } });
    expect(endOf(graphql, true)).toMatchObject({ data: { rename: { id: 7 } } });
  });

  it('is without data when only that it was done is known', () => {
    expect(endOf(event('acknowledged'), false)).toEqual({ state: 'accepted', key: 'k1', data: undefined });
  });

  it('is a typed error when it was refused', () => {
    const problem = { code: 'not-valid', title: 'Not valid', status: 422, errors: [{ pointer: '/a', detail: 'b' }] };
    const end = endOf(event('failed', { problem }), false);
    expect(end?.state === 'rejected' && end.error).toBeInstanceOf(ProblemError);
    expect(end).toMatchObject({ error: { code: 'not-valid', status: 422, errors: [{ pointer: '/a', detail: 'b' }] } });
  });

  it('is a GraphQL error with a code when a mutation was refused', () => {
    const problem = { code: 'conflict', title: 'Changed', status: 412, current: { version: 3 } };
    const end = endOf(event('conflict', { problem }), true);
    expect(end?.state === 'rejected' && end.error).toBeInstanceOf(GraphQLError);
    expect(end).toMatchObject({ error: { code: 'conflict', message: 'Changed' } });
  });

  it('is not there while it waits', () => {
    for (const state of ['queued', 'inflight', 'paused', 'discarding'] as const)
      expect(endOf(event(state), false)).toBeNull();
  });
});

describe('whoever waits', () => {
  it('is told once, and whoever asks late knows', async () => {
    const waits = new Waits();
    const next = waits.next('k1');
    waits.hear(event('inflight'), false);
    waits.hear(done, false);
    expect(await next).toMatchObject({ state: 'accepted' });
    expect(waits.known('k1')).toMatchObject({ state: 'accepted' });
  });

  it('learns how the edited command ended', async () => {
    const waits = new Waits();
    const next = waits.next('k1');
    waits.hear(event('queued', { key: 'k2', replaces: 'k1' }), false);
    waits.hear(event('discarded'), false);
    waits.hear({ ...done, key: 'k2' }, false);
    expect(await next).toMatchObject({ state: 'accepted', key: 'k2' });
    expect(waits.known('k1')).toMatchObject({ key: 'k2' });
    expect(waits.current('k1')).toBe('k2');
  });

  it('is not told a refusal that has been tried again', () => {
    const waits = new Waits();
    waits.hear(event('failed'), false);
    waits.hear(event('queued'), false);
    expect(waits.known('k1')).toBeUndefined();
  });

  it('forgets the oldest of many ends', () => {
    const waits = new Waits();
    for (let count = 0; count < 300; count++) waits.hear({ ...done, key: `k${count}` }, false);
    expect(waits.known('k0')).toBeUndefined();
    expect(waits.known('k299')).toBeDefined();
  });
});

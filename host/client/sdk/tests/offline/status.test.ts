import { describe, expect, it } from 'vitest';
import { asOf, type Change, FIRST, reduce, type StatusState } from '../../offline/status.ts';

const through = (...changes: Change[]): StatusState => changes.reduce(reduce, FIRST);
const read = (app: string, url: string, at: string | null): Change => ({
  kind: 'read',
  app,
  url,
  asOf: at,
  stale: at === null ? null : 'network',
});

describe('the status', () => {
  it('is the same object when nothing changed, so that nobody is told for nothing', () => {
    const state = through({ kind: 'reached', online: false });
    expect(reduce(state, { kind: 'reached', online: false })).toBe(state);
    expect(reduce(state, { kind: 'entries', pending: 0, attention: 0 })).toBe(state);
  });

  it('remembers the region while there is no live connection', () => {
    const { status } = through(
      { kind: 'live', live: 'stream', region: 'north' },
      { kind: 'live', live: 'off', region: null },
    );
    expect(status).toMatchObject({ live: 'off', region: 'north' });
  });

  it('waits for a sign-in as long as the outbox or the live connection does', () => {
    const both = through({ kind: 'paused', paused: true }, { kind: 'signed-out', signedOut: true });
    const one = reduce(both, { kind: 'signed-out', signedOut: false });
    expect(one.status.paused).toBe(true);
    expect(reduce(one, { kind: 'paused', paused: false }).status.paused).toBe(false);
    expect(reduce(both, { kind: 'paused', paused: true })).toBe(both);
  });

  it('counts what was confirmed', () => {
    expect(through({ kind: 'sent' }, { kind: 'sent' }).status.sent).toBe(2);
  });

  it('tells the oldest of what is not fresh, for the page and for each app', () => {
    const state = through(
      read('things', '/a', '2026-01-02T10:00:00Z'),
      read('things', '/b', '2026-01-02T09:00:00Z'),
      read('notes', '/a', '2026-01-02T08:00:00Z'),
    );
    expect(state.status.staleSince).toEqual(new Date('2026-01-02T08:00:00Z'));
    expect(asOf(state, 'things')).toEqual(new Date('2026-01-02T09:00:00Z'));
    expect(asOf(state, 'other')).toBeNull();
  });

  it('is fresh again when all that was stale was read anew, or its app has left', () => {
    const state = through(
      read('things', '/a', '2026-01-02T10:00:00Z'),
      read('notes', '/a', '2026-01-02T08:00:00Z'),
      read('things', '/a', null),
    );
    expect(asOf(state, 'things')).toBeNull();
    expect(reduce(state, { kind: 'left', app: 'notes' }).status.staleSince).toBeNull();
  });

  it('does not take an app for another whose name begins alike', () => {
    const state = through(read('thing', '/a', '2026-01-02T10:00:00Z'));
    expect(asOf(state, 'thin')).toBeNull();
    expect(reduce(state, { kind: 'left', app: 'thin' }).status.staleSince).not.toBeNull();
  });
});

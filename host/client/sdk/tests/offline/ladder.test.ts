import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attempt,
  after,
  climb,
  type End,
  GROUND,
  type Ladder,
  PROBE_AFTER_MS,
  pause,
  transportOf,
} from '../../offline/ladder.ts';

const NOW = 5_000_000;
const quick: Attempt = { end: { kind: 'ended' }, hello: true, lastedMs: 200 };
const long: Attempt = { end: { kind: 'ended' }, hello: true, lastedMs: 300_000 };
const mute: Attempt = { end: { kind: 'silent' }, hello: false, lastedMs: 3_000 };
const through = (attempts: readonly Attempt[], from: Ladder = GROUND): Ladder =>
  attempts.reduce((ladder, attempt) => after(ladder, attempt, NOW), from);

describe('the ladder of transports', () => {
  it('starts with a stream', () => {
    expect(transportOf(GROUND)).toBe('stream');
  });

  it('goes down when no hello comes', () => {
    expect(transportOf(through([mute]))).toBe('socket');
    expect(transportOf(through([mute, mute]))).toBe('poll');
    expect(transportOf(through([mute, mute, mute]))).toBe('poll');
  });

  it('goes down after three connections in a row that end within a second', () => {
    expect(transportOf(through([quick, quick]))).toBe('stream');
    expect(transportOf(through([quick, quick, quick]))).toBe('socket');
    expect(transportOf(through([quick, quick, long, quick, quick]))).toBe('stream');
  });

  it('loses no rung when there is no network, or when the server refuses', () => {
    const offline: Attempt = { end: { kind: 'unreachable' }, hello: false, lastedMs: 2 };
    const busy: Attempt = { end: { kind: 'refused', status: 503, retryMs: null }, hello: false, lastedMs: 2 };
    const ladder = through(Array.from({ length: 20 }, (_, index) => (index % 2 ? offline : busy)));
    expect(transportOf(ladder)).toBe('stream');
  });

  it('keeps its rung when a connection that worked falls silent', () => {
    expect(transportOf(through([{ ...mute, hello: true, lastedMs: 60_000 }]))).toBe('stream');
  });

  it('tries the top again after ten minutes', () => {
    const low = through([mute, mute]);
    expect(transportOf(climb(low, NOW + PROBE_AFTER_MS - 1))).toBe('poll');
    expect(transportOf(climb(low, NOW + PROBE_AFTER_MS))).toBe('stream');
  });
});

describe('the pause before the next connection', () => {
  const chance = (value: number) => () => value;

  it('is what the server said, plus a spread', () => {
    expect(pause(GROUND, { kind: 'bye', retryMs: 4_000 }, chance(0.5))).toBe(4_500);
    expect(pause(GROUND, { kind: 'refused', status: 429, retryMs: 30_000 }, chance(0))).toBe(30_000);
  });

  it('is short after a connection that worked', () => {
    expect(pause(through([long]), long.end, chance(0.9))).toBe(900);
  });

  it('doubles its limit with every failure, up to a minute', () => {
    const offline: Attempt = { end: { kind: 'unreachable' }, hello: false, lastedMs: 2 };
    const limits = [1, 2, 3, 10, 100].map((count) =>
      pause(through(Array.from({ length: count }, () => offline)), offline.end, chance(1)),
    );
    expect(limits).toEqual([2_000, 4_000, 8_000, 60_000, 60_000]);
  });

  it('stays within bounds whatever happens', () => {
    const ends: fc.Arbitrary<End> = fc.oneof(
      fc.constantFrom<End>({ kind: 'ended' }, { kind: 'unreachable' }, { kind: 'silent' }, { kind: 'stopped' }),
      fc.nat(60_000).map((retryMs): End => ({ kind: 'bye', retryMs })),
      fc.record({
        kind: fc.constant('refused' as const),
        status: fc.constantFrom(429, 503),
        retryMs: fc.constant(null),
      }),
    );
    const attempts = fc.array(fc.record({ end: ends, hello: fc.boolean(), lastedMs: fc.nat(1_000_000) }), {
      minLength: 1,
    });
    return fc.assert(
      fc.property(attempts, fc.double({ min: 0, max: 1, noNaN: true }), (all, random) => {
        const ladder = through(all);
        const ms = pause(ladder, all[all.length - 1]?.end ?? { kind: 'ended' }, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(61_000);
        expect([0, 1, 2]).toContain(ladder.rung);
      }),
      { seed: 1 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_MS, CAP_MS, delay, isOver, RETRY_AFTER_CAP_MS, waitFrom } from '../backoff.ts';

describe('a wait', () => {
  it('is anything up to base × 2^(attempts - 1), at most the cap', () => {
    const most = [1, 2, 3, 4, 9, 10, 400].map((attempts) => delay(attempts, null, () => 1));
    expect(most).toEqual([1, 2, 4, 8, 256, 300, 300].map((seconds) => seconds * 1_000));
    expect(delay(5, null, () => 0)).toBe(100);
  });

  it('is at least what the server asked for, within reason', () => {
    fc.assert(
      fc.property(fc.nat(3_600), fc.double({ min: 0, max: 0.999, noNaN: true }), (seconds, chance) => {
        const ms = delay(1, seconds, () => chance);
        return ms >= seconds * 1_000 && ms <= seconds * 1_000 + BASE_MS;
      }),
      { seed: 1 },
    );
    expect(delay(1, 999_999_999, () => 0)).toBe(RETRY_AFTER_CAP_MS);
  });

  it('is over at its end, and when the clock says a time before it began', () => {
    const wait = waitFrom(1_000_000, CAP_MS);
    expect([1_000_000, 1_000_000 + CAP_MS - 1].map((now) => isOver(wait, now))).toEqual([false, false]);
    expect([1_000_000 + CAP_MS, 999_999, 0].map((now) => isOver(wait, now))).toEqual([true, true, true]);
  });
});

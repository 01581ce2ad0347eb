import { describe, expect, it, vi } from 'vitest';
import { idempotencyKey } from '../idempotency.ts';

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('an idempotency key', () => {
  it('is a UUID of version 7 and differs every time', () => {
    const keys = Array.from({ length: 1000 }, idempotencyKey);
    for (const key of keys) expect(key).toMatch(VERSION_7);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('begins with the time in milliseconds, so that keys sort by it', () => {
    vi.useFakeTimers({ now: 0x0192_3456_789a });
    expect(idempotencyKey()).toMatch(/^01923456-789a-7/);
    const early = idempotencyKey();
    vi.advanceTimersByTime(1);
    expect(early < idempotencyKey()).toBe(true);
    vi.useRealTimers();
  });
});

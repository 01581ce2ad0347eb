/** How long to wait before sending again, and when a wait is over. Milliseconds. */

import type { Random } from './ports.ts';

export const BASE_MS = 1_000;
export const CAP_MS = 5 * 60_000;
/** What a server asks for is honoured up to this. */
export const RETRY_AFTER_CAP_MS = 60 * 60_000;
const LEAST_MS = 100;

/**
 * Full jitter: anything between nothing and base × 2^(attempts - 1), at most the cap. A server's `Retry-After` (seconds) is
 * waited for in full, and a little more so that not everybody comes back at once.
 */
export function delay(attempts: number, retryAfter: number | null, random: Random): number {
  if (retryAfter !== null) return Math.min(retryAfter * 1_000, RETRY_AFTER_CAP_MS) + random() * BASE_MS;
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(Math.max(attempts, 1) - 1, 30));
  return Math.max(LEAST_MS, random() * ceiling);
}

/** A wait as it is stored. */
export interface Wait {
  readonly nextAt: number;
  readonly wait: number;
}

export const NO_WAIT: Wait = { nextAt: 0, wait: 0 };

export function waitFrom(now: number, ms: number): Wait {
  return { nextAt: now + ms, wait: ms };
}

/** Whether a wait is over; also when the clock now says a time before it began, or it would never end. */
export function isOver({ nextAt, wait }: Wait, now: number): boolean {
  return now >= nextAt || now < nextAt - wait;
}

/** Whether a wait began at this time or before. */
export function beganBy({ nextAt, wait }: Wait, time: number): boolean {
  return nextAt - wait <= time;
}

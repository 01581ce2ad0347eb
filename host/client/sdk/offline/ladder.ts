/**
 * Which transport live updates use, and how long to wait before the next connection. Pure.
 *
 * One rung down when no `hello` comes in time, or when three connections in a row end within a second: something between
 * page and server holds streams back or cuts them. Back to the top after ten minutes, to see whether that is over.
 */

/** The transports, best first. */
export const RUNGS = ['stream', 'socket', 'poll'] as const;
export type Rung = (typeof RUNGS)[number];

/** How long a connection may take to say `hello`, in ms. A poll has to get a whole answer and nothing is below it. */
export const HELLO_LIMIT_MS = 3_000;
export const POLL_HELLO_LIMIT_MS = 20_000;
export const SHORT_MS = 1_000;
export const SHORT_ENDS = 3;
export const PROBE_AFTER_MS = 600_000;
const BASE_MS = 1_000;
const CAP_MS = 60_000;
const SPREAD_MS = 1_000;

/** How a connection ended. */
export type End =
  /** It was accepted, and closed or cut later. */
  | { readonly kind: 'ended' }
  /** The server said goodbye, and when to come back. */
  | { readonly kind: 'bye'; readonly retryMs: number }
  /** The server answered with an error status. */
  | { readonly kind: 'refused'; readonly status: number; readonly retryMs: number | null }
  /** No answer, or one that is not from the server (a captive portal). */
  | { readonly kind: 'unreachable' }
  /** Accepted, and then no `hello`, or nothing at all for longer than heartbeats allow. */
  | { readonly kind: 'silent' }
  /** Ended by this page. */
  | { readonly kind: 'stopped' };

/** One connection that is over. */
export interface Attempt {
  readonly end: End;
  /** Whether `hello` came. */
  readonly hello: boolean;
  /** From the call to the end, in ms. */
  readonly lastedMs: number;
}

/** Where on the ladder a client is. */
export interface Ladder {
  readonly rung: number;
  /** Connections in a row that ended at once. */
  readonly short: number;
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
  /** When the present rung was taken, ms since the epoch. */
  readonly since: number;
}

export const GROUND: Ladder = { rung: 0, short: 0, failures: 0, since: 0 };

/** The transport of a rung. */
export function transportOf({ rung }: Ladder): Rung {
  return RUNGS[rung] ?? 'poll';
}

/** Back to the top once the time has come. */
export function climb(ladder: Ladder, now: number): Ladder {
  return ladder.rung > 0 && now - ladder.since >= PROBE_AFTER_MS
    ? { ...ladder, rung: 0, short: 0, since: now }
    : ladder;
}

/** The ladder after a connection. A person who is offline, or whom the server refused, loses no rung by it. */
export function after(ladder: Ladder, attempt: Attempt, now: number): Ladder {
  const { end, hello, lastedMs } = attempt;
  if (end.kind === 'stopped') return ladder;
  const failures = hello && lastedMs >= SHORT_MS ? 0 : ladder.failures + 1;
  if (end.kind === 'unreachable' || end.kind === 'refused') return { ...ladder, failures };
  if (end.kind === 'silent' && !hello) return demoted({ ...ladder, failures }, now);
  const short = end.kind === 'ended' && lastedMs < SHORT_MS ? ladder.short + 1 : 0;
  return short >= SHORT_ENDS ? demoted({ ...ladder, failures }, now) : { ...ladder, failures, short };
}

function demoted(ladder: Ladder, now: number): Ladder {
  return { ...ladder, rung: Math.min(ladder.rung + 1, RUNGS.length - 1), short: 0, failures: 0, since: now };
}

/**
 * How long to wait before the next connection, in ms; `random` gives 0..1.
 *
 * What the server said counts, plus a spread of up to a second; otherwise full jitter over a limit that doubles.
 */
export function pause(ladder: Ladder, end: End, random: () => number): number {
  const said = end.kind === 'bye' || end.kind === 'refused' ? end.retryMs : null;
  if (said !== null) return said + random() * SPREAD_MS;
  if (ladder.failures === 0) return random() * SPREAD_MS;
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(ladder.failures, 16));
}

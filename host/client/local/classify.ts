/** What an answer means for a command: one table, nothing else decides. */

import type { Problem } from './problem.ts';

/** An answer, read to its end. */
export interface Answered {
  /** `Portico-Status`, else the HTTP status. */
  readonly status: number;
  /** Whether it carries the receipt that this request must get: without it, something else than Portico answered. */
  readonly receipt: boolean;
  readonly problem: Problem | null;
  /** Seconds; null without a usable `Retry-After`. */
  readonly retryAfter: number | null;
}

/**
 * The classes of answers.
 *
 * `acknowledged`: done. `wait`: the same again after a while, nothing is wrong. `gap`: the server waits for another
 * number of the lane. `used`: the number was used by a command that the server does not know under this key. `conflict`: the
 * entity was changed meanwhile. `failed`: refused for good. `bug`: refused because of a mistake in the program. `expired`: its
 * key, or one that it replaces, is of another time: the server cannot know whether it was done, or the key's clock was wrong. `skipped`: it was taken back. `applied`: what it replaces or takes back
 * had been done. `signed-out`, `other-person`: everything pauses. `later`: no answer, or one that says "not now".
 */
export type AnswerClass =
  | 'acknowledged'
  | 'wait'
  | 'gap'
  | 'used'
  | 'conflict'
  | 'failed'
  | 'bug'
  | 'expired'
  | 'skipped'
  | 'applied'
  | 'signed-out'
  | 'other-person'
  | 'later';

interface Row {
  readonly when: (status: number) => boolean;
  readonly code?: string;
  readonly means: AnswerClass;
}

const is =
  (...statuses: number[]) =>
  (status: number): boolean =>
    statuses.includes(status);
const between =
  (from: number, to: number) =>
  (status: number): boolean =>
    status >= from && status <= to;

/** The first row that fits decides. */
export const ANSWERS: readonly Row[] = [
  { when: between(200, 299), means: 'acknowledged' },
  { when: is(400), code: 'idempotency-key-invalid', means: 'expired' },
  { when: is(401), code: 'other-person', means: 'other-person' },
  { when: is(401), means: 'signed-out' },
  { when: is(408, 425, 429), means: 'later' },
  { when: is(409), code: 'lane-gap', means: 'gap' },
  { when: is(409), code: 'lane-seq-used', means: 'used' },
  { when: is(409), code: 'command-applied', means: 'applied' },
  { when: is(409), code: 'command-in-progress', means: 'wait' },
  { when: is(410), code: 'command-skipped', means: 'skipped' },
  { when: is(410), code: 'idempotency-key-expired', means: 'expired' },
  { when: is(412), means: 'conflict' },
  { when: is(422), code: 'idempotency-key-reused', means: 'bug' },
  { when: between(400, 499), means: 'failed' },
  { when: between(500, 599), means: 'later' },
];

/** The class of an answer. No receipt, a redirect, or a status that is none: as if there were no network. */
export function classify(answer: Answered): AnswerClass {
  if (!answer.receipt) return 'later';
  const code = answer.problem?.code;
  const row = ANSWERS.find(
    ({ when, code: wanted }) => when(answer.status) && (wanted === undefined || wanted === code),
  );
  if (row === undefined) return 'later';
  // A server that says "come back in a while" to a 409 of its own has not decided.
  return row.means === 'failed' && answer.status === 409 && answer.retryAfter !== null ? 'wait' : row.means;
}

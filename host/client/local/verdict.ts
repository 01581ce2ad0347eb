/** What came of sending one entry, ready to be written down. */

import type { AnswerClass } from './classify.ts';
import type { Listed } from './reading.ts';
import type { Received } from './wire.ts';

/** An entry as it was sent. */
export interface Sent {
  readonly entry: Listed;
  /** The generation of its lane, whose number it was sent with. */
  readonly generation: number;
  /** How often the outbox had been told to go on by then. */
  readonly resumed: number;
}

/**
 * `means` is the answer's class, or: `renumber` (its number was used up and it was not done), `aborted` (nobody
 * waited for the answer).
 */
export interface Verdict {
  readonly means: AnswerClass | 'renumber' | 'aborted';
  readonly received: Received;
}

/** Sends one entry, with the further questions that an answer may call for. */

import { classify } from './classify.ts';
import type { Entry } from './entry.ts';
import type { Sent, Verdict } from './verdict.ts';
import {
  askOutcome,
  MOST_REPLACED,
  predecessors,
  type Received,
  type Sending,
  sendCommand,
  sendDiscard,
} from './wire.ts';

/** Sends a command, or takes back one that is being discarded. Never rejects. */
export function send({ entry, generation }: Sent, sending: Sending): Promise<Verdict> {
  return entry.state === 'discarding' ? discard(entry, generation, sending) : command(entry, generation, sending);
}

async function command(entry: Entry, generation: number, sending: Sending): Promise<Verdict> {
  const surplus = await takeBack(entry, predecessors(entry).slice(0, -MOST_REPLACED), sending);
  if (surplus) return surplus;
  const verdict = judged(await sendCommand(entry, generation, sending));
  return verdict.means === 'used' ? whatBecameOf(entry, sending) : verdict;
}

async function discard(entry: Entry, generation: number, sending: Sending): Promise<Verdict> {
  const before = await takeBack(entry, predecessors(entry), sending);
  if (before) return before;
  const verdict = judged(await sendDiscard(entry, entry.key, generation, sending));
  if (verdict.means !== 'used') return verdict;
  return judged(await sendDiscard(entry, entry.key, null, sending)); // its place is taken: its key is all there is to skip
}

/** Takes back older keys; a verdict when one could not be. */
async function takeBack(entry: Entry, keys: readonly string[], sending: Sending): Promise<Verdict | null> {
  for (const key of keys) {
    const verdict = judged(await sendDiscard(entry, key, null, sending));
    if (verdict.means !== 'acknowledged' && verdict.means !== 'skipped') return verdict;
  }
  return null;
}

/** Its number is used, but not under its key, as far as the answer told: the server knows which. */
async function whatBecameOf(entry: Entry, sending: Sending): Promise<Verdict> {
  const verdict = judged(await askOutcome(entry, sending));
  const { received } = verdict;
  if (received.receipt && received.status === 404) return { means: 'renumber', received };
  if (verdict.means !== 'acknowledged') return verdict;
  const state = (received.answer?.body as { state?: unknown } | undefined)?.state;
  // The answer tells of the command, it is not the command's own.
  return { means: state === 'skipped' ? 'skipped' : 'acknowledged', received: { ...received, answer: null } };
}

function judged(received: Received): Verdict {
  return { means: classify(received), received };
}

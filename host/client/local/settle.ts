/** Writes down what came of sending an entry: the only place where an entry moves because of an answer. */

import { delay, NO_WAIT, waitFrom } from './backoff.ts';
import type { Entry } from './entry.ts';
import type { EntryEvent, LocalEvent } from './events.ts';
import { confirmPlace, renumber } from './lanes.ts';
import { dropPatches, markPatches } from './patch-rows.ts';
import type { Random } from './ports.ts';
import type { Problem } from './problem.ts';
import type { Listed } from './reading.ts';
import type { Tables } from './tables.ts';
import type { Sent, Verdict } from './verdict.ts';

export interface Settling {
  readonly now: number;
  readonly random: Random;
  /** Lanes that were numbered anew in this flush: the next time waits, so that nothing turns in circles. */
  readonly renumbered: Set<string>;
}

const DAY_MS = 24 * 60 * 60_000;

/** The code of the problem of an entry that the server will neither do nor skip. */
export const DISCARD_REFUSED = 'discard-refused';

/** Everything that the cases below need. */
interface Case extends Sent, Verdict {
  readonly tables: Tables;
  /** The entry as it is now. */
  readonly now: Listed;
  readonly settling: Settling;
}

/** Returns what is to be told once the transaction has completed. */
export async function settle(tables: Tables, sent: Sent, verdict: Verdict, settling: Settling): Promise<LocalEvent[]> {
  const now = await tables.entry(sent.entry.key);
  if (now === undefined) return []; // edited meanwhile: what replaced it will learn what became of it
  const is: Case = { ...sent, ...verdict, tables, now, settling };
  if (verdict.means === 'signed-out' || verdict.means === 'other-person') return pause(is, verdict.means);
  if (sent.entry.state === 'discarding') return settleDiscard(is);
  if (now.state === 'inflight') return settleCommand(is);
  // The person decided something while it was under way; that it was done, or never will be, is true all the same.
  if (verdict.means === 'acknowledged') return done(is, now.state === 'discarding' ? HAD_BEEN_DONE : null);
  return verdict.means === 'skipped' ? skipped(is) : [];
}

async function settleCommand(is: Case): Promise<LocalEvent[]> {
  switch (is.means) {
    case 'acknowledged':
      return done(is, null);
    case 'skipped':
      return skipped(is);
    case 'conflict':
      return refuse(is, { state: 'conflict' });
    case 'failed':
    case 'bug':
      return refuse(is, { state: 'failed' });
    case 'expired':
      await noteSkew(is);
      return refuse(is, { state: 'failed' });
    case 'applied': {
      // What it replaces had been done, at this place of the lane: it has no place there any more.
      const told = await refuse(is, { state: 'failed', laneSeq: null });
      await confirm(is);
      return told;
    }
    default:
      return again(is, 'queued');
  }
}

async function settleDiscard(is: Case): Promise<LocalEvent[]> {
  switch (is.means) {
    case 'acknowledged':
    case 'skipped':
      return skipped(is);
    case 'applied':
      return done(is, is.received.problem);
    case 'conflict':
    case 'failed':
    case 'bug':
    case 'expired':
      return refuse(is, { state: 'failed', lastProblem: { ...problemIn(is), code: DISCARD_REFUSED } });
    default:
      return again(is, 'discarding');
  }
}

/** The server has done it: the entry goes. */
async function done(is: Case, problem: Problem | null): Promise<LocalEvent[]> {
  const { tables, now, settling, received } = is;
  await Promise.all([
    tables.deleteEntry(now.key),
    markPatches(tables, now.key, 'confirmed', settling.now),
    confirm(is),
  ]);
  const response = is.entry.state === 'discarding' ? null : received.answer;
  return [event(now, 'acknowledged', { ...(response && { response }), ...(problem && { problem }) })];
}

/** It will never be done: the entry goes. */
async function skipped(is: Case): Promise<LocalEvent[]> {
  await is.tables.deleteEntry(is.now.key);
  await dropPatches(is.tables, is.now.key);
  await confirm(is);
  return [event(is.now, 'discarded')];
}

/** The person decides. */
async function refuse(is: Case, change: Partial<Entry>): Promise<LocalEvent[]> {
  const entry = { ...is.now, ...NO_WAIT, lastProblem: problemIn(is), ...change };
  await is.tables.putEntry(entry);
  await markPatches(is.tables, entry.key, 'hidden', is.settling.now);
  return [event(entry, entry.state, { problem: entry.lastProblem ?? problemIn(is) })];
}

/** Nothing is decided: the same key is sent again, sooner or later. */
async function again(is: Case, state: 'queued' | 'discarding'): Promise<LocalEvent[]> {
  const { tables, now, settling, received } = is;
  const anew = is.means === 'renumber' || (is.means === 'gap' && (await isLost(is)));
  const first = anew && now.lane !== null && !settling.renumbered.has(now.lane);
  const wait = is.means === 'aborted' || first ? 0 : delay(now.attempts, received.retryAfter, settling.random);
  const entry: Entry = {
    ...now,
    state,
    ...(wait === 0 ? NO_WAIT : waitFrom(settling.now, wait)),
    attempts: state === 'discarding' ? now.attempts + 1 : now.attempts,
    lastProblem: is.means === 'aborted' ? now.lastProblem : problemIn(is),
  };
  await tables.putEntry(entry);
  if (anew && now.lane !== null) {
    settling.renumbered.add(now.lane);
    if ((await tables.lane(now.lane))?.generation === is.generation) await renumber(tables, now.lane, settling.now);
  }
  return [event(entry, state, { ...(entry.lastProblem && { problem: entry.lastProblem }) })];
}

/**
 * The first of a lane is told that the server waits for an earlier one: those were confirmed, so the server's counter was lost.
 * If that is not sure, the second time says so.
 */
async function isLost({ tables, now, received }: Case): Promise<boolean> {
  if (now.lane === null) return false;
  const acknowledged = (await tables.lane(now.lane))?.acknowledged ?? 0;
  return (received.problem?.expected ?? 0) <= acknowledged || now.lastProblem?.code === 'lane-gap';
}

/**
 * Nothing is sent until the person has signed in; the attempt does not count, for nothing was run. A late answer, to what was sent
 * before a sign-in, says nothing of the session that there is now: that is sent once more, and nothing pauses.
 */
async function pause(is: Case, reason: 'signed-out' | 'other-person'): Promise<LocalEvent[]> {
  const { tables, now } = is;
  const late = ((await tables.meta('resumed')) ?? 0) !== is.resumed;
  if (!late) await tables.putMeta('paused', reason);
  const told: LocalEvent[] = late ? [] : [{ kind: 'paused', paused: true }];
  if (now.state !== 'inflight') return told;
  const entry: Entry = { ...now, ...NO_WAIT, state: 'queued', attempts: is.entry.attempts - 1 };
  await tables.putEntry(entry);
  return [...told, event(entry, late ? 'queued' : 'paused', { problem: problemIn(is) })];
}

/** A key of another time may be this device's clock's fault: the next ones are made by the server's. */
async function noteSkew({ tables, received, settling }: Case): Promise<void> {
  const skew = received.date === null ? 0 : received.date - settling.now;
  await tables.putMeta('skew', Math.abs(skew) > DAY_MS ? Math.round(skew) : 0);
}

function confirm({ tables, entry, generation, settling }: Case): Promise<void> {
  return confirmPlace(tables, entry.lane, entry.laneSeq, generation, settling.now);
}

function problemIn({ received }: Case): Problem {
  return received.problem ?? { code: 'no-answer', title: 'The server gave no usable answer', status: received.status };
}

const HAD_BEEN_DONE: Problem = {
  code: 'command-applied',
  title: 'Done already',
  detail: 'It had been done before it could be taken back.',
  status: 409,
};

export function event(
  entry: Pick<Entry, 'key' | 'app' | 'lane'>,
  state: EntryEvent['state'],
  more: Partial<EntryEvent> = {},
): EntryEvent {
  return { kind: 'entry', key: entry.key, app: entry.app, lane: entry.lane, state, ...more };
}

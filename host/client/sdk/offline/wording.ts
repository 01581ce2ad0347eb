/** What a person reads of what is kept on the device, in the page's language. */

import type { Listed, Problem } from '@portico/local';
import { locale } from '../i18n/locale.ts';
import type { Status } from './status.ts';
import { ar } from './words/ar.ts';
import { en, type Words } from './words/en.ts';

export { timeOf } from './time-of.ts';

/** Both are at hand: what says that there is no network must not need one. */
const words: Words = /^ar\b/.test(locale()) ? ar : en;

export const { LINE, STATE, QUEUE, INBOX, TOAST, SIGN_OUT, PUSH, NOT_KEPT, NO_ROOM, DISCARDED } = words;

/** A problem to be shown: what the device itself has noted, in the page's language; a server's words as they are. */
export function inWords(problem: Problem): Problem {
  const { code, status, title } = problem;
  if (code === 'network' && status === 0) return { ...problem, ...words.NO_ANSWER };
  if (code === 'no-receipt') return { ...problem, ...words.NO_RECEIPT };
  return title === en.NO_WORDS.title(status) ? { ...problem, title: words.NO_WORDS.title(status) } : problem;
}

const SOON_MS = 60_000;

/** The state of an entry in words. */
export function stateOf({ state, nextAt, attempts }: Listed, now: number = Date.now()): string {
  if (state !== 'queued' || attempts === 0) return STATE[state];
  return nextAt - now < SOON_MS ? STATE.soon : STATE.later(new Date(nextAt));
}

/** What the status line shows: a sentence, and what can be done about it. */
export interface Line {
  readonly kind: 'paused' | 'unsent' | 'attention' | 'offline' | 'pending' | 'sent' | 'stale' | 'new-version';
  readonly text: string;
  readonly action?: 'sign-in' | 'show' | 'reload';
}

/** The most important thing that there is to say; `null` when all is well. `sent` right after the last was sent. */
export function lineOf(status: Status, sent: boolean): Line | null {
  const { pending, attention, staleSince } = status;
  if (status.paused) return { kind: 'paused', text: LINE.paused(pending), action: 'sign-in' };
  if (status.unsent) return { kind: 'unsent', text: LINE.unsent, action: 'sign-in' };
  if (attention) return { kind: 'attention', text: LINE.attention(attention), action: 'show' };
  if (!status.online) return offlineLine(status);
  if (pending) return { kind: 'pending', text: LINE.pending(pending), action: 'show' };
  if (sent) return { kind: 'sent', text: LINE.sent };
  if (staleSince) return { kind: 'stale', text: LINE.asOf(staleSince) };
  if (status.newVersion) return { kind: 'new-version', text: LINE.newVersion, action: 'reload' };
  return null;
}

function offlineLine({ pending, staleSince, keeps }: Status): Line {
  const text = keeps ? LINE.offline(pending) : LINE.offlineOnly;
  const since = staleSince ? ` ${LINE.asOf(staleSince)}.` : '';
  return { kind: 'offline', text: text + since, ...(pending ? { action: 'show' as const } : {}) };
}

/** Every sentence that a person reads of what is kept on the device, in one place. */

import type { Listed } from '@portico/local';
import type { Status } from './status.ts';

/** `1 change`, `2 changes`. */
export const changes = (count: number): string => `${count} ${count === 1 ? 'change' : 'changes'}`;

/** What the status line says. */
export const LINE = {
  offline: (pending: number) =>
    pending
      ? `Offline. ${changes(pending)} saved, waiting to be sent.`
      : 'Offline. What you do is saved here and sent later.',
  offlineOnly: 'Offline. What you see may be out of date.',
  pending: (pending: number) => `${changes(pending)} saved, waiting to be sent`,
  sent: 'All sent',
  attention: (count: number) => `${changes(count)} ${count === 1 ? 'needs' : 'need'} your attention`,
  paused: (pending: number) =>
    pending ? `${changes(pending)} saved. Sign in to send ${pending === 1 ? 'it' : 'them'}.` : 'You are signed out.',
  unsent: 'Something done on this device waits to be sent.',
  asOf: (date: Date) => `Data from ${timeOf(date)}`,
  newVersion: 'A new version is ready',
  signIn: 'Sign in',
  show: 'Show',
  reload: 'Reload',
} as const;

/** What an entry of the queue says of its state. */
export const STATE = {
  queued: 'Waiting to be sent',
  soon: 'Could not be sent yet. It is tried again soon.',
  later: (date: Date) => `Could not be sent yet. It is tried again at ${timeOf(date)}.`,
  inflight: 'Being sent',
  paused: 'Waiting until you sign in',
  conflict: 'Somebody else changed this meanwhile. Choose what should be kept.',
  failed: 'Refused',
  discarding: 'Being discarded',
  unreadable: 'A change that cannot be read any more',
} as const;

const SOON_MS = 60_000;

/** The state of an entry in words. */
export function stateOf({ state, nextAt, attempts }: Listed, now: number = Date.now()): string {
  if (state !== 'queued' || attempts === 0) return STATE[state];
  return nextAt - now < SOON_MS ? STATE.soon : STATE.later(new Date(nextAt));
}

/** The queue's headings and buttons. */
export const QUEUE = {
  label: 'What waits to be sent',
  empty: 'Nothing waits. Everything you did has been sent.',
  inactive: 'When you are signed in, what could not be sent yet is listed here.',
  unkept: 'This browser lets the page keep nothing here, so what you do is sent at once or not at all.',
  sendAll: 'Send all now',
  export: 'Save a copy',
  retry: 'Send now',
  tryAgain: 'Try again',
  more: (count: number) => `Show ${count} more`,
  edit: 'Edit',
  discard: 'Discard',
  confirmDiscard: (what: string) => `Discard “${what}”? It will not be sent.`,
  keep: 'Keep it',
  save: 'Save and send',
  cancel: 'Cancel',
  savedAt: (date: Date) => `Saved at ${timeOf(date)}`,
  mine: 'Keep mine',
  theirs: 'Take theirs',
  merge: 'Keep what I chose',
  yours: 'Yours',
  other: 'Theirs',
  nothing: 'empty',
  late: 'It was sent meanwhile.',
  applied: 'It had been done already, so it could not be taken back.',
  editing: (what: string) => `Edit “${what}”`,
  file: (date: Date) => `waiting-changes-${date.toISOString().slice(0, 10)}.json`,
} as const;

/** The inbox. */
export const INBOX = {
  label: 'Messages',
  empty: 'No messages yet.',
  unread: 'New',
  markRead: 'Mark as read',
  markAll: 'Mark all as read',
  badge: (count: number) => `${count} unread ${count === 1 ? 'message' : 'messages'}`,
} as const;

/** Messages that appear while a page is open. */
export const TOAST = { label: 'New messages', open: 'Open', dismiss: 'Dismiss' } as const;

/** The question at sign-out. */
export const SIGN_OUT = {
  heading: (pending: number) => `${changes(pending)} ${pending === 1 ? 'has' : 'have'} not been sent`,
  text: 'If you sign out now, what should happen with what is saved on this device?',
  send: 'Send now, then sign out',
  sending: 'Sending …',
  notSent: (pending: number) => `${changes(pending)} could not be sent. Choose what should happen.`,
  keep: 'Keep for my next sign-in on this device',
  export: 'Save a copy as a file',
  exported: 'A copy was saved. It is still here too.',
  discard: 'Discard and sign out',
  cancel: 'Stay signed in',
  offline: 'You are offline',
  offlineText: 'Signing out needs a connection: without one you would still be signed in. Nothing was deleted.',
  again: 'Try again',
} as const;

/** The switch for messages to a closed browser. */
export const PUSH = {
  label: 'Messages when this site is closed',
  unsupported: 'This browser cannot show messages when the site is closed.',
  denied: 'You have blocked messages from this site in the browser’s settings.',
  failed: 'That did not work. Try again later.',
} as const;

/** A command that could not be kept and got no answer. */
export const NOT_KEPT = {
  title: 'Not saved',
  detail:
    'The server did not answer, and this browser lets the page keep nothing. It may or may not have arrived; try again.',
} as const;

/** A command that could not be kept, and that must not go before those that wait. */
export const NO_ROOM = {
  title: 'Not saved',
  detail: 'This device has no room left, and changes from before still wait to be sent. Try again when they are sent.',
} as const;

/** A command that its person has discarded. */
export const DISCARDED = { title: 'Discarded', detail: 'It was discarded before it was sent.' } as const;

/** A time of today as the person's clock shows it, with the day when it is another one. */
export function timeOf(date: Date, now: Date = new Date(), locale: string | undefined = undefined): string {
  const today = date.toDateString() === now.toDateString();
  const day: Intl.DateTimeFormatOptions = today ? {} : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale, { ...day, hour: 'numeric', minute: '2-digit' }).format(date);
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

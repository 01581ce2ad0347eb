/** Every sentence that a person reads of what is kept on the device, in English. */

import { timeOf } from '../time-of.ts';

/** `1 change`, `2 changes`. */
const changes = (count: number): string => `${count} ${count === 1 ? 'change' : 'changes'}`;

/** What the status line says. */
const LINE = {
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
};

/** What an entry of the queue says of its state. */
const STATE = {
  queued: 'Waiting to be sent',
  soon: 'Could not be sent yet. It is tried again soon.',
  later: (date: Date) => `Could not be sent yet. It is tried again at ${timeOf(date)}.`,
  inflight: 'Being sent',
  paused: 'Waiting until you sign in',
  conflict: 'Somebody else changed this meanwhile. Choose what should be kept.',
  failed: 'Refused',
  discarding: 'Being discarded',
  unreadable: 'A change that cannot be read any more',
};

/** The queue's headings and buttons. */
const QUEUE = {
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
};

/** The inbox. */
const INBOX = {
  label: 'Messages',
  empty: 'No messages yet.',
  unread: 'New',
  markRead: 'Mark as read',
  markAll: 'Mark all as read',
  badge: (count: number) => `${count} unread ${count === 1 ? 'message' : 'messages'}`,
};

/** Messages that appear while a page is open. */
const TOAST = { label: 'New messages', open: 'Open', dismiss: 'Dismiss' };

/** The question at sign-out. */
const SIGN_OUT = {
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
};

/** The switch for messages to a closed browser. */
const PUSH = {
  label: 'Messages when this site is closed',
  unsupported: 'This browser cannot show messages when the site is closed.',
  denied: 'You have blocked messages from this site in the browser’s settings.',
  failed: 'That did not work. Try again later.',
};

/** A command that could not be kept and got no answer. */
const NOT_KEPT = {
  title: 'Not saved',
  detail:
    'The server did not answer, and this browser lets the page keep nothing. It may or may not have arrived; try again.',
};

/** A command that could not be kept, and that must not go before those that wait. */
const NO_ROOM = {
  title: 'Not saved',
  detail: 'This device has no room left, and changes from before still wait to be sent. Try again when they are sent.',
};

/** A command that its person has discarded. */
const DISCARDED = { title: 'Discarded', detail: 'It was discarded before it was sent.' };

/** Nobody answered. */
const NO_ANSWER = { title: 'No connection', detail: 'The server did not answer.' };

/** Something answered that is not the server. */
const NO_RECEIPT = {
  title: 'No connection',
  detail: 'Something between this device and the server answered in its place.',
};

/** An error that its server said nothing about. */
const NO_WORDS = { title: (status: number) => `The server answered ${status}` };

export const en = {
  LINE,
  STATE,
  QUEUE,
  INBOX,
  TOAST,
  SIGN_OUT,
  PUSH,
  NOT_KEPT,
  NO_ROOM,
  DISCARDED,
  NO_ANSWER,
  NO_RECEIPT,
  NO_WORDS,
};

/** What every language has to say. */
export type Words = typeof en;

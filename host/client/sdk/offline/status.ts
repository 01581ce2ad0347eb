/** What a person may want to know of the connection and of what waits: one value, changed by events. Pure. */

/** How live updates come in: a stream (SSE, WebSocket), repeated questions, or not at all. */
export type LiveMode = 'stream' | 'poll' | 'off';

/** The state of this page and of what its person has on this device. */
export interface Status {
  /** Whether the last request reached the server; not what the browser believes of its network. */
  readonly online: boolean;
  /** Whether something is being sent right now. */
  readonly syncing: boolean;
  /** How many commands are saved here and not yet confirmed by the server, those that need attention left out. */
  readonly pending: number;
  /** How many commands the server refused or that met a conflict: a person has to decide. */
  readonly attention: number;
  /** Whether sending waits until this person signs in again. */
  readonly paused: boolean;
  /** Whether something that was done on this device waits to be sent while nobody is signed in. */
  readonly unsent: boolean;
  /** Since when the oldest data on this page may be out of date; `null` when all of it is fresh. */
  readonly staleSince: Date | null;
  /** Whether a newer version of the platform waits to be shown. */
  readonly newVersion: boolean;
  /** Where the server says that it is. */
  readonly region: string | null;
  readonly live: LiveMode;
  /** Whether commands can be kept on this device: somebody is signed in and the browser lets pages keep data. */
  readonly keeps: boolean;
  /** How many commands the server has confirmed since this page was opened. */
  readonly sent: number;
}

/** One answer of a read that the worker told of. */
export interface ReadTold {
  readonly app: string;
  readonly url: string;
  /** When the data was fetched, RFC 3339. */
  readonly asOf: string | null;
  /** Why it is not fresh; `null` when it is. */
  readonly stale: string | null;
}

/** What changes the status. */
export type Change =
  | { readonly kind: 'reached'; readonly online: boolean }
  | { readonly kind: 'syncing'; readonly syncing: boolean }
  | { readonly kind: 'entries'; readonly pending: number; readonly attention: number }
  | { readonly kind: 'paused'; readonly paused: boolean }
  | { readonly kind: 'signed-out'; readonly signedOut: boolean }
  | { readonly kind: 'unsent'; readonly unsent: boolean }
  | { readonly kind: 'sent' }
  | { readonly kind: 'keeps'; readonly keeps: boolean }
  | { readonly kind: 'live'; readonly live: LiveMode; readonly region: string | null }
  | { readonly kind: 'new-version' }
  | ({ readonly kind: 'read' } & ReadTold)
  | { readonly kind: 'left'; readonly app: string };

/** The status and what it was made from. */
export interface StatusState {
  readonly status: Status;
  /** For each read of this page that is not fresh, `app url`, when it was fetched. */
  readonly stale: Readonly<Record<string, Date>>;
  /** Whether the outbox waits for a sign-in, and whether the live connection does. */
  readonly waits: { readonly outbox: boolean; readonly live: boolean };
}

/** A page that has just been opened. */
export const FIRST: StatusState = {
  status: {
    online: true,
    syncing: false,
    pending: 0,
    attention: 0,
    paused: false,
    unsent: false,
    staleSince: null,
    newVersion: false,
    region: null,
    live: 'off',
    keeps: false,
    sent: 0,
  },
  stale: {},
  waits: { outbox: false, live: false },
};

/** The state after `change`; the same object when nothing changed. */
export function reduce(state: StatusState, change: Change): StatusState {
  switch (change.kind) {
    case 'reached':
      return updated(state, { online: change.online });
    case 'syncing':
      return updated(state, { syncing: change.syncing });
    case 'entries':
      return updated(state, { pending: change.pending, attention: change.attention });
    case 'paused':
      return waiting(state, { outbox: change.paused });
    case 'signed-out':
      return waiting(state, { live: change.signedOut });
    case 'unsent':
      return updated(state, { unsent: change.unsent });
    case 'sent':
      return updated(state, { sent: state.status.sent + 1 });
    case 'keeps':
      return updated(state, { keeps: change.keeps });
    case 'live':
      return updated(state, { live: change.live, region: change.region ?? state.status.region });
    case 'new-version':
      return updated(state, { newVersion: true });
    case 'read':
      return withStale(state, readsAfter(state.stale, change));
    case 'left':
      return withStale(state, without(state.stale, `${change.app} `));
  }
}

/** Since when the oldest data that an app shows may be out of date; `null` when it is fresh. */
export function asOf(state: StatusState, app: string): Date | null {
  return oldest(Object.entries(state.stale).flatMap(([key, date]) => (key.startsWith(`${app} `) ? [date] : [])));
}

function readsAfter(stale: StatusState['stale'], read: ReadTold): StatusState['stale'] {
  const key = `${read.app} ${read.url}`;
  const { [key]: _, ...rest } = stale;
  const at = new Date(read.asOf ?? Number.NaN);
  return read.stale === null || Number.isNaN(at.getTime()) ? rest : { ...rest, [key]: at };
}

function without(stale: StatusState['stale'], prefix: string): StatusState['stale'] {
  return Object.fromEntries(Object.entries(stale).filter(([key]) => !key.startsWith(prefix)));
}

function withStale(state: StatusState, stale: StatusState['stale']): StatusState {
  const staleSince = oldest(Object.values(stale));
  const same = staleSince?.getTime() === state.status.staleSince?.getTime();
  return { ...state, status: same ? state.status : { ...state.status, staleSince }, stale };
}

function waiting(state: StatusState, patch: Partial<StatusState['waits']>): StatusState {
  const waits = { ...state.waits, ...patch };
  const after = updated(state, { paused: waits.outbox || waits.live });
  return waits.outbox === state.waits.outbox && waits.live === state.waits.live ? after : { ...after, waits };
}

function oldest(dates: readonly Date[]): Date | null {
  return dates.reduce<Date | null>((first, date) => (first && first <= date ? first : date), null);
}

function updated(state: StatusState, patch: Partial<Status>): StatusState {
  const changed = (Object.keys(patch) as (keyof Status)[]).some((name) => state.status[name] !== patch[name]);
  return changed ? { ...state, status: { ...state.status, ...patch } } : state;
}

/** Frames of the live feed, the same on every transport. */

/** One message of a feed. `id` and `prev` are `<epoch>.<seq>`; `ts` is milliseconds since 1970. */
export interface Frame {
  readonly id: string;
  readonly prev: string | null;
  readonly type: string;
  readonly ts: number;
  readonly data: unknown;
}

/** A frame as it is kept. */
export interface KeptFrame extends Frame {
  readonly read: boolean;
}

/** What the server answers first. `heartbeat` is milliseconds. */
export interface Hello {
  readonly type: 'hello';
  readonly head: string | null;
  readonly oldest: string | null;
  readonly epoch: string;
  readonly region: string | null;
  readonly heartbeat: number;
  /** The live channel's revision. */
  readonly channel?: number;
}

/** Everything that is retained for the person: replaces what the device keeps. */
export interface Reset {
  readonly type: 'reset';
  readonly head: string | null;
  readonly frames: readonly Frame[];
}

/** Frames without an id. */
export type Control =
  | Hello
  | { readonly type: 'beat'; readonly ts: number }
  | { readonly type: 'channel'; readonly revision: number }
  | { readonly type: 'poke'; readonly head: string }
  | Reset
  | { readonly type: 'bye'; readonly retry: number };

/** Anything that arrives on a transport. */
export type Incoming = Frame | Control;

/** Whether it is a message, not a control frame. */
export function isFrame(incoming: Incoming): incoming is Frame {
  return 'id' in incoming && typeof incoming.id === 'string';
}

/** A message for the person. */
export interface Notice {
  readonly id: string;
  readonly ts: number;
  readonly read: boolean;
  readonly title: string;
  readonly body: string;
  readonly href: string | null;
  readonly app: string | null;
}

/** A path of this site: nothing that leads elsewhere, or that runs. */
const PATH = /^\/(?![/\\])[!-[\]-~]*$/;

/** The message in a frame, unread. Any service may have written it: what is not as it should be is left out. */
export function noticeOf({ id, ts, data }: Frame): Notice {
  const given = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const text = (name: string): string | null => (typeof given[name] === 'string' ? given[name] : null);
  const href = text('href');
  return {
    id,
    ts,
    read: false,
    title: text('title') ?? '',
    body: text('body') ?? '',
    href: href !== null && PATH.test(href) ? href : null,
    app: text('app'),
  };
}

/** One command that waits on this device: what it is made of, and how older versions of it are read. */

import type { Problem } from './problem.ts';

/**
 * Where an entry stands.
 *
 * `queued`: waits to be sent. `inflight`: is being sent. `paused`: waits for its person to sign in. `conflict`: the entity was
 * changed meanwhile, the person chooses. `failed`: refused, the person decides. `discarding`: taken back, the server is
 * still to be told.
 */
export type EntryState = 'queued' | 'inflight' | 'paused' | 'conflict' | 'failed' | 'discarding';

/** The version of an entry that this code writes; it reads this one and the one before. */
export const ENTRY_VERSION = 2;

/** A command as it is stored. Times are milliseconds since 1970. No token or cookie is ever part of it. */
export interface Entry {
  /** UUIDv7: the `Idempotency-Key`. */
  readonly key: string;
  /** Whose it is; it is never sent for anybody else. */
  readonly sub: string;
  /** The database that it was made in: `Portico-Client`. */
  readonly client: string;
  /** The app's short name. */
  readonly app: string;
  /** The address of the app's BFF, `/api/<app>`; its `_commands` are below. */
  readonly base: string;
  /** What it does, in the person's words. */
  readonly describe: string;
  /** The entity whose commands run in order; null: in no order. */
  readonly lane: string | null;
  /** Its place in the lane, from 1; null without a lane, or when its place was used up by the command it replaced. */
  readonly laneSeq: number | null;
  readonly method: Method;
  /** The path (with query) on the page's own origin. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; null: no body. */
  readonly body: string | null;
  /** `If-Match`: the version of the entity that the person saw. */
  readonly baseVersion: number | null;
  readonly schemaVersion: number;
  readonly createdAt: number;
  /** How often it was sent; 0: the server cannot know it. */
  readonly attempts: number;
  /** Not sent before this time, unless the person asks. */
  readonly nextAt: number;
  /** How long the wait until `nextAt` was when it began, so that a clock that jumped back is noticed. */
  readonly wait: number;
  readonly state: EntryState;
  readonly lastProblem: Problem | null;
  /** The key of the command that this one was edited from. */
  readonly replaces: string | null;
  /** Keys before `replaces` that the server may know too: they are taken back first. */
  readonly replaced: readonly string[];
}

export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which cached read an update concerns: a path below the app's BFF (with query), or a GraphQL operation. */
export type CachedRead =
  | { readonly path: string }
  | { readonly operation: string; readonly variables?: object; readonly document: string };

/** What a command changes in a cached answer while it waits: an RFC 7396 merge patch on the answer's JSON. */
export interface CachedUpdate {
  readonly app: string;
  readonly read: CachedRead;
  readonly merge: unknown;
  /** `merge` is a whole answer: it is shown also where none is kept and none can be had. */
  readonly complete?: boolean | undefined;
}

/** A new command. */
export interface Draft {
  /** UUIDv7; made when missing. A key that waits already is not added again. */
  readonly key?: string | undefined;
  readonly app: string;
  /** Default `/api/<app>`. */
  readonly base?: string | undefined;
  readonly describe: string;
  readonly lane?: string | null | undefined;
  readonly method?: Method | undefined;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Any JSON value; undefined: no body. */
  readonly body?: unknown;
  readonly baseVersion?: number | null | undefined;
  readonly updates?: readonly CachedUpdate[] | undefined;
}

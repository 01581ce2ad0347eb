/** Commands that are saved on this device before anything else, and sent until the server has confirmed or refused them. */

import { type CachedUpdate, LocalError, type Method } from '@portico/local';
import {
  type Api,
  boot,
  GraphQLError,
  type GraphQLErrorDetail,
  idempotencyKey,
  NetworkError,
  ProblemError,
  type TypedDocument,
} from '@portico/sdk';
import { CLOCK } from './clock.ts';
import { discardRefused } from './discard-refused.ts';
import { type Keeping, page } from './page.ts';
import { askToPersist } from './persist.ts';
import { type CommandResult, isGraphql, type PendingReason, problemError } from './result.ts';
import { NO_ROOM, NOT_KEPT } from './wording.ts';

/** How a command is kept and sent. */
export interface CommandOptions {
  /** What it does, in the person's words: `Rename the thing to “Lamp”`. Shown while it waits. */
  readonly describe: string;
  /** The entity that it changes: commands of one lane run in order, one that is stuck stops only its own lane. */
  readonly lane?: string | undefined;
  /** The `Idempotency-Key`, a UUIDv7; by default a new one. */
  readonly key?: string | undefined;
  /** The version of the entity that the person saw: another one at the server is a conflict (412). */
  readonly baseVersion?: number | undefined;
  /** What it changes in answers that are kept on this device, until it is confirmed. */
  readonly updates?: readonly CachedUpdate[] | undefined;
  /** How long to wait for the outcome, in ms; by default 3,000. */
  readonly waitMs?: number | undefined;
  /** Forget the command when it is refused within `waitMs`: the caller shows what was wrong. Later refusals are kept. */
  readonly discardRefused?: boolean | undefined;
}

/** A command over REST. */
export interface CommandRequest extends CommandOptions {
  readonly method?: Method | undefined;
  /** Below the BFF's address, with query. */
  readonly path: string;
  /** Any JSON value. */
  readonly body?: unknown;
}

const WAIT_MS = 3_000;
/** Without a network. The browser is right when it says that there is none; not when it says that there is one. */
const BRIEFLY_MS = 500;

/**
 * Saves a command on this device, sends it, and waits up to `waitMs` for its outcome.
 *
 * `accepted`: the server has done it. `pending`: it is saved here and will be sent. `rejected`: it was not done; unless it
 * was discarded it stays in the queue, where its person can mend or discard it. Where nothing can be kept (nobody is signed
 * in, the browser forbids it, there is no room) it is sent at once, and no answer is a rejection with `kept: false`.
 */
export async function command<T>(api: Api, request: CommandRequest): Promise<CommandResult<T>> {
  const keeping = await page().keeping;
  if (!keeping) return direct(api, request);
  let key: string;
  try {
    ({ key } = await keeping.outbox.enqueue(draftOf(api, request)));
  } catch (error) {
    if (error instanceof LocalError && KEEPS_NOTHING.has(error.code)) return unkept(api, request, keeping);
    throw error;
  }
  page().expect(key, api.base + request.path);
  askToPersist(navigator.storage).catch(reportError);
  const end = page().waits.next(key);
  keeping.flusher.flush();
  const result = page().waits.known(key) ?? (await outcome(end, request.waitMs ?? WAIT_MS));
  if (!result) return { state: 'pending', key, reason: reason() };
  if (result.state === 'rejected' && request.discardRefused) await discardRefused(keeping, key);
  return result as CommandResult<T>;
}

/** Saves and sends a GraphQL mutation; see `command`. The result's `data` is the answer's. */
export function graphqlCommand<T>(
  api: Api,
  document: string | TypedDocument<T, object>,
  variables: object,
  options: CommandOptions,
): Promise<CommandResult<T>> {
  return command<T>(api, { ...options, path: '/graphql', body: { query: document.toString(), variables } });
}

const KEEPS_NOTHING = new Set(['quota', 'unavailable', 'blocked', 'newer', 'closed']);

/** Without a key it gets one from the outbox, which knows the server's time. */
function draftOf(api: Api, request: CommandRequest): Parameters<Keeping['outbox']['enqueue']>[0] {
  const { key, method = 'POST', path, body, describe, lane, baseVersion, updates } = request;
  const url = api.base + path;
  const headers = { Accept: isGraphql(url) ? 'application/graphql-response+json' : 'application/json' };
  return { key, app: appOf(api), base: api.base, describe, lane, method, url, headers, body, baseVersion, updates };
}

/** The short name of the app whose BFF answers at the api's address. */
function appOf({ base }: Api): string {
  return boot().apps.find(({ bff }) => bff === base)?.app ?? base.slice(base.lastIndexOf('/') + 1);
}

function reason(): PendingReason {
  const { paused, online } = page().status.get();
  // Where the browser says that there is no network, nothing may have been tried yet.
  return paused ? 'paused' : online && navigator.onLine ? 'waiting' : 'offline';
}

/** The end, or `null` after `ms`; sooner when it is certain that waiting is of no use. */
function outcome<T>(end: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const finish = (value: T | null): void => {
      over.abort();
      resolve(value);
    };
    const cancel = CLOCK.after(navigator.onLine ? ms : Math.min(ms, BRIEFLY_MS), () => finish(null));
    over.signal.addEventListener('abort', cancel);
    void end.then(finish);
    page().status.subscribe(({ paused }) => paused && finish(null), over);
  });
}

/**
 * Nothing was stored: the only honest way left is to send it while the person looks on. Not past what waits in its lane: that would
 * be done after it, and undo it.
 */
async function unkept<T>(api: Api, request: CommandRequest, { outbox }: Keeping): Promise<CommandResult<T>> {
  const waiting = request.lane === undefined ? [] : await outbox.entries().catch(() => []);
  if (!waiting.some(({ lane }) => lane === request.lane)) return direct(api, request);
  return notKept(request.key ?? idempotencyKey(), NO_ROOM);
}

/** Sends a command that could not be kept. Only an answer with its receipt says that it was done. */
async function direct<T>(api: Api, request: CommandRequest): Promise<CommandResult<T>> {
  const { key = idempotencyKey(), method = 'POST', path, body, baseVersion } = request;
  const headers: Record<string, string> = baseVersion === undefined ? {} : { 'If-Match': `"${baseVersion}"` };
  try {
    const response = await api.request(method, path, body, { idempotencyKey: key, headers });
    const text = await response.text().catch(() => null); // cut off: nobody knows
    if (text === null || response.headers.get('Portico-Receipt') !== key) return notKept(key, NOT_KEPT);
    const answer: unknown = text ? JSON.parse(text) : undefined;
    return { state: 'accepted', key, data: (isGraphql(api.base + path) ? dataIn(answer) : answer) as T };
  } catch (error) {
    if (error instanceof NetworkError) return notKept(key, NOT_KEPT);
    if (error instanceof ProblemError || error instanceof GraphQLError)
      return { state: 'rejected', key, error, kept: false };
    throw error;
  }
}

/** @throws GraphQLError when the mutation was refused. */
function dataIn(answer: unknown): unknown {
  const { data, errors } = (answer ?? {}) as { data?: unknown; errors?: readonly GraphQLErrorDetail[] };
  if (errors) throw new GraphQLError(errors, data);
  return data;
}

function notKept<T>(key: string, why: typeof NOT_KEPT | typeof NO_ROOM): CommandResult<T> {
  return { state: 'rejected', key, error: problemError({ code: 'not-kept', status: 0, ...why }), kept: false };
}

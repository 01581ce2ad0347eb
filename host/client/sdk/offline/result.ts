/** How a command ended, from what the outbox tells. Pure. */

import type { Answer, Entry, EntryEvent, Problem } from '@portico/local';
import { GraphQLError, type GraphQLErrorDetail, ProblemError, SignedOutError } from '@portico/sdk';
import { DISCARDED, inWords } from './wording.ts';

/** What became of a command. */
export type CommandResult<T> =
  /** The server has done it. `data` is missing when only that is known: ask for what is shown anew. */
  | { readonly state: 'accepted'; readonly key: string; readonly data: T | undefined }
  /** It is saved on this device and will be sent; it is not done yet. */
  | { readonly state: 'pending'; readonly key: string; readonly reason: PendingReason }
  /** It was not done. `kept: false`: it could not be saved on this device either, so nobody will send it again. */
  | {
      readonly state: 'rejected';
      readonly key: string;
      readonly error: ProblemError | GraphQLError;
      readonly kept?: false;
    };

/** Why a command waits: the server is out of reach, it is slow or others go first, or its person has to sign in. */
export type PendingReason = 'offline' | 'waiting' | 'paused';

const PROBLEMS = 'https://portico.dev/problems/';

/** The end that an event tells of; `null` when it is not over. */
export function endOf<T>(event: EntryEvent, graphql: boolean): CommandResult<T> | null {
  const { key, response, problem } = event;
  switch (event.state) {
    case 'acknowledged':
      return { state: 'accepted', key, data: dataOf(response, graphql) as T | undefined };
    case 'discarded':
      return { state: 'rejected', key, error: problemError({ code: 'command-skipped', status: 410, ...DISCARDED }) };
    case 'failed':
    case 'conflict':
      return { state: 'rejected', key, error: refusal(problem, response, graphql) };
    default:
      return null;
  }
}

/** The end of an entry as it is stored; `null` when it is not over. */
export function endOfEntry<T>(entry: Entry): CommandResult<T> | null {
  if (entry.state !== 'failed' && entry.state !== 'conflict') return null;
  const error = refusal(entry.lastProblem ?? undefined, undefined, isGraphql(entry.url));
  return { state: 'rejected', key: entry.key, error };
}

/** Whether a command goes to a GraphQL endpoint: its answer's `data` and `errors` mean something. */
export function isGraphql(url: string): boolean {
  return new URL(url, 'http://localhost').pathname.endsWith('/graphql');
}

/** The error that stands for a stored problem. */
export function problemError(problem: Problem): ProblemError {
  const { code, ...rest } = inWords(problem);
  const document = { ...rest, type: code ? PROBLEMS + code : 'about:blank' };
  return problem.status === 401 ? new SignedOutError(document) : new ProblemError(document);
}

function dataOf(response: Answer | undefined, graphql: boolean): unknown {
  return graphql ? (response?.body as { data?: unknown } | undefined)?.data : response?.body;
}

function refusal(
  problem: Problem | undefined,
  response: Answer | undefined,
  graphql: boolean,
): ProblemError | GraphQLError {
  const known = problem ?? { code: '', title: 'The server refused it.', status: response?.status ?? 500 };
  if (!graphql) return problemError(known);
  const body = response?.body as { data?: unknown; errors?: readonly GraphQLErrorDetail[] } | undefined;
  const { code, status, title, detail, current, errors } = inWords(known);
  const extensions = { code, status, ...(errors && { errors }), ...(current && { current }) };
  const own = { message: detail ?? title, extensions };
  return new GraphQLError(body?.errors ?? [own], body?.data);
}

/** Calls to a BFF on the page's own origin, with the headers that the gateway requires and typed errors. */

import { boot, type Registration } from './boot.ts';
import { events } from './events.ts';
import { idempotencyKey } from './idempotency.ts';
import { GraphQLError, type GraphQLErrorDetail, isJson, NetworkError, problemFrom } from './problem.ts';

/** A query or form value; `undefined` and `null` are left out. */
export type QueryValue = string | number | boolean | null | undefined;

/** What any call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as `Idempotency-Key`: the server does the work once, however often the call arrives. */
  readonly idempotencyKey?: string | undefined;
}

/** A GraphQL document that carries the types of its result and variables. */
export interface TypedDocument<Data, Variables> {
  toString(): string;
  /** Never there at run time; carries the types. */
  readonly __types?: (variables: Variables) => Data;
}

/** A GraphQL call's extra options. */
export interface GraphQLOptions extends CallOptions {
  /** Which operation of a document with several. */
  readonly operationName?: string | undefined;
}

/**
 * A client of one BFF. Paths are relative to it: `api.get('/things')` asks `/api/shop/things`.
 *
 * Every method rejects with `ProblemError` (the server said no), `SignedOutError` (401), `NetworkError` (no answer), or
 * the `AbortError` of `signal`. A body that is empty (204) answers `undefined`.
 */
export interface Api {
  /** The address that paths are relative to. */
  readonly base: string;
  get<T>(path: string, options?: CallOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  delete<T>(path: string, options?: CallOptions): Promise<T>;
  /** A `post` with an `Idempotency-Key`: the one given, else a new one. Give your own to be able to try again safely. */
  command<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  /** A GraphQL operation at the BFF's `/graphql`; rejects with `GraphQLError` when the response carries errors. */
  graphql<Data, Variables extends object = Record<string, never>>(
    document: string | TypedDocument<Data, Variables>,
    variables?: Variables,
    options?: GraphQLOptions,
  ): Promise<Data>;
  /** Any other call; resolves with the response when it is `ok`. */
  request(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Response>;
}

/**
 * The client of an app's BFF: by short or full name of the release that the page would mount next, or of a registration. A
 * micro-app calls its own; `props.portico.api` is that one.
 */
export function apiFor(of: string | Registration): Api {
  if (typeof of !== 'string') return new BffClient(`/api/${of.app}`, of.headers);
  const app = of.slice(of.lastIndexOf('/') + 1);
  return new BffClient(`/api/${app}`, boot().apps.find((known) => known.app === app)?.headers);
}

const GRAPHQL = 'application/graphql-response+json';

class BffClient implements Api {
  readonly #headers: Registration['headers'];

  constructor(
    readonly base: string,
    headers: Registration['headers'],
  ) {
    this.#headers = headers;
  }

  get<T>(path: string, options?: CallOptions): Promise<T> {
    return this.#json('GET', path, undefined, options);
  }

  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T> {
    return this.#json('POST', path, body, options);
  }

  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T> {
    return this.#json('PUT', path, body, options);
  }

  delete<T>(path: string, options?: CallOptions): Promise<T> {
    return this.#json('DELETE', path, undefined, options);
  }

  command<T>(path: string, body?: unknown, options?: CallOptions): Promise<T> {
    return this.post(path, body, { ...options, idempotencyKey: options?.idempotencyKey ?? idempotencyKey() });
  }

  async graphql<Data, Variables extends object>(
    document: string | TypedDocument<Data, Variables>,
    variables?: Variables,
    options: GraphQLOptions = {},
  ): Promise<Data> {
    const { operationName, ...call } = options;
    const body = { query: document.toString(), variables, operationName };
    const headers = { Accept: GRAPHQL, ...call.headers };
    const response = await this.#send('POST', '/graphql', body, { ...call, headers });
    // A GraphQL response says what went wrong in its body, whatever the status; anything else is not from the API.
    if (!isJson(response, 'graphql-response+json') && !(response.ok && isJson(response)))
      throw await problemFrom(response);
    const { data, errors } = (await response.json()) as { data?: Data; errors?: readonly GraphQLErrorDetail[] };
    if (errors) throw new GraphQLError(errors, data);
    return data as Data;
  }

  async request(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Response> {
    const response = await this.#send(method, path, body, options);
    if (!response.ok) throw await problemFrom(response);
    return response;
  }

  async #json<T>(method: string, path: string, body?: unknown, options?: CallOptions): Promise<T> {
    const response = await this.request(method, path, body, options);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  async #send(method: string, path: string, body: unknown, options: CallOptions = {}): Promise<Response> {
    const own = { Accept: 'application/json', 'X-Portico': '1', ...this.#headers };
    const headers: Record<string, string> = { ...own, ...options.headers };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    // A page that stayed open while somebody else signed in must neither show nor do anything in their name.
    const who = boot().user;
    if (who) headers['Portico-Person'] = encodeURIComponent(who.sub);
    if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
    const response = await answer(this.base + path + search(options.query), {
      method,
      headers,
      body: JSON.stringify(body) ?? null,
      signal: options.signal ?? null,
    });
    if (response.status === 401) events.emit('signed-out', { app: this.base.slice('/api/'.length) });
    return response;
  }
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new NetworkError('The server did not answer.', { cause: error });
  }
}

function search(query: CallOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

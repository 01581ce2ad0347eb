/** Answers reads that apps have named: from the network, from what is kept, or both, as each rule says. */

import { holding, type PatchRow, patched } from '@portico/local';
import { type Answers, AS_OF, type Kept } from './answers.ts';
import { type Clock, within } from './clock.ts';
import type { KeptApp, ReadRule } from './contents.ts';
import { personIn, type Read, readOf } from './read.ts';
import { type Failure, failureIn, failureOf, isJson, isTheHosts, statusOfErrors } from './verdict.ts';

/** One request, for as long as its event lives. */
export interface Call {
  readonly request: Request;
  /** Keeps the worker alive until this has ended. */
  extend(work: Promise<unknown>): void;
  /** Tells the page that asked. */
  tell(seen: Seen): void;
}

/** What the page is told of an answer: `asOf` (ms) is null when it came from the network. */
export interface Seen {
  readonly app: string;
  readonly url: string;
  readonly asOf: number | null;
  readonly stale: Failure | null;
  readonly pending: number;
}

export interface ReadsDeps {
  readonly answers: Answers;
  readonly clock: Clock;
  readonly origin: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** What is kept of the apps, for the person whose pages are open; null when that is somebody else. */
  readonly keptFor: (sub: string) => Promise<{ readonly person: string; readonly apps: readonly KeptApp[] } | null>;
  /** What waiting commands change in this read. */
  readonly patches: (read: Read) => Promise<readonly PatchRow[]>;
}

/** What the network said. `response` of a failure is what came instead of an answer. */
type Network =
  | { readonly response: Response; readonly failure: null }
  | { readonly response: Response | null; readonly failure: Failure };

/** What the page gets: the network's answer, or a kept one. */
type Chosen = { readonly network: Network } | { readonly kept: Kept; readonly stale: Failure | null };

export class Reads {
  constructor(readonly deps: ReadsDeps) {}

  /** The answer to a request that `kindOf` calls a read. */
  async answer(call: Call): Promise<Response> {
    const sub = personIn(call.request.headers);
    const kept = sub === null ? null : await this.deps.keptFor(sub).catch(() => null);
    const read = kept && sub !== null ? await readOf(call.request, sub, kept.apps) : null;
    const app = read && kept?.apps.find(({ app }) => app === read.app);
    if (!kept || !read || !app) return this.deps.fetch(call.request);
    return new Reading(this.deps, call, kept.person, read, app).answer();
  }

  /** Asks for everything that is named whole and not kept yet, so that it is there before it is needed. */
  async warm(sub: string, apps: readonly KeptApp[]): Promise<void> {
    for (const { bff, reads } of apps) {
      for (const rule of reads) {
        const request = this.#wholeOf(sub, bff, rule);
        // What is not the query that the rule names is not sent: it might do something.
        if (!request || !(await readOf(request, sub, apps))) continue;
        const work: Promise<unknown>[] = [];
        await this.answer({ request, extend: (more) => void work.push(more), tell: () => {} });
        await Promise.allSettled(work);
      }
    }
  }

  /** The request that a rule stands for, if it names one and not many. */
  #wholeOf(sub: string, bff: string, { path, graphql, ahead }: ReadRule): Request | null {
    const headers = { Accept: 'application/json', 'X-Portico': '1', 'Portico-Person': encodeURIComponent(sub) };
    if (path !== undefined) return LITERAL.test(path) ? new Request(this.deps.origin + bff + path, { headers }) : null;
    if (!ahead) return null;
    const body = JSON.stringify({ query: ahead.document, variables: ahead.variables, operationName: graphql });
    const asQuery = { ...headers, Accept: 'application/graphql-response+json', 'Content-Type': 'application/json' };
    return new Request(`${this.deps.origin}${bff}/graphql`, { method: 'POST', headers: asQuery, body });
  }
}

/** A path that is no pattern. */
const LITERAL = /^[\w\-./~%@!$&',;=]*$/;

class Reading {
  constructor(
    readonly deps: ReadsDeps,
    readonly call: Call,
    readonly person: string,
    readonly read: Read,
    readonly app: KeptApp,
  ) {}

  async answer(): Promise<Response> {
    const chosen = await this.#choose();
    return 'kept' in chosen ? this.#ofKept(chosen.kept, chosen.stale) : this.#ofNetwork(chosen.network);
  }

  async #choose(): Promise<Chosen> {
    const { policy } = this.read.rule;
    if (policy === 'network-first' || isForced(this.call.request)) return this.#networkFirst();
    const kept = await this.#find();
    if (!kept) return { network: await this.#ask() };
    if (policy === 'stale-while-revalidate') this.call.extend(this.#revalidate(kept));
    return { kept, stale: null };
  }

  /** The network has until the time limit; with nothing kept, as long as it takes. */
  async #networkFirst(): Promise<Chosen> {
    const asking = this.#ask();
    this.call.extend(asking);
    const kept = await this.#find();
    if (!kept) return { network: await asking };
    const network = await within(this.deps.clock, this.read.rule.timeoutMs, asking);
    if (!network) return { kept, stale: 'timeout' };
    return network.failure ? { kept, stale: network.failure } : { network };
  }

  /** What is kept; storage that fails must not come between page and network. */
  #find(): Promise<Kept | undefined> {
    return this.deps.answers.find(this.person, this.read).catch(() => undefined);
  }

  async #revalidate(kept: Kept): Promise<void> {
    const { failure } = await this.#ask();
    // The page has its answer already; what it hears is that this one could not be made newer.
    if (failure) this.#tell(kept.asOf, failure, 0);
  }

  /** Asks the network. Never rejects; what can be kept is. */
  async #ask(): Promise<Network> {
    const asOf = this.deps.clock.now();
    let response: Response;
    try {
      response = await this.deps.fetch(this.call.request.clone());
    } catch {
      return { response: null, failure: 'network' };
    }
    const status = (await this.#statusInside(response)) ?? response.status;
    const failure = failureOf(response) ?? failureIn(status);
    if (failure) return { response, failure };
    this.call.extend(this.#keep(response.clone(), status, asOf));
    return { response, failure: null };
  }

  /** A GraphQL answer says in its body how the query went. */
  async #statusInside(response: Response): Promise<number | null> {
    if (this.read.rule.graphql === undefined || !isJson(response)) return null;
    return statusOfErrors(
      await response
        .clone()
        .json()
        .catch(() => null),
    );
  }

  async #keep(response: Response, status: number, asOf: number): Promise<void> {
    const { answers, keptFor } = this.deps;
    if (GONE.has(status)) return answers.forget(this.person, this.read);
    if (status !== 200 || !isJson(response)) return;
    // Somebody may have signed out while the answer was on its way.
    if ((await keptFor(this.read.person)) === null) return;
    await answers.keep(this.person, this.read, this.app, response, asOf);
    if ((await keptFor(this.read.person)) === null) await answers.drop({ person: this.person });
  }

  async #ofNetwork({ response, failure }: Network): Promise<Response> {
    if (failure) return (await this.#foretold(failure)) ?? (response && isTheHosts(response) ? response : noAnswer());
    if (!isJson(response) || !response.ok) return response;
    return this.#patched(response, null, null);
  }

  /** With nothing kept and nobody to ask: what commands that are saved here, or done, say the whole answer is. */
  async #foretold(stale: Failure): Promise<Response | null> {
    const rows = holding(await this.deps.patches(this.read), Number.NEGATIVE_INFINITY);
    const first = rows.findIndex(({ complete }) => complete === true);
    if (first < 0) return null;
    const { body, pending } = patched(null, rows.slice(first), Number.NEGATIVE_INFINITY);
    const saved = rows[first]?.at ?? this.deps.clock.now();
    this.#tell(saved, stale, pending);
    const headers = { 'Content-Type': 'application/json', [AS_OF]: new Date(saved).toISOString() };
    return new Response(JSON.stringify(body), { headers: headersOf(new Response(null, { headers }), stale, pending) });
  }

  #ofKept({ response, asOf }: Kept, stale: Failure | null): Promise<Response> {
    return this.#patched(response, asOf, stale);
  }

  /** The answer as it will be once the waiting commands are done, and the page told of it. */
  async #patched(response: Response, asOf: number | null, stale: Failure | null): Promise<Response> {
    const rows = await this.deps.patches(this.read);
    const time = asOf ?? this.deps.clock.now();
    if (!rows.length) {
      this.#tell(asOf, stale, 0);
      return asOf === null ? response : new Response(response.body, { headers: headersOf(response, stale, 0) });
    }
    const { body, pending } = patched(await response.json(), rows, time);
    this.#tell(asOf, stale, pending);
    return new Response(JSON.stringify(body), {
      status: response.status,
      headers: headersOf(response, stale, pending),
    });
  }

  #tell(asOf: number | null, stale: Failure | null, pending: number): void {
    this.call.tell({ app: this.read.app, url: this.read.url, asOf, stale, pending });
  }
}

/** After these there is nothing left to show; a session that ended (401) says nothing about what was asked. */
const GONE = new Set([403, 404, 410]);

/** Whether the page asked past every cache. */
function isForced({ cache }: Request): boolean {
  return cache === 'reload' || cache === 'no-cache' || cache === 'no-store';
}

function headersOf(response: Response, stale: Failure | null, pending: number): Headers {
  const headers = new Headers(response.headers);
  headers.delete('Content-Length');
  headers.delete('Content-Encoding');
  if (stale) headers.set('Portico-Stale', stale);
  if (pending) headers.set('Portico-Pending', String(pending));
  return headers;
}

/** What a page gets when nothing is kept and nothing can be reached. */
function noAnswer(): Response {
  const problem = {
    type: 'https://portico.dev/problems/offline',
    title: 'The server cannot be reached',
    status: 504,
    detail: 'There is no network, and no answer to this is kept on this device.',
  };
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  return new Response(JSON.stringify(problem), { status: 504, headers });
}

/**
 * A server that keeps to the protocol of queued commands exactly (docs/reference/outbox.md): receipts, persons, idempotency,
 * lanes, tombstones, `_commands`, versions. Its ledger says what was really done.
 */

import { bornAt } from '../keys.ts';

/** A command that took effect. */
export interface Done {
  readonly key: string;
  readonly client: string;
  readonly lane: string | null;
  readonly seq: number | null;
  readonly body: unknown;
}

/** A request as it arrives. Names of headers are in lower case. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | null;
}

/** An answer before it is on its way. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Known {
  readonly state: 'applied' | 'skipped';
  readonly request: string;
  readonly reply: Reply;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(code);
  }
}

const DAY_MS = 24 * 60 * 60_000;

export class SimulatedServer {
  /** Whose session the browser has. */
  session: string | null = 'sub-1';
  readonly ledger: Done[] = [];
  readonly known = new Map<string, Known>();
  readonly lanes = new Map<string, number>();
  /** The version of each thing; 1 where none is named. */
  readonly versions = new Map<string, number>();

  /** Its own clock, ms since 1970. */
  constructor(private readonly now: () => number) {}

  /** Answers a request; what it did is done when this returns. */
  handle(request: Arrived): Reply {
    const date = new Date(this.now()).toUTCString();
    const receipt = { 'Portico-Receipt': request.headers.get('idempotency-key') ?? '1', Date: date };
    try {
      const reply = this.#route(request);
      return { ...reply, headers: { ...reply.headers, ...receipt } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refused(error, receipt);
    }
  }

  #route(request: Arrived): Reply {
    const { headers } = request;
    const sub = this.session;
    if (sub === null) throw new Refusal(401, 'signed-out');
    if (!headers.has('x-portico')) throw new Refusal(403, 'missing-portico-header');
    const person = headers.get('portico-person');
    if (person !== undefined && decodeURIComponent(person) !== sub) throw new Refusal(401, 'other-person');
    const command = /\/_commands\/([^/]+)$/.exec(request.url);
    if (!command?.[1]) return this.#run(request, sub);
    return request.method === 'DELETE' ? this.#skip(request, sub, command[1]) : this.#outcome(sub, command[1]);
  }

  #run(request: Arrived, sub: string): Reply {
    const key = request.headers.get('idempotency-key');
    if (key === undefined) throw new Refusal(400, 'idempotency-key-invalid');
    const place = this.#place(request, sub);
    const before = this.known.get(`${sub} ${key}`);
    const identity = `${request.method} ${request.url} ${request.body}`;
    if (before?.state === 'skipped') throw new Refusal(410, 'command-skipped');
    if (before && before.request !== identity) throw new Refusal(422, 'idempotency-key-reused');
    if (before) return { ...before.reply, headers: { ...before.reply.headers, 'Idempotency-Replayed': 'true' } };
    if (this.#isOld(key)) throw new Refusal(410, 'idempotency-key-expired');
    if (bornAt(key) > this.now() + DAY_MS) throw new Refusal(400, 'idempotency-key-invalid');
    const replaced = (request.headers.get('portico-replaces') ?? '').split(', ').filter(Boolean);
    for (const old of replaced) this.#refuseIfApplied(sub, old);
    this.#refuseOutOfTurn(place);
    if (replaced.some((old) => this.#isOld(old) && !this.known.has(`${sub} ${old}`)))
      throw new Refusal(410, 'idempotency-key-expired');
    const reply = this.#effect(request, key, place);
    for (const old of replaced) this.#tombstone(sub, old);
    this.known.set(`${sub} ${key}`, { state: 'applied', request: identity, reply });
    if (place) this.lanes.set(place.counter, place.seq);
    return reply;
  }

  /** Bodies say what is to happen: `refuse` a status, `thing` with a version that `If-Match` must name. */
  #effect(request: Arrived, key: string, place: Place | null): Reply {
    const body = (request.body === null ? {} : JSON.parse(request.body)) as { refuse?: number; thing?: string };
    if (body.refuse) throw new Refusal(body.refuse, body.refuse === 422 ? 'invalid-request' : 'access-refused');
    const thing = body.thing ?? '';
    const version = this.versions.get(thing) ?? 1;
    const wanted = request.headers.get('if-match');
    if (wanted !== undefined && wanted !== `"${version}"`)
      throw new Refusal(412, 'conflict', { current: { version, entity: { thing } } });
    if (wanted !== undefined) this.versions.set(thing, version + 1);
    const client = request.headers.get('portico-client') ?? '';
    this.ledger.push({ key, client, lane: place?.lane ?? null, seq: place?.seq ?? null, body });
    return { status: 201, headers: {}, body: { done: key } };
  }

  #skip(request: Arrived, sub: string, key: string): Reply {
    const place = this.#place(request, sub);
    this.#refuseIfApplied(sub, key);
    const known = this.known.get(`${sub} ${key}`);
    const passed = place === null || (this.lanes.get(place.counter) ?? 0) >= place.seq;
    if (known && passed) return { status: 204, headers: {}, body: undefined };
    this.#refuseOutOfTurn(place);
    this.#tombstone(sub, key);
    if (place) this.lanes.set(place.counter, place.seq);
    return { status: 204, headers: {}, body: undefined };
  }

  #outcome(sub: string, key: string): Reply {
    const known = this.known.get(`${sub} ${key}`);
    if (!known) throw new Refusal(404, 'unknown-command');
    return { status: 200, headers: {}, body: told(key, known) };
  }

  #place({ headers }: Arrived, sub: string): Place | null {
    const [client, lane, seq] = ['portico-client', 'portico-lane', 'portico-lane-seq'].map((name) => headers.get(name));
    if (lane === undefined && seq === undefined) return null;
    if (!client || !lane || !seq || !/^[1-9]\d*$/.test(seq) || lane.length > 220)
      throw new Refusal(400, 'lane-invalid');
    const name = decodeURIComponent(lane);
    return { lane: name, seq: Number(seq), counter: `${sub} ${client} ${name}` };
  }

  #refuseOutOfTurn(place: Place | null): void {
    if (place === null) return;
    const expected = (this.lanes.get(place.counter) ?? 0) + 1;
    if (place.seq > expected) throw new Refusal(409, 'lane-gap', { expected }, { 'Retry-After': '1' });
    if (place.seq < expected) throw new Refusal(409, 'lane-seq-used', { expected });
  }

  #refuseIfApplied(sub: string, key: string): void {
    const known = this.known.get(`${sub} ${key}`);
    if (known?.state === 'applied') throw new Refusal(409, 'command-applied', { outcome: told(key, known) });
  }

  #isOld(key: string): boolean {
    return bornAt(key) < this.now() - 30 * DAY_MS;
  }

  #tombstone(sub: string, key: string): void {
    const reply = { status: 410, headers: {}, body: undefined };
    this.known.set(`${sub} ${key}`, { state: 'skipped', request: '', reply });
  }
}

interface Place {
  readonly lane: string;
  readonly seq: number;
  readonly counter: string;
}

function told(key: string, known: Known): object {
  const status = known.state === 'applied' ? known.reply.status : null;
  return { key, state: known.state, status, at: '2026-01-01T00:00:00.000Z' };
}

function refused({ status, code, extensions, headers }: Refusal, receipt: Record<string, string>): Reply {
  const body = { type: `https://portico.dev/problems/${code}`, title: code, status, ...extensions };
  return { status, headers: { 'Content-Type': 'application/problem+json', ...headers, ...receipt }, body };
}

/** What `fetch` was asked, as it arrives at a server. */
export function arrived(url: string, init: RequestInit): Arrived {
  const headers = new Map([...new Headers(init.headers)].map(([name, value]) => [name.toLowerCase(), value] as const));
  return { method: init.method ?? 'GET', url, headers, body: (init.body as string | null | undefined) ?? null };
}

/** A reply as `fetch` gives it. */
export function respond({ status, headers, body }: Reply): Response {
  const empty = body === undefined || status === 204;
  return new Response(empty ? null : JSON.stringify(body), { status, headers });
}

/** Reads of one app under a manual clock, whose network answers as it is told. */

import type { PatchRow } from '@portico/local';
import type { ReadRule } from '../contents.ts';
import { readsOf } from '../names.ts';
import { Reads, type Seen } from '../reads.ts';
import { answersOn, ManualClock, MemoryShelves, RULE } from './fakes.ts';

type Reply = Response | Error | Promise<Response>;

/** Reads of one app with one rule, whose network answers as it is told, in order. */
export class World {
  readonly clock = new ManualClock();
  readonly shelves = new MemoryShelves();
  readonly seen: Seen[] = [];
  readonly asked: Request[] = [];
  readonly replies: Reply[] = [];
  patches: PatchRow[] = [];
  person: string | null = 'ada';
  readonly #work: Promise<unknown>[] = [];
  readonly reads: Reads;

  constructor(rule: Partial<ReadRule> = {}) {
    const apps = [{ app: 'notes', bff: '/api/notes', reads: [{ ...RULE, ...rule }] }];
    this.reads = new Reads({
      answers: answersOn(this.shelves, this.clock),
      clock: this.clock,
      origin: 'https://portico.test',
      fetch: (request) => this.#network(request),
      keptFor: async (sub) => (sub === this.person ? { person: 'hash', apps } : null),
      patches: async () => this.patches,
    });
  }

  /** Asks, and lets the answer come; `later` leaves it open. */
  later(path = '/things/1', init: RequestInit = {}): Promise<Response> {
    const headers = { 'Portico-Person': 'ada' };
    return this.reads.answer({
      request: new Request(`https://portico.test/api/notes${path}`, { headers, ...init }),
      extend: (work) => void this.#work.push(work),
      tell: (seen) => void this.seen.push(seen),
    });
  }

  async ask(path?: string, init?: RequestInit): Promise<Shown> {
    const shown = await shownBy(await this.later(path, init));
    await this.idle();
    return shown;
  }

  /** Resolves when nothing is left that the worker must live for. */
  async idle(): Promise<void> {
    for (let work = this.#work.shift(); work; work = this.#work.shift()) await work;
  }

  async #network(request: Request): Promise<Response> {
    this.asked.push(request);
    const reply = await (this.replies.shift() ?? new TypeError('no network'));
    if (reply instanceof Error) throw reply;
    return reply;
  }

  get kept(): string[] {
    return this.shelves.keys(readsOf('hash', 'notes'));
  }
}

interface Shown {
  readonly status: number;
  readonly body: unknown;
  readonly asOf: string | null;
  readonly stale: string | null;
  readonly pending: string | null;
}

export async function shownBy(response: Response): Promise<Shown> {
  const { status, headers } = response;
  const [asOf, stale, pending] = ['As-Of', 'Stale', 'Pending'].map((name) => headers.get(`Portico-${name}`));
  const text = await response.text();
  return { status, body: text && JSON.parse(text), asOf: asOf ?? null, stale: stale ?? null, pending: pending ?? null };
}

export const fresh = (body: unknown) => ({ status: 200, body, asOf: null, stale: null, pending: null });

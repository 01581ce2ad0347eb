/** What must hold whatever happened, judged by the server's ledger. Commands are known by the `chain` in their bodies. */

import type { EntryEvent, Listed } from '../public.ts';
import type { World } from './world.ts';

interface Chain {
  /** Its place among the commands of its lane. */
  order: number;
  readonly lane: string | null;
  /** Whether the outbox said that it is saved. */
  confirmed: boolean;
  discarded: boolean;
  /** How often it may take effect: once more each time the person repeats what had been done. */
  allowed: number;
  /** It is neither waiting nor done: it must stay so. */
  gone: boolean;
}

export class Oracle {
  readonly chains = new Map<number, Chain>();
  #orders = 0;

  constructor(private readonly world: World) {}

  /** A new command is about to be saved. */
  begin(lane: string | null): number {
    const chain = this.chains.size + 1;
    const fresh = { order: ++this.#orders, lane, confirmed: false, discarded: false, allowed: 1, gone: false };
    this.chains.set(chain, fresh);
    return chain;
  }

  confirm(chain: number): void {
    this.#chain(chain).confirmed = true;
  }

  discard(chain: number): void {
    this.#chain(chain).discarded = true;
  }

  /** The person repeats a command although it had been done: it is one more, at the end of its lane. */
  repeat(chain: number): void {
    const known = this.#chain(chain);
    known.allowed++;
    known.order = ++this.#orders;
  }

  /** After every step. */
  async check(): Promise<void> {
    const waiting = new Set((await this.world.outbox.entries()).map(({ body }) => chainOf(body)));
    const done = this.#done();
    for (const [number, chain] of this.chains) {
      const times = done.filter((other) => other === number).length;
      if (times > chain.allowed) throw new Error(`command ${number} was done ${times} times`);
      if (chain.confirmed && times === 0 && !waiting.has(number) && !chain.discarded)
        throw new Error(`command ${number} is lost`);
      if (chain.gone && times > 0) throw new Error(`command ${number} was done after it had been taken back`);
      if (chain.discarded && times === 0 && !waiting.has(number)) chain.gone = true;
    }
    this.#checkLanes();
    this.#checkTold();
  }

  /** When everything had its chance: what still waits waits for the person, or behind what does in its lane. */
  async checkDrained(): Promise<void> {
    const blocked = new Set<string>();
    for (const { key, state, body, lane } of inPlace(await this.world.outbox.entries())) {
      const behind = lane !== null && blocked.has(lane);
      if (state !== 'failed' && state !== 'conflict' && !behind)
        throw new Error(`command ${chainOf(body)} (${key}) is stuck: ${state}`);
      if (lane !== null) blocked.add(lane);
    }
  }

  #checkLanes(): void {
    const last = new Map<string, number>();
    for (const { body } of this.world.server.ledger) {
      const { lane, order } = this.#chain(chainOf(body));
      if (lane === null) continue;
      const before = last.get(lane) ?? 0;
      // A repeated command was done at two places; its first is before its present order.
      if (order < before && this.#chain(chainOf(body)).allowed === 1) throw new Error(`lane ${lane} is out of order`);
      last.set(lane, Math.max(before, order));
    }
  }

  /** Nobody was told "done" of what was not, and what was taken back is not sent after all. */
  #checkTold(): void {
    const keys = new Set(this.world.server.ledger.map(({ key }) => key));
    const told = this.world.hub.heard.filter((event): event is EntryEvent => event.kind === 'entry');
    const before = new Map<string, EntryEvent['state']>();
    for (const { key, state, problem } of told) {
      const done = state === 'acknowledged' && !problem;
      if (done && !keys.has(key)) throw new Error(`${key} was called done, and is not`);
      if (before.get(key) === 'discarding' && (done || state === 'queued'))
        throw new Error(`${key} was taken back, and then called ${state}`);
      before.set(key, state);
    }
  }

  #done(): number[] {
    return this.world.server.ledger.map(({ body }) => chainOf(body));
  }

  #chain(number: number): Chain {
    const chain = this.chains.get(number);
    if (!chain) throw new Error(`there is no command ${number}`);
    return chain;
  }
}

function inPlace(entries: readonly Listed[]): Listed[] {
  return entries
    .filter(({ laneSeq, lane }) => lane === null || laneSeq !== null)
    .sort((a, b) => (a.laneSeq ?? 0) - (b.laneSeq ?? 0));
}

/** Which command a body belongs to. */
export function chainOf(body: unknown): number {
  const value = typeof body === 'string' ? (JSON.parse(body) as unknown) : body;
  return (value as { chain?: number } | null)?.chain ?? 0;
}

/** Random days in the life of an outbox. */

import fc from 'fast-check';
import type { Listed } from '../public.ts';
import { FAULTS, type Fault } from './network.ts';
import { chainOf, Oracle } from './oracle.ts';
import { type Crash, type Spoil, SUB, World } from './world.ts';

const crash = fc.option(fc.record({ gates: fc.nat({ max: 40 }), after: fc.boolean() }), { freq: 2 });
const faults = fc.array(fc.constantFrom(...FAULTS, ...Array<Fault>(6).fill('none')), { maxLength: 8 });
const tab = fc.nat({ max: 1 });
const HOW = ['edit', 'discard', 'retry', 'mine', 'theirs', 'merge'] as const;

const enqueue = fc.record({
  do: fc.constant('enqueue' as const),
  tab,
  lane: fc.constantFrom('a', 'b', null),
  kind: fc.constantFrom('plain', 'plain', 'plain', 'refused', 'versioned'),
  crash,
});
const flush = fc.record({ do: fc.constant('flush' as const), tab, now: fc.boolean(), faults, crash });
const mend = fc.record({
  do: fc.constant('mend' as const),
  tab,
  pick: fc.nat({ max: 9 }),
  how: fc.constantFrom(...HOW),
  crash,
});
const together = fc.record({
  do: fc.constant('together' as const),
  now: fc.boolean(),
  faults,
  crash,
  other: fc.oneof(enqueue, mend, flush),
});
const world = fc.oneof(
  fc.record({
    do: fc.constant('advance' as const),
    ms: fc.constantFrom(800, 5_000, 90_000, 400_000, -90_000, -90_000_000),
  }),
  fc.record({
    do: fc.constant('session' as const),
    sub: fc.constantFrom(null, SUB, SUB, 'sub-2'),
    known: fc.boolean(),
  }),
  fc.record({ do: fc.constant('wipe-lanes' as const) }),
  fc.record({ do: fc.constant('deliver' as const) }),
  fc.record({ do: fc.constant('change' as const), thing: fc.constantFrom('a', 'b', 'none') }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: enqueue },
  { weight: 4, arbitrary: flush },
  { weight: 3, arbitrary: together },
  { weight: 3, arbitrary: mend },
  { weight: 3, arbitrary: world },
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Enqueue = Extract<Step, { do: 'enqueue' }>;
type Mend = Extract<Step, { do: 'mend' }>;

export const schedule = fc.record({ seed: fc.nat(), steps: fc.array(step, { minLength: 1, maxLength: 24 }) });

/** Lives through a schedule; throws when the oracle finds something. */
export async function live(
  { seed, steps }: { seed: number; steps: readonly Step[] },
  spoil: Spoil = {},
): Promise<void> {
  const day = new Day(new World(seed, spoil));
  try {
    for (const next of steps) {
      await day.step(next);
      await day.oracle.check();
    }
    await day.heal();
    await day.oracle.check();
    await day.oracle.checkDrained();
  } finally {
    day.world.close();
  }
}

class Day {
  readonly oracle: Oracle;

  constructor(readonly world: World) {
    this.oracle = new Oracle(world);
  }

  async step(next: Step): Promise<void> {
    const { world } = this;
    switch (next.do) {
      case 'enqueue':
        return this.#enqueue(next);
      case 'flush':
        world.network.faults = [...next.faults];
        return this.#flush(next.tab, next.now, next.crash);
      case 'mend':
        return this.#mend(next);
      case 'together':
        world.network.faults = [...next.faults];
        await Promise.all([this.#flush(0, next.now, next.crash), this.step({ ...next.other, tab: 1 })]);
        return;
      case 'advance':
        return world.clock.advance(next.ms);
      case 'session':
        return this.#session(next.sub, next.known);
      case 'wipe-lanes':
        return world.server.lanes.clear();
      case 'deliver':
        return world.network.deliver();
      case 'change':
        world.server.versions.set(next.thing, (world.server.versions.get(next.thing) ?? 1) + 1);
    }
  }

  /** The network is well, the person signed in, time passes. */
  async heal(): Promise<void> {
    const { world } = this;
    world.network.faults = [];
    await this.#session(SUB, true);
    for (let round = 0; round < 12; round++) {
      world.clock.advance(400_000);
      await this.#flush(round, round % 2 === 0, null);
    }
    world.network.deliver();
  }

  async #enqueue({ tab: index, lane, kind, crash: end }: Enqueue): Promise<void> {
    const chain = this.oracle.begin(lane);
    const thing = lane ?? 'none';
    const body = { chain, thing, ...(kind === 'refused' ? { refuse: 422 } : {}) };
    const baseVersion = kind === 'versioned' ? (this.world.server.versions.get(thing) ?? 1) : null;
    const draft = { app: 'things', describe: `Command ${chain}`, url: '/api/things/do', lane, body, baseVersion };
    const entry = await this.world.in(index, end, (outbox) => outbox.enqueue(draft));
    if (entry) this.oracle.confirm(chain);
  }

  async #flush(index: number, now: boolean, end: Crash | null): Promise<void> {
    await this.world.in(index, end, (outbox) => outbox.flush({ now }));
  }

  async #mend({ tab: index, pick, how, crash: end }: Mend): Promise<void> {
    const entries = await this.world.tab(index).outbox.entries();
    const entry = entries[pick % Math.max(1, entries.length)];
    if (!entry) return;
    const chain = chainOf(entry.body);
    if (how === 'discard' || (how === 'theirs' && entry.state === 'conflict')) this.oracle.discard(chain);
    else if (entry.lastProblem?.code === 'command-applied' && (how === 'retry' || how === 'edit'))
      this.oracle.repeat(chain);
    await this.world.in(index, end, async (outbox) => mended(outbox, entry, how));
  }

  async #session(sub: string | null, known: boolean): Promise<void> {
    this.world.server.session = sub;
    this.world.pageSub = known ? sub : SUB;
    if (sub === SUB) await this.world.outbox.resume(SUB);
  }
}

function mended(outbox: World['outbox'], entry: Listed, how: (typeof HOW)[number]): Promise<unknown> {
  const body = { chain: chainOf(entry.body), thing: entry.lane ?? 'none', edited: true };
  switch (how) {
    case 'edit':
      return outbox.edit(entry.key, { body });
    case 'discard':
      return outbox.discard(entry.key);
    case 'retry':
      return outbox.retry(entry.key);
    case 'merge':
      return outbox.resolve(entry.key, { merge: body });
    default:
      return outbox.resolve(entry.key, how);
  }
}

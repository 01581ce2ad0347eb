/** A browser with a page and a worker of one person, a faulty network and a server; and the oracle that judges what happened. */

import type { TransactOptions } from '../db.ts';
import { LocalError, Outbox, type OutboxDeps, PersonDb } from '../public.ts';
import type { Tables } from '../tables.ts';
import { type ChannelFake, ChannelHub, Life, LockManagerFake, ManualClock, seeded } from './fakes.ts';
import { FaultyNetwork } from './network.ts';
import { SimulatedServer } from './server.ts';

export const SUB = 'sub-1';

/** How to spoil an outbox, for tests of the oracle. */
export interface Spoil {
  readonly fetch?: (fetch: OutboxDeps['fetch']) => OutboxDeps['fetch'];
  readonly tables?: (tables: Tables) => Partial<Tables>;
}

export interface Crash {
  readonly gates: number;
  readonly after: boolean;
}

class MortalDb extends PersonDb {
  /** Every transaction that was asked for. */
  readonly made: TransactOptions[] = [];

  constructor(
    private readonly life: Life,
    name: string,
    private readonly spoil: Spoil['tables'],
  ) {
    super(SUB, name);
  }

  override transact<T>(options: TransactOptions, work: (tables: Tables) => Promise<T>): Promise<T> {
    this.made.push(options);
    const spoilt = (tables: Tables): Tables =>
      this.spoil ? Object.assign(Object.create(tables), this.spoil(tables)) : tables;
    return this.life.gate(() => super.transact(options, (tables) => work(spoilt(tables))));
  }
}

/** A page or the worker: dies and comes back with the same database. */
interface Tab {
  life: Life;
  outbox: Outbox;
  db: MortalDb;
  channel: ChannelFake;
}

let worlds = 0;

export class World {
  /** How far the server's clock is ahead of the device's, ms. */
  ahead = 0;
  readonly clock = new ManualClock();
  readonly server = new SimulatedServer(() => this.clock.time + this.ahead);
  readonly network = new FaultyNetwork(this.server);
  readonly hub = new ChannelHub();
  readonly locks = new LockManagerFake();
  readonly tabs: Tab[];
  readonly reports: Error[] = [];
  /** The `sub` that the pages believe in. */
  pageSub: string | null = SUB;
  readonly name = `world-${++worlds}`;
  readonly #random: () => number;
  #keys = 0;

  constructor(
    seed = 1,
    private readonly spoil: Spoil = {},
  ) {
    this.#random = seeded(seed);
    this.tabs = [this.#born(), this.#born()];
  }

  tab(index: number): Tab {
    const tab = this.tabs[index % this.tabs.length];
    if (!tab) throw new Error('no tab');
    return tab;
  }

  get outbox(): Outbox {
    return this.tab(0).outbox;
  }

  /** Does something in a tab, which may die of it; then it comes back. What the outbox refuses is not an error here. */
  async in<T>(index: number, crash: Crash | null, work: (outbox: Outbox) => Promise<T>): Promise<T | null> {
    const tab = this.tab(index);
    if (crash) tab.life.dieAt(crash.gates, crash.after);
    const done = work(tab.outbox).catch((error: unknown) => {
      if (!(error instanceof LocalError)) throw error;
      return null;
    });
    const result = await Promise.race([done, tab.life.ended.then(() => null)]);
    if (tab.life.isDead) this.reborn(index);
    else tab.life.dieAt(Number.MAX_SAFE_INTEGER, false);
    return result;
  }

  reborn(index: number): void {
    const at = index % this.tabs.length;
    const tab = this.tab(at);
    tab.life.die();
    tab.channel.close();
    tab.db.close();
    this.tabs[at] = this.#born();
    this.locks.die(tab);
    this.locks.die(tab.life);
  }

  close(): void {
    for (const tab of this.tabs) tab.db.close();
    indexedDB.deleteDatabase(this.name);
  }

  #born(): Tab {
    const life = new Life();
    const db = new MortalDb(life, this.name, this.spoil.tables);
    const channel = this.hub.open();
    const locks = this.locks.of(life);
    const fetch: OutboxDeps['fetch'] = (url, init) => life.gate(() => this.network.fetch(url, init));
    const outbox = new Outbox({
      db,
      channel,
      clock: this.clock,
      random: this.#random,
      fetch: this.spoil.fetch?.(fetch) ?? fetch,
      locks: { request: (name, options, work) => life.gate(() => locks.request(name, options, work)) },
      person: () => this.pageSub,
      report: (error) => void this.reports.push(error),
      newKey: (now) => this.#newKey(now),
    });
    return { life, outbox, db, channel };
  }

  /** A UUIDv7 with a counter in place of chance. */
  #newKey(now: number): string {
    const time = Math.max(0, now).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(++this.#keys).padStart(12, '0')}`;
  }
}

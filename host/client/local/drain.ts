/** One flush: sends what is due, lanes side by side, each in its order. Runs under the lock. */

import { BASE_MS, beganBy, isOver } from './backoff.ts';
import type { LocalEvent } from './events.ts';
import { recover, tidy } from './housekeeping.ts';
import type { Journal } from './journal.ts';
import { generationOf } from './lanes.ts';
import { listEntries } from './listing.ts';
import type { FlushResult, OutboxDeps } from './outbox.ts';
import { isSendable, type Plan, plan, type Target, targetOf } from './plan.ts';
import { Pool } from './pool.ts';
import type { Listed } from './reading.ts';
import { send } from './send.ts';
import { event, settle } from './settle.ts';
import type { Tables } from './tables.ts';
import type { Sent, Verdict } from './verdict.ts';

/** More than a browser has connections, so that none rests while an answer is being written down. */
const CONCURRENCY = 16;
const TIMEOUT_MS = 30_000;

interface Outcome {
  readonly sent: Sent;
  readonly verdict: Verdict;
}

interface Step {
  readonly told: readonly LocalEvent[];
  readonly next: Sent | null;
}

type Stop = 'paused' | 'other-person' | 'aborted' | 'offline';

export class Drain {
  readonly #pool: Pool;
  readonly #renumbered = new Set<string>();
  /** What was sent in this flush: only a wait's end sends it once more. */
  #tried = new Set<string>();
  #sent = 0;
  /** Targets that hold something unreadable: trying to read it would spoil the others' transaction. */
  #unreadable = new Set<Target>();
  #stop: Stop | null = null;
  /** From the beginning to the last look; what comes later is the next flush's. */
  #hears = false;
  #acknowledged = 0;
  /** Requests in a row that nobody answered. */
  #unanswered = 0;

  constructor(
    private readonly deps: OutboxDeps,
    private readonly journal: Journal,
    /** Waits that began by this time are over; null: none. */
    private forgive: number | null,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#pool = new Pool(deps.concurrency ?? CONCURRENCY, (target) => this.#follow(target as Target));
  }

  async run(): Promise<FlushResult & { readonly offline: boolean }> {
    if (await this.#begin()) this.#stop ??= 'paused';
    this.#hears = true;
    for (;;) {
      const sent = this.#sent;
      const found = await this.#look();
      if (!(await this.#isStopped())) for (const target of found.targets) this.#pool.add(target);
      if (this.#pool.isIdle()) return this.#result(found);
      await this.#pool.finished();
      if (this.#sent === sent) return this.#result(await this.#look());
    }
  }

  /** Something happened elsewhere: an entry came or was mended, or waits are over. */
  hear(heard: LocalEvent): void {
    if (!this.#hears) return;
    if (heard.kind === 'wake') {
      this.forgive = this.deps.clock.now();
      this.#tried = new Set();
    }
    if (heard.kind !== 'entry' || (heard.state !== 'queued' && heard.state !== 'discarding')) return;
    this.#pool.add(heard.lane === null ? `key:${heard.key}` : `lane:${heard.lane}`);
  }

  /** Starts nothing more. */
  stop(): void {
    this.#stop ??= 'aborted';
  }

  /** Takes over what a crash left under way. True: the outbox is paused. */
  async #begin(): Promise<boolean> {
    const { db, clock } = this.deps;
    await recover(db);
    return this.journal.commit(async (tables) => {
      await tidy(tables, clock.now());
      return Boolean(await tables.meta('paused'));
    });
  }

  async #look(): Promise<Plan> {
    const { db, clock } = this.deps;
    const entries = await listEntries(db);
    this.#unreadable = new Set(entries.filter(({ readable }) => !readable).map(targetOf));
    const now = clock.now();
    return plan(entries, db.sub, (entry) => this.#isDue(entry, now));
  }

  /** Sends a target's entries one after the other. One transaction settles the last and takes the next. */
  async #follow(target: Target): Promise<void> {
    let last: Outcome | null = null;
    for (;;) {
      const { told, next } = await this.#step(target, last);
      for (const one of told) this.#announce(one);
      if (next === null) return;
      if (next.entry.state === 'inflight') this.#announce(event(next.entry, 'inflight'));
      this.#sent++;
      const verdict = await send(next, { fetch: this.deps.fetch, signal: this.#limit() });
      last = { sent: next, verdict: this.#watched(verdict) };
    }
  }

  async #step(target: Target, last: Outcome | null): Promise<Step> {
    const stopped = await this.#isStopped();
    if (stopped && last === null) return { told: [], next: null };
    return this.journal.commit(async (tables) => {
      const told = last ? await this.#settle(tables, last.sent, last.verdict) : [];
      return { told, next: stopped || this.#stop !== null ? null : await this.#take(tables, target) };
    });
  }

  async #settle(tables: Tables, sent: Sent, verdict: Verdict): Promise<LocalEvent[]> {
    const { clock, random } = this.deps;
    const told = await settle(tables, sent, verdict, { now: clock.now(), random, renumbered: this.#renumbered });
    if (told.some(({ kind }) => kind === 'paused')) this.#stop ??= 'paused';
    return told;
  }

  /** The target's first entry if it is due, marked as under way before anything is sent. */
  async #take(tables: Tables, target: Target): Promise<Sent | null> {
    if (this.#unreadable.has(target)) return null;
    const lane = target.startsWith('lane:') ? target.slice(5) : null;
    const first = lane === null ? tables.entry(target.slice(4)) : tables.head(lane);
    const [entry, generation, resumed = 0, paused] = await Promise.all([
      first,
      generationOf(tables, lane),
      tables.meta('resumed'),
      tables.meta('paused'),
    ]);
    if (paused) this.#stop ??= 'paused'; // another page's doing, while this one sends
    if (
      paused ||
      !entry ||
      !isSendable(entry, this.deps.db.sub) ||
      !this.#isDue(entry, this.deps.clock.now()) ||
      targetOf(entry) !== target
    )
      return null;
    this.#tried.add(entry.key);
    if (entry.state === 'discarding') return { entry, generation, resumed };
    const sent: Listed = { ...entry, state: 'inflight', attempts: entry.attempts + 1 };
    await tables.putEntry(sent);
    return { entry: sent, generation, resumed };
  }

  #isDue(entry: Listed, now: number): boolean {
    if (isOver(entry, now)) return true;
    return this.forgive !== null && beganBy(entry, this.forgive) && !this.#tried.has(entry.key);
  }

  async #isStopped(): Promise<boolean> {
    const { db, person } = this.deps;
    if (this.signal?.aborted) this.#stop ??= 'aborted';
    if ((await person()) !== db.sub) this.#stop ??= 'other-person';
    return this.#stop !== null;
  }

  /** When nobody answers at all, the other lanes are spared the same. */
  #watched(verdict: Verdict): Verdict {
    if (verdict.received.receipt) this.#unanswered = 0;
    else if (this.signal?.aborted) return { ...verdict, means: 'aborted' };
    else if (++this.#unanswered >= (this.deps.concurrency ?? CONCURRENCY)) this.#stop ??= 'offline';
    return verdict;
  }

  #announce(one: LocalEvent): void {
    if (one.kind === 'entry' && one.state === 'acknowledged') this.#acknowledged++;
    if (one.kind === 'entry' && one.problem?.code === 'idempotency-key-reused')
      this.deps.report(new Error(`The key of command ${one.key} of ${one.app} was used before, for another request.`));
    this.deps.channel.post(one);
  }

  #limit(): AbortSignal {
    const timeout = AbortSignal.timeout(this.deps.timeoutMs ?? TIMEOUT_MS);
    return this.signal ? AbortSignal.any([this.signal, timeout]) : timeout;
  }

  /** Nothing that happens from here on is this flush's. */
  #result({ targets, later }: Plan): FlushResult & { offline: boolean } {
    this.#hears = false;
    const { clock } = this.deps;
    const offline = this.#stop === 'offline';
    const outcome = this.#stop === null || this.#stop === 'offline' ? 'done' : this.#stop;
    const next = offline ? (later ?? clock.now() + BASE_MS) : targets.length > 0 ? clock.now() : later;
    return { outcome, acknowledged: this.#acknowledged, nextWake: outcome === 'done' ? next : null, offline };
  }
}

/** Gets what waits sent: the worker does it when one is there (it outlives the page), else this page. */

import type { FlushResult, Outbox } from '@portico/local';
import type { Clock } from './clock.ts';
import { Refresher } from './refresher.ts';

/** Asks the worker to flush; false when there is none. */
export type AskWorker = (now: boolean) => boolean;

export interface FlusherDeps {
  readonly outbox: Pick<Outbox, 'flush' | 'nextWake'>;
  readonly askWorker: AskWorker;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** A worker that gives no sign of life for so long does not flush: the browser may have blocked or ended it. */
const WORKER_LIMIT_MS = 3_000;
/** Longer than a request may take (30 s): whoever is silent for so long after a sign of life has ended. */
const SILENCE_LIMIT_MS = 40_000;
/** However urgent: a flush that sends nothing must not be followed by the next without end. */
const SOONEST_MS = 250;
/** A timer may not be set further ahead than 2^31 ms. */
const FARTHEST_MS = 2_147_483_647;

export class Flusher {
  #stop = new AbortController();
  #cancelWake = (): void => {};
  /** While this page waits for signs of life of whoever sends. */
  #cancelWatch: (() => void) | null = null;
  /** When the outbox wants to be flushed again; read from the disk, so not once for each of a thousand commands. */
  #nextWake: number | null = null;
  readonly #reading: Refresher;

  constructor(readonly deps: FlusherDeps) {
    this.#reading = new Refresher(deps.clock, async () => {
      this.#nextWake = await deps.outbox.nextWake();
    });
  }

  /** Sends what is due. `now`: also what waits after a failure. */
  flush({ now = false }: { readonly now?: boolean } = {}): void {
    if (this.#stop.signal.aborted) return;
    if (this.deps.askWorker(now)) this.#watch(WORKER_LIMIT_MS, now);
    else this.#here(now);
  }

  /** Sends here, whatever the worker does, and says how it went; one flusher at a time goes on all the same. */
  async flushHere(now: boolean): Promise<FlushResult> {
    const result = await this.deps.outbox.flush({ now, signal: this.#stop.signal });
    await this.#settled();
    return result;
  }

  /** Something is being sent, or was: whoever does it is alive. Browsers end workers, and people tabs, in the middle of it. */
  progressed(): void {
    this.#watch(SILENCE_LIMIT_MS, false);
  }

  /** Somebody, here or in another page, has something to send and will see to it; unless their page goes first. */
  expected(): void {
    if (this.#cancelWatch === null) this.#watch(SILENCE_LIMIT_MS, false);
  }

  /** The worker has flushed. What is still due it could not send, or does not: then it is sent here. */
  async flushedByWorker(): Promise<void> {
    const at = await this.#settled();
    if (at !== null && at <= this.deps.clock.now()) await this.flushHere(false);
  }

  /** A flush is over: the next is due when the outbox says so. */
  async #settled(): Promise<number | null> {
    this.#unwatch();
    this.#cancelWake();
    const { clock } = this.deps;
    await this.#reading.ask();
    const at = this.#nextWake;
    if (at === null || this.#stop.signal.aborted) return null;
    const ms = Math.min(Math.max(SOONEST_MS, at - clock.now()), FARTHEST_MS);
    this.#cancelWake();
    this.#cancelWake = clock.after(ms, () => this.flush());
    return at;
  }

  stop(): void {
    this.#stop.abort();
    this.#cancelWake();
    this.#unwatch();
  }

  /** Sends here when there is no sign of life for so long. */
  #watch(ms: number, now: boolean): void {
    if (this.#stop.signal.aborted) return;
    this.#unwatch();
    this.#cancelWatch = this.deps.clock.after(ms, () => this.#here(now));
  }

  #unwatch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = null;
  }

  #here(now: boolean): void {
    this.#unwatch();
    this.flushHere(now).catch((error: unknown) => this.deps.report(error));
  }
}

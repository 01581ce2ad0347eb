/** Gets what waits sent: the worker does it when one is there (it outlives the page), else this page. */

import type { FlushResult, Outbox } from '@portico/local';
import type { Clock } from './clock.ts';

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
/** However urgent: a flush that sends nothing must not be followed by the next without end. */
const SOONEST_MS = 250;
/** A timer may not be set further ahead than 2^31 ms. */
const FARTHEST_MS = 2_147_483_647;

export class Flusher {
  #stop = new AbortController();
  #cancelWake = (): void => {};
  #cancelWorker = (): void => {};

  constructor(readonly deps: FlusherDeps) {}

  /** Sends what is due. `now`: also what waits after a failure. */
  flush({ now = false }: { readonly now?: boolean } = {}): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelWorker();
    if (this.deps.askWorker(now)) this.#cancelWorker = this.deps.clock.after(WORKER_LIMIT_MS, () => this.#here(now));
    else this.#here(now);
  }

  /** Sends here, whatever the worker does, and says how it went; one flusher at a time goes on all the same. */
  async flushHere(now: boolean): Promise<FlushResult> {
    const result = await this.deps.outbox.flush({ now, signal: this.#stop.signal });
    await this.#settled();
    return result;
  }

  /** Something happened to an entry: whoever flushes is alive. */
  progressed(): void {
    this.#cancelWorker();
  }

  /** The worker has flushed. What is still due it could not send, or does not: then it is sent here. */
  async flushedByWorker(): Promise<void> {
    const at = await this.#settled();
    if (at !== null && at <= this.deps.clock.now()) await this.flushHere(false);
  }

  /** A flush is over: the next is due when the outbox says so. */
  async #settled(): Promise<number | null> {
    this.#cancelWorker();
    this.#cancelWake();
    const { clock, outbox } = this.deps;
    const at = await outbox.nextWake();
    if (at === null || this.#stop.signal.aborted) return null;
    const ms = Math.min(Math.max(SOONEST_MS, at - clock.now()), FARTHEST_MS);
    this.#cancelWake();
    this.#cancelWake = clock.after(ms, () => this.flush());
    return at;
  }

  stop(): void {
    this.#stop.abort();
    this.#cancelWake();
    this.#cancelWorker();
  }

  #here(now: boolean): void {
    this.flushHere(now).catch((error: unknown) => this.deps.report(error));
  }
}

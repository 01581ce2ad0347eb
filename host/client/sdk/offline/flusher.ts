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
    await this.settled();
    return result;
  }

  /** Something happened to an entry: whoever flushes is alive. */
  progressed(): void {
    this.#cancelWorker();
  }

  /** A flush is over, here or in the worker: the next is due when the outbox says so. */
  async settled(): Promise<void> {
    this.#cancelWorker();
    this.#cancelWake();
    const at = await this.deps.outbox.nextWake();
    if (at === null || this.#stop.signal.aborted) return;
    const { clock } = this.deps;
    this.#cancelWake = clock.after(Math.min(Math.max(0, at - clock.now()), FARTHEST_MS), () => this.flush());
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

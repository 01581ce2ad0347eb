/**
 * The courier's round as this page knows it: what the server told last, with the courier's own steps laid over it. It reads
 * again whenever something changed, at the server or here.
 */
import type { CourierApi } from './api.ts';
import type { Job, Round, Step } from './model.ts';
import { Observable } from './observable.ts';
import { t } from './say.ts';
import { overlay, type ShownRound, type Waiting } from './waiting.ts';

export interface RoundState {
  /** Null until it was read once. */
  readonly shown: ShownRound | null;
  /** Why the last reading failed. */
  readonly failure: unknown;
  /** What to tell the courier, and a number that grows with each, so that the same words twice are news twice. */
  readonly news: { readonly text: string; readonly count: number; readonly bad: boolean };
}

export class RoundStore extends Observable<RoundState> {
  readonly #api: CourierApi;
  #told: Round | null = null;
  #waiting: readonly Waiting[] = [];
  #failure: unknown;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(api: CourierApi) {
    super({ shown: null, failure: undefined, news: { text: '', count: 0, bad: false } });
    this.#api = api;
  }

  /** Reads, and keeps itself up to date until the returned function is called. */
  start(): () => void {
    const ends = [this.#api.onChange(() => void this.load()), this.#api.onWaiting(() => void this.load())];
    void this.load();
    return () => {
      for (const end of ends) end();
    };
  }

  /** Reads the round and what waits; once more afterwards if it was asked for meanwhile. Never rejects. */
  load(): Promise<void> {
    this.#again = this.#reading !== null;
    // What was saved here shows also while the server makes an earlier reading wait.
    if (this.#again) void this.#readWaiting();
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  /** Takes a step. It shows as soon as it is saved on this device. */
  async take(step: Step, job: Job): Promise<void> {
    try {
      const outcome = await this.#api.take(step, job);
      if (outcome.state === 'refused') this.#say(outcome.why, true);
    } catch {
      this.#say(t('notSaved'), true);
    }
    await this.load();
  }

  /** Gives up a step that the server did not take, and shows the job as it is. */
  async giveUp(waiting: Waiting): Promise<void> {
    try {
      await this.#api.giveUp(waiting);
    } catch {
      this.#say(t('notTakenBack'), true);
    }
    await this.load();
  }

  async #readAll(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#readOnce();
      } while (this.#again);
    } finally {
      this.#reading = null;
    }
  }

  /** A step that is new shows at once; one that is gone stays until the round that holds it has been read. */
  async #readOnce(): Promise<void> {
    const gone = await this.#readWaiting();
    await this.#readRound();
    this.#waiting = this.#waiting.filter((step) => !gone.includes(step));
    this.#publish();
  }

  /** Shows what waits, and returns the steps that are gone from there. */
  async #readWaiting(): Promise<readonly Waiting[]> {
    const waiting = await this.#api.waiting().catch(() => this.#waiting);
    const gone = this.#waiting.filter(({ key }) => waiting.every((other) => other.key !== key));
    this.#waiting = [...gone, ...waiting];
    this.#publish();
    return gone;
  }

  async #readRound(): Promise<void> {
    try {
      const round = await this.#api.round();
      this.#announce(round);
      this.#told = round;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }

  /** What is new at restaurants, and what was called off on the way. */
  #announce(round: Round): void {
    if (!this.#told) return;
    const known = idsOf(this.#told);
    const fresh = round.ready.filter(({ id }) => !known.has(id));
    const now = idsOf(round);
    const off = this.#told.withMe.filter(({ id }) => !now.has(id));
    if (off.length)
      this.#say(t('calledOff', { restaurant: off.map(({ restaurantName }) => restaurantName).join(', ') }));
    else if (fresh.length === 1) this.#say(t('newJob', { restaurant: fresh[0]?.restaurantName }));
    else if (fresh.length) this.#say(t('newJobs', { count: fresh.length }));
  }

  #say(text: string, bad = false): void {
    const { news } = this.snapshot();
    this.set({ ...this.snapshot(), news: { text, count: news.count + 1, bad } });
  }

  #publish(): void {
    const shown = this.#told && overlay(this.#told, this.#waiting);
    this.set({ ...this.snapshot(), shown, failure: this.#failure });
  }
}

function idsOf({ ready, withMe, delivered }: Round): ReadonlySet<string> {
  return new Set([...ready, ...withMe, ...delivered].map(({ id }) => id));
}

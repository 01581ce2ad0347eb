/**
 * The restaurant's queue as this page knows it: what the server told last, with the cook's own steps laid over it. It reads
 * again whenever something changed, at the server or here.
 */
import type { KitchenApi } from './api.ts';
import type { Queue, Reason, Step, Task } from './model.ts';
import { Observable } from './observable.ts';
import { t } from './say.ts';
import { overlay, type ShownQueue, type Waiting } from './waiting.ts';

export interface QueueState {
  /** Null until it was read once. */
  readonly shown: ShownQueue | null;
  /** Why the last reading failed. */
  readonly failure: unknown;
  /** What to tell the cook, and a number that grows with each, so that the same words twice are news twice. */
  readonly news: { readonly text: string; readonly count: number; readonly bad: boolean };
}

export class QueueStore extends Observable<QueueState> {
  readonly #api: KitchenApi;
  #told: Queue | null = null;
  #waiting: readonly Waiting[] = [];
  #failure: unknown;
  #reading: Promise<void> | null = null;
  #again = false;
  /** Orders that were rejected here: that they left the queue is no news. */
  readonly #rejected = new Set<string>();

  constructor(api: KitchenApi) {
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

  /** Reads the queue and what waits; once more afterwards if it was asked for meanwhile. Never rejects. */
  load(): Promise<void> {
    this.#again = this.#reading !== null;
    // What was saved here shows also while the server makes an earlier reading wait.
    if (this.#again) void this.#readWaiting();
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  /** Takes a step. It shows as soon as it is saved on this device. */
  async take(step: Step, task: Task, reason?: Reason): Promise<void> {
    if (step === 'reject') this.#rejected.add(task.id);
    try {
      const outcome = await this.#api.take(step, task, reason);
      if (outcome.state === 'done' && outcome.task) this.#hear(outcome.task);
      if (outcome.state === 'refused') this.#say(outcome.why, true);
    } catch {
      this.#say(t('notSaved'), true);
    }
    await this.load();
  }

  /** Gives up a step that the server did not take, and shows the task as it is. */
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

  /** A step that is new shows at once; one that is gone stays until the queue that holds it has been read. */
  async #readOnce(): Promise<void> {
    const gone = await this.#readWaiting();
    await this.#readQueue();
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

  async #readQueue(): Promise<void> {
    try {
      const queue = await this.#api.queue();
      this.#announce(queue);
      this.#told = queue;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }

  #hear(task: Task): void {
    if (!this.#told) return;
    const put = (tasks: readonly Task[]) => tasks.map((old) => (old.id === task.id ? task : old));
    this.#told = { queue: put(this.#told.queue), done: this.#told.done };
    this.#publish();
  }

  #announce({ queue, done }: Queue): void {
    if (!this.#told) return;
    const there = new Set([...queue, ...done].map(({ id }) => id));
    const gone = this.#told.queue.filter(({ id }) => !there.has(id) && !this.#rejected.has(id));
    if (gone.length) this.#say(t('gone', { customer: gone.map(({ customer }) => customer).join(', ') }));
    const known = new Set([...this.#told.queue, ...this.#told.done].map(({ id }) => id));
    const fresh = queue.filter(({ id, status }) => status === 'NEW' && !known.has(id));
    if (fresh.length === 1) this.#say(t('newOrder', { customer: fresh[0]?.customer }));
    else if (fresh.length) this.#say(t('newOrders', { count: fresh.length }));
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

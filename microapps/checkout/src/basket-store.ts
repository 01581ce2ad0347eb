/**
 * The basket as this page knows it, shared by every place that shows it. Changes show at once and are sent one after the
 * other, so that answers cannot overtake each other; a refused one disappears again and says why.
 */
import type { CheckoutApi } from './api.ts';
import { type Change, overlay } from './basket-changes.ts';
import type { Basket } from './model.ts';
import { Observable } from './observable.ts';
import { asRefusal, type Refusal } from './refusal.ts';

export interface Command {
  readonly change: Change;
  readonly key: string;
}

export interface Failure {
  readonly refusal: Refusal;
  /** What can be sent again with the same key; null when reading failed. */
  readonly command: Command | null;
}

export interface BasketState {
  /** Null until it was read once. */
  readonly basket: Basket | null;
  /** Changes on their way; sums are the server's from before them. */
  readonly waiting: number;
  readonly loading: boolean;
  readonly failure: Failure | null;
}

export class BasketStore extends Observable<BasketState> {
  readonly #api: CheckoutApi;
  readonly #newKey: () => string;
  #told: Basket | null = null;
  #commands: readonly Command[] = [];
  #loading: Promise<void> | null = null;
  #failure: Failure | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  /** `newKey` makes idempotency keys. */
  constructor(api: CheckoutApi, newKey: () => string) {
    super({ basket: null, waiting: 0, loading: false, failure: null });
    this.#api = api;
    this.#newKey = newKey;
  }

  /** Reads the basket unless a read is under way already. Never rejects: failure is part of the state. */
  load(): Promise<void> {
    this.#loading ??= this.#enqueue(() => this.#read()).finally(() => {
      this.#loading = null;
      this.#publish();
    });
    this.#publish();
    return this.#loading;
  }

  /** Sends a change and resolves with the answer. Rejects with the Refusal, which is also in the state. */
  change(change: Change, key: string = this.#newKey()): Promise<Basket> {
    return this.#send({ change, key });
  }

  /** Sends what failed again, with its key. */
  retry(): void {
    const command = this.#failure?.command;
    if (command) this.#send(command).catch(ignore);
    else void this.load();
  }

  dismiss(): void {
    this.#failure = null;
    this.#publish();
  }

  /** The server emptied the basket as part of something else. */
  emptied(): void {
    if (this.#told) this.#told = overlay(this.#told, [{ kind: 'clear' }]);
    this.#publish();
    void this.load();
  }

  async #read(): Promise<void> {
    try {
      this.#hear(await this.#api.basket());
      if (this.#failure?.command === null) this.#failure = null;
    } catch (error) {
      this.#failure = { refusal: asRefusal(error), command: null };
    }
  }

  /** Takes what the server tells, unless it repeats an answer from before what it told already. */
  #hear(basket: Basket): Basket {
    if (!this.#told || basket.version >= this.#told.version) this.#told = basket;
    return this.#told;
  }

  #send(command: Command): Promise<Basket> {
    this.#failure = null;
    this.#commands = [...this.#commands, command];
    this.#publish();
    return this.#enqueue(async () => {
      try {
        return this.#hear(await this.#api.change(command.change, command.key));
      } catch (error) {
        const refusal = asRefusal(error);
        this.#failure = { refusal, command };
        throw refusal;
      } finally {
        this.#commands = this.#commands.filter((other) => other !== command);
        this.#publish();
      }
    });
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(ignore);
    return result;
  }

  #publish(): void {
    const changes = this.#commands.map((command) => command.change);
    this.set({
      basket: this.#told && overlay(this.#told, changes),
      waiting: changes.length,
      loading: this.#loading !== null,
      failure: this.#failure,
    });
  }
}

function ignore(): void {
  // The state tells it.
}

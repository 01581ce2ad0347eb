/**
 * The basket as this page knows it, shared by every place that shows it. A change shows at once and is saved on this device
 * before anything else; the outbox sends changes in their order. A refused one disappears again and says why.
 */
import type { CheckoutApi, Connection, Sent } from './api.ts';
import { type Change, describe, foreseen, overlay } from './basket-changes.ts';
import type { Kept, KeptStore } from './kept.ts';
import { type Basket, NO_BASKET } from './model.ts';
import { Observable } from './observable.ts';
import { asRefusal, type Refusal } from './refusal.ts';

export interface Command {
  readonly change: Change;
  readonly key: string;
}

/** A command whose outcome this page waits for; `kept` is known of it once it is saved and out of this page's hands. */
interface Underway extends Command {
  kept: boolean;
}

export interface Failure {
  readonly refusal: Refusal;
  /** What can be sent again with the same key; null when reading failed. */
  readonly command: Command | null;
}

export interface BasketState {
  /** Null until it was read once. */
  readonly basket: Basket | null;
  /** Changes whose outcome is not known yet; sums are this page's own until then. */
  readonly waiting: number;
  readonly loading: boolean;
  readonly failure: Failure | null;
}

/** What a basket store works with. */
export interface BasketDeps {
  readonly api: CheckoutApi;
  readonly kept: KeptStore;
  readonly connection: Connection;
  /** Makes idempotency keys. */
  readonly newKey: () => string;
}

export class BasketStore extends Observable<BasketState> {
  readonly #deps: BasketDeps;
  #told: Basket | null = null;
  #commands: readonly Underway[] = [];
  readonly #underway = new Set<Promise<unknown>>();
  /** Keys whose outcome this page hears itself; what becomes of the others it has to read. */
  readonly #own = new Set<string>();
  #heldBefore = '';
  #loading: Promise<void> | null = null;
  #failure: Failure | null = null;

  constructor(deps: BasketDeps) {
    super({ basket: null, waiting: 0, loading: false, failure: null });
    this.#deps = deps;
    deps.kept.subscribe(() => this.#lookAt(deps.kept.snapshot()));
  }

  /** Reads the basket unless a read is under way already. Never rejects: failure is part of the state. */
  load(): Promise<void> {
    this.#loading ??= this.#readInPeace().finally(() => {
      this.#loading = null;
      this.#publish();
    });
    this.#publish();
    return this.#loading;
  }

  /** Saves and sends a change. Rejects with the Refusal, which is also in the state. */
  change(change: Change, key: string = this.#deps.newKey()): Promise<Sent<Basket>> {
    // Without a network this page itself tells what would be refused: for that it must have read what is kept.
    if (!this.#told && !this.#deps.connection.online()) return this.load().then(() => this.#begin(change, key));
    return this.#begin(change, key);
  }

  #begin(change: Change, key: string): Promise<Sent<Basket>> {
    const sending = this.#send({ change, key, kept: false });
    const settled = sending.catch(ignore).finally(() => this.#underway.delete(settled));
    this.#underway.add(settled);
    return sending;
  }

  /** Does again what failed: under the same key while it may have happened, else under a new one. */
  retry(): void {
    const { command, refusal } = this.#failure ?? {};
    if (!command) return void this.load();
    this.change(command.change, refusal?.outcome === 'unknown' ? command.key : this.#deps.newKey()).catch(ignore);
  }

  dismiss(): void {
    this.#failure = null;
    this.#publish();
  }

  /** The basket was, or will be, emptied as part of something else. */
  emptied(): void {
    if (this.#told) this.#told = overlay(this.#told, [{ kind: 'clear' }]);
    this.#publish();
    void this.load();
  }

  async #send(command: Underway): Promise<Sent<Basket>> {
    const { api, connection } = this.#deps;
    const { change, key } = command;
    const before = overlay(this.#told ?? NO_BASKET, this.#changes());
    const refused = connection.online() ? null : foreseen(before, change);
    if (refused) throw this.#fail(refused, command);
    this.#failure = null;
    this.#commands = [...this.#commands, command];
    this.#own.add(key);
    this.#publish();
    try {
      const saved = { key, describe: describe(change, before), expected: overlay(before, [change]) };
      const sent = await api.change(change, saved);
      if (sent.state === 'done') this.#drop(command, this.#hear(sent.value));
      else this.#keep(command);
      return sent;
    } catch (error) {
      this.#drop(command);
      throw this.#fail(asRefusal(error), command);
    } finally {
      this.#publish();
    }
  }

  #drop(command: Underway, told: Basket | null = this.#told): void {
    this.#told = told;
    this.#commands = this.#commands.filter((other) => other !== command);
  }

  /** What is kept counts as told, in its order: one that was kept sooner than an earlier one waits for that. */
  #keep(command: Underway): void {
    command.kept = true;
    this.#own.delete(command.key);
    const open = this.#commands.findIndex(({ kept }) => !kept);
    const count = open < 0 ? this.#commands.length : open;
    const changes = this.#commands.slice(0, count).map(({ change }) => change);
    this.#told = overlay(this.#told ?? NO_BASKET, changes);
    this.#commands = this.#commands.slice(count);
    this.#lookAt(this.#deps.kept.snapshot());
    void this.load();
  }

  #fail(refusal: Refusal, command: Command | null): Refusal {
    this.#failure = { refusal, command: command && { change: command.change, key: command.key } };
    this.#publish();
    return refusal;
  }

  /** Reads when no change is under way: an answer would hold it or not, and nobody could tell. */
  async #readInPeace(): Promise<void> {
    do await Promise.all(this.#underway);
    while (this.#underway.size);
    const { api, kept, connection } = this.#deps;
    const held = kept.snapshot().length > 0;
    if (held && this.#told && !connection.readsShowWaiting()) return;
    try {
      const basket = await api.basket();
      // A change came meanwhile: its own answer is newer, or it is saved, and then it is told of once more.
      if (this.#underway.size) return this.#readInPeace();
      if (held) this.#told = basket;
      else this.#hear(basket);
      if (this.#failure?.command === null) this.#failure = null;
    } catch (error) {
      this.#fail(asRefusal(error), null);
    }
  }

  /** Takes what the server tells, unless it repeats an answer from before what it told already. */
  #hear(basket: Basket): Basket {
    if (!this.#told || basket.version >= this.#told.version) this.#told = basket;
    return this.#told;
  }

  /** What others saved, sent or gave up (another tab, the service worker, this page before it was loaded) changes the basket. */
  #lookAt(kept: readonly Kept[]): void {
    const held = kept.filter(({ key }) => !this.#own.has(key)).map(({ key, state }) => `${key} ${state}`);
    const before = this.#heldBefore;
    this.#heldBefore = held.join();
    if (this.#heldBefore === before) return;
    // A reading that is under way may have asked before this.
    const reading = this.#loading ?? Promise.resolve();
    void reading.then(() => this.load());
  }

  #changes(): readonly Change[] {
    return this.#commands.map(({ change }) => change);
  }

  #publish(): void {
    this.set({
      basket: this.#told && overlay(this.#told, this.#changes()),
      waiting: this.#commands.length,
      loading: this.#loading !== null,
      failure: this.#failure,
    });
  }
}

function ignore(): void {
  // The state tells it.
}

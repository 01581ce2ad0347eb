/**
 * Placing an order: what the person typed, and the attempt under way. It outlives the page that shows the form, so that
 * going back to the menu for one more dish loses nothing; it does not outlive the document.
 */
import type { CheckoutApi } from './api.ts';
import { type Attempt, attemptFor } from './attempt.ts';
import type { Address, Money, Order } from './model.ts';
import { Observable } from './observable.ts';
import { asRefusal, type Refusal } from './refusal.ts';

export type Draft = Address & { readonly note: string };

export interface OrderState {
  readonly draft: Draft;
  readonly placing: boolean;
  readonly refusal: Refusal | null;
  /** The order this document placed last; its page says thank you. */
  readonly placed: Order | null;
}

const EMPTY: Draft = { name: '', street: '', postalCode: '', city: '', note: '' };

export class OrderStore extends Observable<OrderState> {
  readonly #api: CheckoutApi;
  readonly #newKey: () => string;
  #attempt: Attempt | null = null;

  /** `newKey` makes idempotency keys; `name` is a first answer to "whose name is on the door". */
  constructor(api: CheckoutApi, newKey: () => string, name: string) {
    super({ draft: { ...EMPTY, name }, placing: false, refusal: null, placed: null });
    this.#api = api;
    this.#newKey = newKey;
  }

  /** Keeps what was typed; a complaint about that field is withdrawn. */
  type(field: keyof Draft, value: string): void {
    const { draft, refusal } = this.snapshot();
    this.#update({ draft: { ...draft, [field]: value }, refusal: refusal?.without(field) ?? null });
  }

  /** Places the order at the total the person sees; null when it failed (see state) or one is under way already. */
  async place(seenTotal: Money): Promise<Order | null> {
    const { draft, placing } = this.snapshot();
    if (placing) return null;
    const { note, ...address } = draft;
    const attempt = attemptFor(this.#attempt, { address, note, seenTotal }, this.#newKey);
    this.#attempt = attempt;
    this.#update({ placing: true, refusal: null });
    try {
      const order = await this.#api.submitOrder(attempt.request, attempt.key);
      this.#attempt = null;
      this.#update({ placing: false, placed: order, draft: { ...this.snapshot().draft, note: '' } });
      return order;
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.outcome === 'refused') this.#attempt = null;
      this.#update({ placing: false, refusal });
      return null;
    }
  }

  #update(change: Partial<OrderState>): void {
    this.set({ ...this.snapshot(), ...change });
  }
}

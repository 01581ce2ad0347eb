/**
 * Placing an order: what the person typed, and the attempt under way. It outlives the page that shows the form, so that
 * going back to the menu for one more dish loses nothing; it does not outlive the document. The order itself does.
 */
import type { CheckoutApi } from './api.ts';
import { type Attempt, attemptFor } from './attempt.ts';
import { money } from './format.ts';
import type { Address, Basket, Order, OrderRequest } from './model.ts';
import { Observable } from './observable.ts';
import { asRefusal, type Refusal } from './refusal.ts';
import { t } from './say.ts';

export type Draft = Address & { readonly note: string };

/** An order that this document placed. */
export interface Placed {
  readonly order: Order;
  /** It was saved on this device, and not answered while the person waited. */
  readonly kept: boolean;
}

export interface OrderState {
  readonly draft: Draft;
  readonly placing: boolean;
  readonly refusal: Refusal | null;
  /** The order this document placed last; its page says thank you. */
  readonly placed: Placed | null;
}

/** What an order store works with. */
export interface OrderDeps {
  readonly api: CheckoutApi;
  /** Makes idempotency keys, which become order numbers: UUIDv7. */
  readonly newKey: () => string;
  /** The time now. */
  readonly now: () => Date;
  /** A first answer to "whose name is on the door". */
  readonly name: string;
}

const EMPTY: Draft = { name: '', street: '', postalCode: '', city: '', note: '' };

export class OrderStore extends Observable<OrderState> {
  readonly #deps: OrderDeps;
  #attempt: Attempt | null = null;

  constructor(deps: OrderDeps) {
    super({ draft: { ...EMPTY, name: deps.name }, placing: false, refusal: null, placed: null });
    this.#deps = deps;
  }

  /** Keeps what was typed; a complaint about that field is withdrawn. */
  type(field: keyof Draft, value: string): void {
    const { draft, refusal } = this.snapshot();
    this.#update({ draft: { ...draft, [field]: value }, refusal: refusal?.without(field) ?? null });
  }

  /** Orders what the person sees in the basket; null when it failed (see state) or one is under way already. */
  async place(basket: Basket): Promise<Placed | null> {
    const { draft, placing } = this.snapshot();
    if (placing) return null;
    const { note, ...address } = draft;
    const attempt = attemptFor(this.#attempt, { address, note, seenTotal: basket.total }, this.#deps.newKey);
    this.#attempt = attempt;
    this.#update({ placing: true, refusal: null });
    try {
      const placed = await this.#submit(attempt, basket);
      this.#attempt = null;
      this.#update({ placing: false, placed, draft: { ...this.snapshot().draft, note: '' } });
      return placed;
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.outcome === 'refused') this.#attempt = null;
      this.#update({ placing: false, refusal });
      return null;
    }
  }

  async #submit({ key, request }: Attempt, basket: Basket): Promise<Placed> {
    const expected = orderOf(request, basket, key, this.#deps.now());
    const describe = t('describeOrder', { restaurant: basket.restaurantName, total: money(basket.total) });
    const sent = await this.#deps.api.submitOrder(request, { key, describe, expected });
    return sent.state === 'done' ? { order: sent.value, kept: false } : { order: expected, kept: true };
  }

  #update(change: Partial<OrderState>): void {
    this.set({ ...this.snapshot(), ...change });
  }
}

/** The order that the server is expected to make of the basket. */
function orderOf({ address, note }: OrderRequest, basket: Basket, id: string, at: Date): Order {
  const { restaurantName, count, subtotal, delivery, total } = basket;
  const lines = basket.lines.flatMap(({ dishId, name, quantity, unitPrice, total: cost }) =>
    unitPrice && cost ? [{ dishId, name, quantity, unitPrice, total: cost }] : [],
  );
  const head = { id, placedAt: at.toISOString(), status: 'SUBMITTED', reason: null, restaurantName, count } as const;
  return { ...head, lines, subtotal, delivery, total, address, note };
}

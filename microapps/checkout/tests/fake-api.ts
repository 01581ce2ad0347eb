import type { CheckoutApi, Saved, Sent } from '../src/api.ts';
import type { Change } from '../src/basket-changes.ts';
import type { Kept, KeptCommands } from '../src/kept.ts';
import type { Basket, Money, Order, OrderPage, OrderRequest } from '../src/model.ts';

export function euros(minor: number): Money {
  return { minor, currency: 'EUR' };
}

/** A basket whose sums are right for its lines, each a dish id, a quantity and a price. */
export function basketOf(version: number, ...lines: readonly (readonly [string, number, number])[]): Basket {
  const subtotal = lines.reduce((sum, [, quantity, price]) => sum + quantity * price, 0);
  return {
    version,
    restaurantName: lines.length ? 'Trattoria' : '',
    count: lines.reduce((sum, [, quantity]) => sum + quantity, 0),
    lines: lines.map(([dishId, quantity, price]) => ({
      dishId,
      name: dishId,
      quantity,
      unitPrice: euros(price),
      total: euros(quantity * price),
    })),
    subtotal: euros(subtotal),
    fee: euros(subtotal ? 190 : 0),
    delivery: euros(subtotal ? 190 : 0),
    total: euros(subtotal ? subtotal + 190 : 0),
  };
}

export function orderOf(id: string): Order {
  return {
    id,
    placedAt: '2026-03-01T18:30:00Z',
    status: 'SUBMITTED',
    reason: null,
    restaurantName: 'Trattoria',
    count: 1,
    total: euros(1140),
    lines: [],
    subtotal: euros(950),
    delivery: euros(190),
    address: { name: 'Ada', street: 'Row 12', postalCode: '1815', city: 'London' },
    note: '',
  };
}

/** One reading that waits for its test to answer it. */
export interface Asked<Answer> {
  answer(value: Answer): void;
  fail(error: unknown): void;
}

/** One command that waits for its test to answer it. */
export interface Told<Input, Answer> extends Asked<Answer>, Saved<Answer> {
  readonly input: Input;
  /** It is saved, and the answer is not waited for any more. */
  keep(): void;
}

/** A BFF whose every answer the test gives by hand. */
export class FakeApi implements CheckoutApi {
  readonly reads: Asked<Basket>[] = [];
  readonly changes: Told<Change, Basket>[] = [];
  readonly submissions: Told<OrderRequest, Order>[] = [];

  basket(): Promise<Basket> {
    return new Promise((answer, fail) => this.reads.push({ answer, fail }));
  }

  change(change: Change, saved: Saved<Basket>): Promise<Sent<Basket>> {
    return tell(this.changes, change, saved);
  }

  submitOrder(request: OrderRequest, saved: Saved<Order>): Promise<Sent<Order>> {
    return tell(this.submissions, request, saved);
  }

  orders(): Promise<OrderPage> {
    return Promise.reject(new Error('not asked for in these tests'));
  }

  order(): Promise<Order | null> {
    return Promise.reject(new Error('not asked for in these tests'));
  }
}

function tell<Input, Answer>(list: Told<Input, Answer>[], input: Input, saved: Saved<Answer>): Promise<Sent<Answer>> {
  return new Promise((resolve, fail) => {
    const answer = (value: Answer) => resolve({ state: 'done', value });
    list.push({ ...saved, input, answer, fail, keep: () => resolve({ state: 'kept' }) });
  });
}

export function keptOf(key: string, more: Partial<Kept> = {}): Kept {
  return { key, describe: `Command ${key}`, state: 'sending', why: '', savedAt: 0, order: null, ...more };
}

/** A device on which the test puts what is kept. */
export class FakeKept implements KeptCommands {
  readonly givenUp: string[] = [];
  #tell: (kept: readonly Kept[]) => void = () => undefined;

  subscribe(listener: (kept: readonly Kept[]) => void): () => void {
    this.#tell = listener;
    listener([]);
    return () => undefined;
  }

  giveUp(key: string): Promise<void> {
    this.givenUp.push(key);
    return Promise.resolve();
  }

  holds(...kept: readonly Kept[]): void {
    this.#tell(kept);
  }
}

/** Keys "key-1", "key-2", ... */
export function counter(): () => string {
  let count = 0;
  return () => `key-${++count}`;
}

/** Lets everything that is ready to run, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

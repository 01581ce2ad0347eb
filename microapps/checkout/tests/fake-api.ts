import type { CheckoutApi } from '../src/api.ts';
import type { Change } from '../src/basket-changes.ts';
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
    delivery: euros(subtotal ? 190 : 0),
    total: euros(subtotal ? subtotal + 190 : 0),
  };
}

export function orderOf(id: string): Order {
  return {
    id,
    placedAt: '2026-03-01T18:30:00Z',
    status: 'SUBMITTED',
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

/** One call that waits for its test to answer it. */
export interface Asked<Input, Answer> {
  readonly input: Input;
  readonly key: string;
  answer(value: Answer): void;
  fail(error: unknown): void;
}

/** A BFF whose every answer the test gives by hand. */
export class FakeApi implements CheckoutApi {
  readonly reads: Asked<null, Basket>[] = [];
  readonly changes: Asked<Change, Basket>[] = [];
  readonly submissions: Asked<OrderRequest, Order>[] = [];

  basket(): Promise<Basket> {
    return ask(this.reads, null, '');
  }

  change(change: Change, key: string): Promise<Basket> {
    return ask(this.changes, change, key);
  }

  submitOrder(request: OrderRequest, key: string): Promise<Order> {
    return ask(this.submissions, request, key);
  }

  orders(): Promise<OrderPage> {
    return Promise.reject(new Error('not asked for in these tests'));
  }

  order(): Promise<Order | null> {
    return Promise.reject(new Error('not asked for in these tests'));
  }
}

function ask<Input, Answer>(list: Asked<Input, Answer>[], input: Input, key: string): Promise<Answer> {
  return new Promise((answer, fail) => list.push({ input, key, answer, fail }));
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

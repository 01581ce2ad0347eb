/** What checkout's own BFF answers, as far as the screens use it. Mirrors `bffs/checkout/schema.graphql`. */

/** Whole minor units (cents) of one currency. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export interface BasketLine {
  readonly dishId: string;
  readonly name: string;
  readonly quantity: number;
  /** Null when the dish is sold no more; such a line must be taken out before ordering. */
  readonly unitPrice: Money | null;
  readonly total: Money | null;
}

export interface Basket {
  /** Grows with every change; tells a repeated old answer from a new one. */
  readonly version: number;
  readonly restaurantName: string;
  readonly count: number;
  readonly lines: readonly BasketLine[];
  readonly subtotal: Money;
  /** What the restaurant asks for bringing an order. */
  readonly fee: Money;
  /** What the person pays of that. */
  readonly delivery: Money;
  readonly total: Money;
}

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
}

export interface OrderSummary {
  readonly id: string;
  readonly placedAt: string;
  readonly status: OrderStatus;
  /** Why it was cancelled, where that is so. */
  readonly reason: CancelReason | null;
  readonly restaurantName: string;
  readonly count: number;
  readonly total: Money;
}

export interface OrderLine {
  readonly dishId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly total: Money;
}

export interface Order extends OrderSummary {
  readonly lines: readonly OrderLine[];
  readonly subtotal: Money;
  readonly delivery: Money;
  readonly address: Address;
  readonly note: string;
}

export type OrderStatus =
  | 'SUBMITTED'
  | 'CONFIRMED'
  | 'ACCEPTED'
  | 'READY'
  | 'PICKED_UP'
  | 'DELIVERED'
  | 'REJECTED'
  | 'COMPLETED'
  | 'CANCELLED';

/** Why an order was cancelled. */
export type CancelReason = 'PAYMENT_FAILED' | 'REJECTED' | 'EXPIRED';

export interface OrderPage {
  readonly nodes: readonly OrderSummary[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** A basket that holds nothing, before the server told of any. */
export const NO_BASKET: Basket = {
  version: 0,
  restaurantName: '',
  count: 0,
  lines: [],
  subtotal: { minor: 0, currency: 'EUR' },
  fee: { minor: 0, currency: 'EUR' },
  delivery: { minor: 0, currency: 'EUR' },
  total: { minor: 0, currency: 'EUR' },
};

/** What the person typed and saw when they pressed the button. */
export interface OrderRequest {
  readonly address: Address;
  readonly note: string;
  readonly seenTotal: Money;
}

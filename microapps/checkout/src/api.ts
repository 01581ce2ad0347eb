/** The port through which checkout's screens reach its BFF; the adapter to the sdk is in `sdk-api.ts`. */

import type { Change } from './basket-changes.ts';
import type { Basket, Order, OrderPage, OrderRequest } from './model.ts';

/** How a command went, as far as it is known by now. */
export type Sent<T> =
  | { readonly state: 'done'; readonly value: T }
  /** Saved on this device; it is sent by itself, once, also after the browser was closed. */
  | { readonly state: 'kept' };

/** What goes with a command while it waits on this device. */
export interface Saved<T> {
  /** A UUIDv7; the same key again is answered as the first time. */
  readonly key: string;
  /** What it does, in the person's words. */
  readonly describe: string;
  /** What the server is expected to answer; shown until it does. */
  readonly expected: T;
}

export interface CheckoutApi {
  /** Every method throws `Refusal`, or the signal's reason when it was aborted. */
  basket(signal?: AbortSignal): Promise<Basket>;
  /** Saves one change on this device and sends it. A refusal that comes at once is thrown, and the change forgotten. */
  change(change: Change, saved: Saved<Basket>): Promise<Sent<Basket>>;
  /** Likewise; the order's id is the key. */
  submitOrder(request: OrderRequest, saved: Saved<Order>): Promise<Sent<Order>>;
  orders(after: string | null, signal?: AbortSignal): Promise<OrderPage>;
  /** Null when there is no such order, or it is somebody else's. */
  order(id: string, signal?: AbortSignal): Promise<Order | null>;
}

/** What this page knows of the connection. */
export interface Connection {
  /** Whether the server answered last time. */
  readonly online: () => boolean;
  /** Whether what is read holds what waits on this device. */
  readonly readsShowWaiting: () => boolean;
}

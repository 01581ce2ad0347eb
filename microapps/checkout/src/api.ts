/** The port through which checkout's screens reach its BFF; the adapter to the sdk is in `sdk-api.ts`. */

import type { Change } from './basket-changes.ts';
import type { Basket, Order, OrderPage, OrderRequest } from './model.ts';

export interface CheckoutApi {
  /** Every method throws `Refusal`, or the signal's reason when it was aborted. */
  basket(signal?: AbortSignal): Promise<Basket>;
  /** Sends one change; the same key again is answered as the first time. */
  change(change: Change, key: string): Promise<Basket>;
  submitOrder(request: OrderRequest, key: string): Promise<Order>;
  orders(after: string | null, signal?: AbortSignal): Promise<OrderPage>;
  /** Null when there is no such order, or it is somebody else's. */
  order(id: string, signal?: AbortSignal): Promise<Order | null>;
}

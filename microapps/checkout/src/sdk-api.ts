/** The adapter from checkout's port to the sdk: documents, variables, what a command changes in answers kept here. */
import type { Api, TypedDocument } from '@portico/sdk';
import { type CommandOptions, type CommandResult, graphqlCommand, status } from '@portico/sdk/offline';
import type { CheckoutApi, Connection, Saved, Sent } from './api.ts';
import type { Change } from './basket-changes.ts';
import { ORDERS_PER_PAGE } from './limits.ts';
import { type Basket, NO_BASKET, type Order, type OrderPage, type OrderRequest } from './model.ts';
import * as operations from './operations.ts';
import { refusalOf } from './refusal-of.ts';

/** How a command is saved and sent; the sdk's, or a test's. */
export type SendCommand = <T>(
  api: Api,
  document: string,
  variables: object,
  options: CommandOptions,
) => Promise<CommandResult<T>>;

/** What the adapter takes of the sdk. */
export interface Sdk {
  readonly send: SendCommand;
  readonly connection: Connection;
}

/** What became of a command; without `value` when only that it was done is known. */
type Ended<T> =
  | { readonly state: 'done'; readonly key: string; readonly value: T | undefined }
  | { readonly state: 'kept' };

/** All that changes the basket goes in one order, and an order of it goes behind the changes that it is of. */
const LANE = 'basket';
const TRIES = 4;
/** Refusals that say nothing against the command itself. */
const ANOTHER_KEY: ReadonlySet<string> = new Set(['conflict', 'idempotency-key-invalid']);

export class SdkCheckoutApi implements CheckoutApi {
  readonly #api: Api;
  readonly #sdk: Sdk;

  constructor(api: Api, sdk: Sdk = { send: graphqlCommand, connection }) {
    this.#api = api;
    this.#sdk = sdk;
  }

  async basket(signal?: AbortSignal): Promise<Basket> {
    const data = await this.#ask(operations.BASKET_QUERY, {}, signal);
    return data.basket;
  }

  async change(change: Change, { key, describe, expected }: Saved<Basket>): Promise<Sent<Basket>> {
    const [document, variables] = mutationOf(change);
    const options = { key, describe, updates: [basketUpdate(expected)] };
    const sent = await this.#command<Record<string, Basket>>(document, variables, options);
    if (sent.state === 'kept') return sent;
    const [basket] = Object.values(sent.value ?? {});
    return { state: 'done', value: basket ?? (await this.#reread(() => this.basket(), expected)) };
  }

  async submitOrder(request: OrderRequest, { key, describe, expected }: Saved<Order>): Promise<Sent<Order>> {
    const { address, note, seenTotal } = request;
    const empty = { ...NO_BASKET, subtotal: none(seenTotal), delivery: none(seenTotal), total: none(seenTotal) };
    const options = { key, describe, updates: [basketUpdate(empty), orderUpdate(expected)] };
    const input = { address, note, seenTotal };
    const sent = await this.#command<{ submitOrder: Order }>(operations.SUBMIT_ORDER, { input }, options);
    if (sent.state === 'kept') return sent;
    const placed = sent.value?.submitOrder ?? (await this.#reread(() => this.order(sent.key), null));
    return { state: 'done', value: placed ?? { ...expected, id: sent.key } };
  }

  async orders(after: string | null, signal?: AbortSignal): Promise<OrderPage> {
    const variables = { first: ORDERS_PER_PAGE, after };
    const { myOrders } = await this.#ask(operations.MY_ORDERS, variables, signal);
    return { nodes: myOrders.nodes, ...myOrders.pageInfo };
  }

  async order(id: string, signal?: AbortSignal): Promise<Order | null> {
    const data = await this.#ask(operations.ORDER_QUERY, { id }, signal);
    return data.order;
  }

  /**
   * Saves and sends a command. A change of this basket on another device that came between is no decision of the person's:
   * the same command goes again, under a new key, because the one before is done with. So does one whose key this device's
   * wrong clock has made. The sdk makes the new keys, by the server's time.
   */
  async #command<T>(document: string, variables: object, options: CommandOptions): Promise<Ended<T>> {
    let { key } = options;
    for (let left = TRIES; ; left--) {
      const result = await this.#sendOnce<T>(document, variables, { ...options, key });
      if (result.state === 'accepted') return { state: 'done', key: result.key, value: result.data };
      if (result.state === 'pending') return { state: 'kept' };
      const refusal = refusalOf(result.error);
      if (left === 1 || !ANOTHER_KEY.has(refusal.code)) throw refusal;
      key = undefined;
    }
  }

  /** It was done, but its answer was lost. What cannot be read now is taken to be as expected: the next reading tells. */
  async #reread<T>(read: () => Promise<T>, expected: T): Promise<T> {
    try {
      return await read();
    } catch {
      return expected;
    }
  }

  async #sendOnce<T>(document: string, variables: object, options: CommandOptions): Promise<CommandResult<T>> {
    // What is known to find nobody is not waited for.
    const patience = this.#sdk.connection.online() ? {} : { waitMs: 0 };
    try {
      const own = { ...options, ...patience, lane: LANE, discardRefused: true };
      return await this.#sdk.send<T>(this.#api, document, variables, own);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #ask<Data, Variables extends object>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
  ): Promise<Data> {
    try {
      return await this.#api.graphql(document, variables, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw refusalOf(error);
    }
  }
}

/** What the sdk knows of the connection. */
export const connection: Connection = {
  online: () => status.get().online,
  readsShowWaiting: () => navigator.serviceWorker?.controller != null,
};

/** The whole basket; its version stays that of the answer it was made from, which tells it from newer ones. */
function basketUpdate(basket: Basket): NonNullable<CommandOptions['updates']>[number] {
  const read = { operation: 'Basket', variables: {}, document: operations.BASKET_QUERY };
  return { app: 'checkout', read, merge: { data: { basket } }, complete: true };
}

function orderUpdate(order: Order): NonNullable<CommandOptions['updates']>[number] {
  const read = { operation: 'Order', variables: { id: order.id }, document: operations.ORDER_QUERY };
  return { app: 'checkout', read, merge: { data: { order } }, complete: true };
}

function none({ currency }: { currency: string }): Basket['total'] {
  return { minor: 0, currency };
}

function mutationOf(change: Change): readonly [string, object] {
  switch (change.kind) {
    case 'add': {
      const { dishId, quantity, fresh } = change;
      return [operations.ADD_TO_BASKET, { input: { dishId, quantity, fresh } }];
    }
    case 'quantity':
      return [operations.CHANGE_QUANTITY, { dishId: change.dishId, quantity: change.quantity }];
    case 'remove':
      return [operations.REMOVE_FROM_BASKET, { dishId: change.dishId }];
    case 'clear':
      return [operations.CLEAR_BASKET, {}];
  }
}

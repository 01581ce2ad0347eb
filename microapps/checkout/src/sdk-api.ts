/** The adapter from checkout's port to the sdk: documents, variables, and errors in the screens' terms. */
import {
  type Api,
  GraphQLError,
  type GraphQLErrorDetail,
  NetworkError,
  type ProblemDetail,
  ProblemError,
  SignedOutError,
} from '@portico/sdk';
import type { CheckoutApi } from './api.ts';
import type { Change } from './basket-changes.ts';
import { ORDERS_PER_PAGE } from './limits.ts';
import type { Basket, Order, OrderPage, OrderRequest, OrderSummary } from './model.ts';
import * as operations from './operations.ts';
import { asRefusal, Refusal } from './refusal.ts';

interface Connection {
  readonly nodes: readonly OrderSummary[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const TRIES = 4;

export class SdkCheckoutApi implements CheckoutApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async basket(signal?: AbortSignal): Promise<Basket> {
    const data = await this.#ask<{ basket: Basket }>(operations.BASKET_QUERY, {}, { signal });
    return data.basket;
  }

  async change(change: Change, idempotencyKey: string): Promise<Basket> {
    const [document, variables] = mutationOf(change);
    const data = await this.#command<Record<string, Basket>>(document, variables, idempotencyKey);
    const [basket] = Object.values(data);
    if (!basket) throw new Refusal('The answer was not understood. Try again.', 'unexpected', 'unknown');
    return basket;
  }

  async submitOrder({ address, note, seenTotal }: OrderRequest, idempotencyKey: string): Promise<Order> {
    const input = { address, note, seenTotal };
    const data = await this.#command<{ submitOrder: Order }>(operations.SUBMIT_ORDER, { input }, idempotencyKey);
    return data.submitOrder;
  }

  async orders(after: string | null, signal?: AbortSignal): Promise<OrderPage> {
    const variables = { first: ORDERS_PER_PAGE, after };
    const { myOrders } = await this.#ask<{ myOrders: Connection }>(operations.MY_ORDERS, variables, { signal });
    return { nodes: myOrders.nodes, ...myOrders.pageInfo };
  }

  async order(id: string, signal?: AbortSignal): Promise<Order | null> {
    const data = await this.#ask<{ order: Order | null }>(operations.ORDER_QUERY, { id }, { signal });
    return data.order;
  }

  /** A change of this person's basket in another tab came between: nothing was done, so the same key goes again. */
  async #command<T>(document: string, variables: object, idempotencyKey: string): Promise<T> {
    for (let left = TRIES; ; left--) {
      try {
        return await this.#ask<T>(document, variables, { idempotencyKey });
      } catch (error) {
        if (left === 1 || !(error instanceof Refusal) || error.code !== 'conflict') throw error;
      }
    }
  }

  async #ask<T>(document: string, variables: object, options: Parameters<Api['graphql']>[2]): Promise<T> {
    try {
      return await this.#api.graphql<T, object>(document, variables, options);
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      throw refusalOf(error);
    }
  }
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

/** What a failed call means for the person. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof GraphQLError) return ofGraphQL(error);
  if (error instanceof SignedOutError) {
    return new Refusal('You are signed out. Sign in again to go on.', 'signed-out', 'refused');
  }
  if (error instanceof ProblemError) {
    return new Refusal(error.message, error.code, TELLS_NOTHING.has(error.status) ? 'unknown' : 'refused');
  }
  if (error instanceof NetworkError) {
    return new Refusal('No answer from the server. Check your connection and try again.', 'network', 'unknown');
  }
  return asRefusal(error);
}

/** Statuses after which the call may have been carried out, or may be if it is sent again. */
const TELLS_NOTHING: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

function ofGraphQL({ errors: [first] }: GraphQLError): Refusal {
  const { code, status } = (first?.extensions ?? {}) as { code?: string; status?: number };
  if (!first || code === undefined || (status ?? 0) >= 500) {
    return new Refusal('Something went wrong on our side. Try again.', code ?? 'unexpected', 'unknown');
  }
  if (code === 'conflict')
    return new Refusal('Your basket was changed elsewhere just now. Try again.', code, 'refused');
  return new Refusal(first.message, code, 'refused', fieldsOf(first));
}

function fieldsOf(error: GraphQLErrorDetail): Readonly<Record<string, string>> {
  const { errors = [] } = (error.extensions ?? {}) as { errors?: readonly ProblemDetail[] };
  return Object.fromEntries(
    errors.map(({ pointer = '', detail }) => [pointer.slice(pointer.lastIndexOf('/') + 1), detail] as const),
  );
}

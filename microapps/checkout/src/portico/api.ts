// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

import type { TypedDocument } from '@portico/sdk';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** What to put into the basket. There is no price: the price book has it. */
export type AddToBasketInput = {
  readonly dishId: string;
  readonly quantity?: number;
  /** Empty the basket first, to order elsewhere. */
  readonly fresh?: boolean;
};

/** Where an order goes. */
export type AddressInput = {
  /** The name on the door; at most 80 characters. */
  readonly name: string;
  /** Street and house number; at most 120 characters. */
  readonly street: string;
  /** At most 12 characters. */
  readonly postalCode: string;
  /** At most 80 characters. */
  readonly city: string;
};

/** Why an order was cancelled. */
export type CancelReason =
  | 'PAYMENT_FAILED'
  | 'REJECTED'
  | 'EXPIRED';

/** Whole minor units (cents) of one currency (ISO 4217). */
export type MoneyInput = {
  readonly minor: number;
  readonly currency: string;
};

/** How far an order is. */
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

/** Where to and for how much to order what is in the basket. */
export type SubmitOrderInput = {
  readonly address: AddressInput;
  /** For the kitchen or the rider; at most 300 characters. */
  readonly note?: string;
  /** The total the person saw. If the basket costs something else now, the order is refused. */
  readonly seenTotal: MoneyInput;
};

export type AddToBasketMutationVariables = Exact<{
  input: AddToBasketInput;
}>;


export type AddToBasketMutation = { readonly addToBasket: { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type BasketQueryVariables = Exact<{ [key: string]: never; }>;


export type BasketQuery = { readonly basket: { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type ChangeQuantityMutationVariables = Exact<{
  dishId: string;
  quantity: number;
}>;


export type ChangeQuantityMutation = { readonly changeQuantity: { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type ClearBasketMutationVariables = Exact<{ [key: string]: never; }>;


export type ClearBasketMutation = { readonly clearBasket: { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type MyOrdersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type MyOrdersQuery = { readonly myOrders: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly placedAt: string, readonly status: OrderStatus, readonly reason: CancelReason | null, readonly restaurantName: string, readonly count: number, readonly total: { readonly minor: number, readonly currency: string } }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type OrderQueryVariables = Exact<{
  id: string;
}>;


export type OrderQuery = { readonly order: { readonly note: string, readonly id: string, readonly placedAt: string, readonly status: OrderStatus, readonly reason: CancelReason | null, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly address: { readonly name: string, readonly street: string, readonly postalCode: string, readonly city: string }, readonly total: { readonly minor: number, readonly currency: string } } | null };

export type RemoveFromBasketMutationVariables = Exact<{
  dishId: string;
}>;


export type RemoveFromBasketMutation = { readonly removeFromBasket: { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type SubmitOrderMutationVariables = Exact<{
  input: SubmitOrderInput;
}>;


export type SubmitOrderMutation = { readonly submitOrder: { readonly note: string, readonly id: string, readonly placedAt: string, readonly status: OrderStatus, readonly reason: CancelReason | null, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly address: { readonly name: string, readonly street: string, readonly postalCode: string, readonly city: string }, readonly total: { readonly minor: number, readonly currency: string } } };

export type BasketPartsFragment = { readonly version: number, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string } | null, readonly total: { readonly minor: number, readonly currency: string } | null }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly fee: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } };

export type MoneyPartsFragment = { readonly minor: number, readonly currency: string };

export type SummaryPartsFragment = { readonly id: string, readonly placedAt: string, readonly status: OrderStatus, readonly reason: CancelReason | null, readonly restaurantName: string, readonly count: number, readonly total: { readonly minor: number, readonly currency: string } };

export type OrderPartsFragment = { readonly note: string, readonly id: string, readonly placedAt: string, readonly status: OrderStatus, readonly reason: CancelReason | null, readonly restaurantName: string, readonly count: number, readonly lines: ReadonlyArray<{ readonly dishId: string, readonly name: string, readonly quantity: number, readonly unitPrice: { readonly minor: number, readonly currency: string }, readonly total: { readonly minor: number, readonly currency: string } }>, readonly subtotal: { readonly minor: number, readonly currency: string }, readonly delivery: { readonly minor: number, readonly currency: string }, readonly address: { readonly name: string, readonly street: string, readonly postalCode: string, readonly city: string }, readonly total: { readonly minor: number, readonly currency: string } };

export const AddToBasketDocument = "mutation AddToBasket($input: AddToBasketInput!) { addToBasket(input: $input) { ...BasketParts } } fragment BasketParts on Basket { version restaurantName count lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } fee { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<AddToBasketMutation, AddToBasketMutationVariables>;
export const BasketDocument = "query Basket { basket { ...BasketParts } } fragment BasketParts on Basket { version restaurantName count lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } fee { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<BasketQuery, BasketQueryVariables>;
export const ChangeQuantityDocument = "mutation ChangeQuantity($dishId: ID!, $quantity: Int!) { changeQuantity(dishId: $dishId, quantity: $quantity) { ...BasketParts } } fragment BasketParts on Basket { version restaurantName count lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } fee { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<ChangeQuantityMutation, ChangeQuantityMutationVariables>;
export const ClearBasketDocument = "mutation ClearBasket { clearBasket { ...BasketParts } } fragment BasketParts on Basket { version restaurantName count lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } fee { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<ClearBasketMutation, ClearBasketMutationVariables>;
export const MyOrdersDocument = "query MyOrders($first: Int!, $after: String) { myOrders(first: $first, after: $after) { nodes { ...SummaryParts } pageInfo { endCursor hasNextPage } } } fragment SummaryParts on Order { id placedAt status reason restaurantName count total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<MyOrdersQuery, MyOrdersQueryVariables>;
export const OrderDocument = "query Order($id: ID!) { order(id: $id) { ...OrderParts } } fragment OrderParts on Order { ...SummaryParts lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } delivery { ...MoneyParts } address { name street postalCode city } note } fragment SummaryParts on Order { id placedAt status reason restaurantName count total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<OrderQuery, OrderQueryVariables>;
export const RemoveFromBasketDocument = "mutation RemoveFromBasket($dishId: ID!) { removeFromBasket(dishId: $dishId) { ...BasketParts } } fragment BasketParts on Basket { version restaurantName count lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } fee { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<RemoveFromBasketMutation, RemoveFromBasketMutationVariables>;
export const SubmitOrderDocument = "mutation SubmitOrder($input: SubmitOrderInput!) { submitOrder(input: $input) { ...OrderParts } } fragment OrderParts on Order { ...SummaryParts lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } } subtotal { ...MoneyParts } delivery { ...MoneyParts } address { name street postalCode city } note } fragment SummaryParts on Order { id placedAt status reason restaurantName count total { ...MoneyParts } } fragment MoneyParts on Money { minor currency }" as string & TypedDocument<SubmitOrderMutation, SubmitOrderMutationVariables>;

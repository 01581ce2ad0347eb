/** What the tracking BFF answers. Mirrors `bffs/tracking/schema.graphql`. */

/** Whole minor units (cents) of one currency. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** How an order goes that comes; `COMPLETED` says of one that was delivered that everything is settled. */
export const STATUSES = ['SUBMITTED', 'CONFIRMED', 'ACCEPTED', 'READY', 'PICKED_UP', 'DELIVERED'] as const;

/** How an order goes that will not come; at `CANCELLED` it has ended, and what was paid goes back. */
export const ENDINGS = ['REJECTED', 'EXPIRED', 'CANCELLED'] as const;

export type DeliveryStatus = (typeof STATUSES)[number] | 'COMPLETED' | (typeof ENDINGS)[number];

/** Why an order will not come. */
export type Reason = 'PAYMENT_FAILED' | 'REJECTED' | 'EXPIRED' | 'SOLD_OUT' | 'TOO_BUSY' | 'CLOSING';

/** Whether an order will not come. */
export function isOver(status: DeliveryStatus): boolean {
  return ENDINGS.some((ending) => ending === status);
}

export interface Step {
  readonly status: DeliveryStatus;
  readonly at: string;
}

/** Where one order is. */
export interface Delivery {
  /** The order's id, a UUIDv7: later orders have greater ones. */
  readonly id: string;
  readonly restaurantName: string;
  /** Null while a later step is known and not yet the order itself. */
  readonly total: Money | null;
  readonly status: DeliveryStatus;
  /** Why it will not come, where that is so and known. */
  readonly reason: Reason | null;
  /** Who brings it, once somebody does. */
  readonly courierName: string | null;
  readonly steps: readonly Step[];
}

export interface DeliveryPage {
  readonly nodes: readonly Delivery[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** The list with a delivery as it is now: in the place of the one it had, else where its age puts it, newest first. */
export function withDelivery(list: readonly Delivery[], delivery: Delivery): readonly Delivery[] {
  if (list.some(({ id }) => id === delivery.id)) {
    return list.map((other) => (other.id === delivery.id ? delivery : other));
  }
  const newer = list.filter(({ id }) => id > delivery.id);
  return [...newer, delivery, ...list.slice(newer.length)];
}

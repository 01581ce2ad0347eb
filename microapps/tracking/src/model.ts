/** What the tracking BFF answers. Mirrors `bffs/tracking/schema.graphql`. */

/** Whole minor units (cents) of one currency. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export type DeliveryStatus = 'SUBMITTED' | 'ACCEPTED' | 'READY';

/** How an order goes. */
export const STATUSES: readonly DeliveryStatus[] = ['SUBMITTED', 'ACCEPTED', 'READY'];

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

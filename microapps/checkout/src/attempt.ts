/**
 * One idempotency key per attempt to place an order. The same details sent again, because the answer was lost or the
 * button was pressed twice, carry the same key, so that the server makes one order. Changed details are another attempt.
 */
import type { OrderRequest } from './model.ts';

export interface Attempt {
  readonly key: string;
  readonly request: OrderRequest;
}

/** The attempt for `request`: the one before if it asked for the same, else a new one with a key from `newKey`. */
export function attemptFor(before: Attempt | null, request: OrderRequest, newKey: () => string): Attempt {
  return before && same(before.request, request) ? before : { key: newKey(), request };
}

function same(one: OrderRequest, other: OrderRequest): boolean {
  return (
    one.note === other.note &&
    one.seenTotal.minor === other.seenTotal.minor &&
    one.seenTotal.currency === other.seenTotal.currency &&
    one.address.name === other.address.name &&
    one.address.street === other.address.street &&
    one.address.postalCode === other.address.postalCode &&
    one.address.city === other.address.city
  );
}

/** What bringing an order costs, by the table of `bffs/checkout` (delivery_fee.py), for totals before the server's answer. */
import type { Money } from './model.ts';

/** From which subtotal on, in units of the currency, the customer pays how many percent of the restaurant's fee. */
export const SHARES: readonly (readonly [from: number, percent: number])[] = [
  [90, 0],
  [60, 50],
  [0, 100],
];

/** What the customer pays of a restaurant's fee, half a minor unit in their favour. */
export function deliveryFee(fee: Money, subtotal: number): Money {
  const percent = SHARES.find(([from]) => subtotal >= from * 100)?.[1] ?? 100;
  return { ...fee, minor: Math.floor((fee.minor * percent) / 100) };
}

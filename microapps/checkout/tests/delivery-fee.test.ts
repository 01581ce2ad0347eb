import { expect, test } from 'vitest';
import source from '../../../bffs/checkout/src/checkout_bff/delivery_fee.py?raw';
import { overlay } from '../src/basket-changes.ts';
import { deliveryFee, SHARES } from '../src/delivery-fee.ts';
import { basketOf, euros } from './fake-api.ts';

test.each([
  [0, 285],
  [5999, 285],
  [6000, 142],
  [8999, 142],
  [9000, 0],
])('of a subtotal of %d one pays %d of a fee of 285, as the server says', (subtotal, pays) => {
  expect(deliveryFee(euros(285), subtotal)).toEqual(euros(pays));
});

test('the table is the server’s', () => {
  const rows = [...source.matchAll(/^\s*\|\s*(?:<|>=|\[)\s*(\d+(?:\.\d+)?)[^|]*\|\s*(\d+)\s*\|$/gm)];
  const [under, ...from] = rows.map(([, bound, percent]) => [Number(bound), Number(percent)] as const);
  expect(rows).toHaveLength(SHARES.length);
  expect([[0, under?.[1]], ...from].reverse()).toEqual(SHARES);
});

test('before the server’s answer the fee follows the subtotal, down and up again', () => {
  const basket = basketOf(1, ['pizza', 6, 950]);
  const more = overlay(basket, [{ kind: 'quantity', dishId: 'pizza', quantity: 7 }]);
  expect([more.delivery, more.total].map(({ minor }) => minor)).toEqual([95, 6745]);
  const most = overlay(more, [{ kind: 'quantity', dishId: 'pizza', quantity: 10 }]);
  expect(most.delivery.minor).toBe(0);
  const less = overlay(most, [{ kind: 'quantity', dishId: 'pizza', quantity: 6 }]);
  expect([less.delivery, less.total].map(({ minor }) => minor)).toEqual([190, 5890]);
});

import { expect, test } from 'vitest';
import { withDelivery } from '../src/model.ts';
import { deliveryOf } from './fake-api.ts';

const LIST = [deliveryOf('5'), deliveryOf('3')];
const ids = (list: ReturnType<typeof withDelivery>) => list.map(({ id }) => id);

test('a delivery that moved stays where it is in the list', () => {
  expect(withDelivery(LIST, deliveryOf('3', 'READY'))).toEqual([deliveryOf('5'), deliveryOf('3', 'READY')]);
});

test.each([
  ['6', ['6', '5', '3']],
  ['4', ['5', '4', '3']],
  ['1', ['5', '3', '1']],
])('a new one stands where its age puts it: %s', (id, order) => {
  expect(ids(withDelivery(LIST, deliveryOf(id)))).toEqual(order);
});

import { expect, test } from 'vitest';
import { type Change, describe, foreseen, overlay } from '../src/basket-changes.ts';
import { load } from '../src/say.ts';
import { basketOf, euros } from './fake-api.ts';

await load();

const BASKET = basketOf(1, ['pizza', 2, 950], ['cake', 1, 590]);
const SOUP = { name: 'Soup', restaurantName: 'Trattoria', unitPrice: euros(450), delivery: euros(190) };
const ADD_SOUP = { kind: 'add', dishId: 'soup', quantity: 1, fresh: false, facts: SOUP } as const;

function after(...changes: Change[]): { lines: (readonly [string, number, number | undefined])[]; count: number } {
  const { lines, count } = overlay(BASKET, changes);
  return { lines: lines.map(({ dishId, quantity, total }) => [dishId, quantity, total?.minor] as const), count };
}

test('a new quantity shows at once, with what the line costs then', () => {
  expect(after({ kind: 'quantity', dishId: 'pizza', quantity: 3 })).toEqual({
    lines: [
      ['pizza', 3, 2850],
      ['cake', 1, 590],
    ],
    count: 4,
  });
});

test('the sums follow from what is known', () => {
  const { subtotal, delivery, total } = overlay(BASKET, [{ kind: 'remove', dishId: 'pizza' }]);
  expect([subtotal.minor, delivery.minor, total.minor]).toEqual([590, 190, 780]);
});

test('nothing costs nothing, and is of no restaurant', () => {
  const { restaurantName, count, delivery, total } = overlay(BASKET, [{ kind: 'clear' }]);
  expect([restaurantName, count, delivery.minor, total.minor]).toEqual(['', 0, 0, 0]);
});

test('a dish of which enough is known has its line and its price at once', () => {
  expect(overlay(BASKET, [ADD_SOUP])).toEqual({
    ...basketOf(1, ['pizza', 2, 950], ['cake', 1, 590], ['soup', 1, 450]),
    lines: [...BASKET.lines, { dishId: 'soup', name: 'Soup', quantity: 1, unitPrice: euros(450), total: euros(450) }],
  });
});

test('the first dish says who cooks, what bringing it costs, and in which currency', () => {
  const yen = (minor: number) => ({ minor, currency: 'JPY' });
  const facts = { name: 'Ramen', restaurantName: 'Kaze', unitPrice: yen(900), delivery: yen(300) };
  const { restaurantName, total } = overlay(basketOf(0), [{ ...ADD_SOUP, dishId: 'ramen', facts }]);
  expect([restaurantName, total]).toEqual(['Kaze', yen(1200)]);
});

test.each([
  [ADD_SOUP, 'Put Soup into the basket'],
  [{ kind: 'quantity', dishId: 'pizza', quantity: 3 }, 'Have 3 × pizza in the basket'],
  [{ kind: 'remove', dishId: 'cake' }, 'Take cake out of the basket'],
  [{ kind: 'remove', dishId: 'gone' }, 'Take a dish out of the basket'],
  [{ kind: 'clear' }, 'Empty the basket'],
] as const)('a change says what it does: %j', (change, words) => {
  expect(describe(change, BASKET)).toBe(words);
});

test('a dish of another restaurant, or too much of one, is foreseen to be refused', () => {
  const elsewhere = { ...ADD_SOUP, facts: { ...SOUP, restaurantName: 'Hanami' } };
  expect(foreseen(BASKET, elsewhere)).toMatchObject({
    code: 'other-restaurant',
    message: 'Your basket holds dishes from Trattoria. Start a new basket to order from Hanami.',
  });
  expect(foreseen(BASKET, { ...elsewhere, fresh: true })).toBeNull();
  expect(foreseen(BASKET, ADD_SOUP)).toBeNull();
  expect(foreseen(BASKET, { ...ADD_SOUP, dishId: 'pizza', quantity: 19 })?.code).toBe('quantity-out-of-range');
  expect(foreseen(BASKET, { kind: 'clear' })).toBeNull();
});

test('a removed line is gone, and one that is not there changes nothing', () => {
  expect(after({ kind: 'remove', dishId: 'cake' }, { kind: 'remove', dishId: 'soup' })).toEqual({
    lines: [['pizza', 2, 1900]],
    count: 2,
  });
});

test('adding what is there raises its line; adding what nothing is known of only counts', () => {
  const add = { kind: 'add', quantity: 1, fresh: false } as const;
  expect(after({ ...add, dishId: 'cake' }, { ...add, dishId: 'soup' })).toEqual({
    lines: [
      ['pizza', 2, 1900],
      ['cake', 2, 1180],
    ],
    count: 5,
  });
});

test('starting anew leaves only what is added', () => {
  expect(after({ kind: 'add', dishId: 'soup', quantity: 1, fresh: true })).toEqual({ lines: [], count: 1 });
});

test('changes are laid over one another in their order', () => {
  expect(after({ kind: 'clear' }, { kind: 'quantity', dishId: 'pizza', quantity: 9 })).toEqual({ lines: [], count: 0 });
});

test('a line without a price can be changed and still has none', () => {
  const gone = {
    ...BASKET,
    lines: [{ dishId: 'old', name: 'Old', quantity: 1, unitPrice: null, total: null }],
    count: 1,
  };
  const [line] = overlay(gone, [{ kind: 'quantity', dishId: 'old', quantity: 2 }]).lines;
  expect([line?.quantity, line?.total]).toEqual([2, null]);
});

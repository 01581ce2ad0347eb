import { expect, test } from 'vitest';
import { type Change, overlay } from '../src/basket-changes.ts';
import { basketOf } from './fake-api.ts';

const BASKET = basketOf(1, ['pizza', 2, 950], ['cake', 1, 590]);

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

test('the sums stay as the server told them until it answers', () => {
  const { subtotal, delivery, total } = overlay(BASKET, [{ kind: 'remove', dishId: 'pizza' }]);
  expect([subtotal.minor, delivery.minor, total.minor]).toEqual([2490, 190, 2680]);
});

test('a removed line is gone, and one that is not there changes nothing', () => {
  expect(after({ kind: 'remove', dishId: 'cake' }, { kind: 'remove', dishId: 'soup' })).toEqual({
    lines: [['pizza', 2, 1900]],
    count: 2,
  });
});

test('adding what is there raises its line; adding what is new only counts, for its price is the server’s to say', () => {
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

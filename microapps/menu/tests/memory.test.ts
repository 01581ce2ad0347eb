import { expect, it } from 'vitest';
import { Memory } from '../src/memory.ts';

it('remembers the latest and forgets the oldest', () => {
  const memory = new Memory<number>(2);
  memory.keep('a', 1);
  memory.keep('b', 2);
  memory.keep('a', 3);
  memory.keep('c', 4);
  expect([memory.recall('a'), memory.recall('b'), memory.recall('c')]).toEqual([3, undefined, 4]);
});

it('finds the latest that fits', () => {
  const memory = new Memory<number>();
  memory.keep('a', 1);
  memory.keep('b', 3);
  expect(memory.find((value) => (value % 2 ? value * 10 : undefined))).toBe(30);
  expect(memory.find(() => undefined)).toBeUndefined();
});

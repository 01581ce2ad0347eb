import { expect, test } from 'vitest';
import { overlay } from '../src/waiting.ts';
import { jobOf, roundOf, stepOf } from './fake-api.ts';

const brief = ({ ready, withMe, delivered }: ReturnType<typeof overlay>) =>
  [ready, withMe, delivered].map((jobs) =>
    jobs.map(({ id, pending, trouble }) => [id, pending, trouble?.state ?? null]),
  );

test('what is picked up without a network is with the courier, marked as not confirmed', () => {
  const round = roundOf(jobOf('a'), jobOf('b'), jobOf('c', 'PICKED_UP', 3));
  expect(brief(overlay(round, [stepOf('pickUp', 'a', 2)]))).toEqual([
    [['b', false, null]],
    [
      ['c', false, null],
      ['a', true, null],
    ],
    [],
  ]);
});

test('picked up and delivered with no network, it stands with what was brought', () => {
  const steps = [stepOf('pickUp', 'a', 2), stepOf('deliver', 'a', 3)];
  expect(brief(overlay(roundOf(jobOf('a'), jobOf('z', 'DELIVERED', 4)), steps))).toEqual([
    [],
    [],
    [
      ['a', true, null],
      ['z', false, null],
    ],
  ]);
});

test('a step that the answer holds already is not taken twice', () => {
  const round = roundOf(jobOf('a', 'PICKED_UP', 3));
  expect(brief(overlay(round, [stepOf('pickUp', 'a', 2)]))).toEqual([[], [['a', false, null]], []]);
});

test('a step that was not taken is trouble, and what comes after it waits', () => {
  const steps = [stepOf('pickUp', 'a', 2, { state: 'conflict' }), stepOf('deliver', 'a', 3)];
  expect(brief(overlay(roundOf(jobOf('a')), steps))).toEqual([[['a', false, 'conflict']], [], []]);
});

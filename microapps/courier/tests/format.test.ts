import { expect, test } from 'vitest';
import { age, clock, portions, shortNumber } from '../src/format.ts';
import { load } from '../src/say.ts';

await load();

const PLACED = '2026-03-01T18:30:00Z';
const NOW = Date.parse(PLACED);

test.each([
  [0, 'now'],
  [59_000, 'now'],
  [60_000, '1 min. ago'],
  [59 * 60_000, '59 min. ago'],
  [125 * 60_000, '2 hr. ago'],
  [-90_000, 'now'],
])('after %d ms an order is from "%s"', (passed, words) => {
  expect(age(PLACED, NOW + passed, 'en')).toBe(words);
});

test('a time is in the given zone', () => {
  expect(clock(PLACED, 'en', 'Europe/Berlin')).toMatch(/^7:30\sPM$/);
});

test('bags are told apart by the end of the number', () => {
  expect(shortNumber('0195f3a2-0000-7000-8000-00000000beef')).toBe('BEEF');
});

test('one portion is not portions', () => {
  expect([portions(1), portions(2)]).toEqual(['1 portion', '2 portions']);
});

import { expect, test } from 'vitest';
import { absenceOf, timeOf } from '../src/absence.ts';

const PLACED = Date.parse('2026-03-01T18:30:00Z');
const ID = `${PLACED.toString(16)
  .padStart(12, '0')
  .replace(/^(.{8})/, '$1-')}-7abc-8abc-0123456789ab`;

test('a UUIDv7 tells when it was made, and nothing else does', () => {
  expect(timeOf(ID)).toBe(PLACED);
  expect(timeOf(ID.replace('-7abc', '-4abc'))).toBeNull();
  expect(timeOf('17')).toBeNull();
});

test.each([
  ['waits on this device', 'waiting', 0, 'waiting'],
  ['was refused', 'stuck', 0, 'stuck'],
  ['was sent a moment ago', null, 60_000, 'on-its-way'],
  ['was sent a moment ago, by a clock that runs ahead', null, -60_000, 'on-its-way'],
  ['is long past', null, 3_600_000, 'unknown'],
] as const)('an order that %s', (_what, placing, passed, why) => {
  expect(absenceOf(ID, placing, PLACED + passed)).toBe(why);
});

test('what is no order number is no order', () => {
  expect(absenceOf('17', null, PLACED)).toBe('unknown');
});

import { expect, test } from 'vitest';
import { dishes, moment, money } from '../src/format.ts';
import { load } from '../src/say.ts';

await load();

test('money is shown in its currency, with as many digits as that has', () => {
  expect(money({ minor: 1250, currency: 'EUR' }, 'en')).toBe('€12.50');
  expect(money({ minor: 1250, currency: 'JPY' }, 'en')).toBe('¥1,250');
  expect(money({ minor: 5, currency: 'EUR' }, 'en')).toBe('€0.05');
});

test('a moment is shown in the given time zone', () => {
  expect(moment('2026-03-01T18:30:00Z', 'en', 'Europe/Berlin')).toMatch(/^Mar 1, 2026, 7:30\sPM$/);
});

test('one dish is not dishes', () => {
  expect([dishes(1), dishes(2)]).toEqual(['1 dish', '2 dishes']);
});

import { describe, expect, it } from 'vitest';
import { count, minutes, price, stars } from '../src/format.ts';
import { loadCounts } from '../src/say.ts';

await loadCounts();

describe('amounts', () => {
  it.each([
    [{ amount: 950, currency: 'EUR' }, 'en', '€9.50'],
    [{ amount: 950, currency: 'EUR' }, 'de', '9,50 €'],
    [{ amount: 950, currency: 'JPY' }, 'en', '¥950'],
    [{ amount: 1950, currency: 'KWD' }, 'en', 'KWD 1.950'],
    [{ amount: 0, currency: 'EUR' }, 'en', '€0.00'],
  ])('%j in %s', (money, locale, text) => {
    expect(price(money, locale).replace(/\u00a0/g, ' ')).toBe(text);
  });
});

it('ratings have one decimal', () => {
  expect(stars(50, 'en')).toBe('5.0');
  expect(stars(47, 'de')).toBe('4,7');
});

it('delivery times are a range', () => {
  expect(minutes([25, 35], 'en')).toMatch(/^25\s?–\s?35 min$/);
});

it('counts say when there are more', () => {
  expect([count(1, false), count(12, false), count(12, true)]).toEqual([
    '1 restaurant',
    '12 restaurants',
    '12+ restaurants',
  ]);
});

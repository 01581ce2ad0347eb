import { expect, test } from 'vitest';
import { moment, money } from '../src/format.ts';

const AT = '2026-03-01T23:30:00Z';

test('money is shown in its currency, with as many digits as that has', () => {
  expect(money({ minor: 1250, currency: 'EUR' }, 'en')).toBe('€12.50');
  expect(money({ minor: 1250, currency: 'JPY' }, 'en')).toBe('¥1,250');
});

test.each([
  ['2026-03-01T23:50:00Z', 'UTC', /^11:30\sPM$/],
  ['2026-03-02T00:10:00Z', 'UTC', /^Mar 1, 11:30\sPM$/],
  ['2026-03-02T00:10:00Z', 'Europe/Berlin', /^12:30\sAM$/],
])('a moment has its day when it is not today: seen at %s in %s', (now, zone, text) => {
  expect(moment(AT, Date.parse(now), 'en', zone)).toMatch(text);
});

import { expect, test } from 'vitest';
import { csv } from '../src/csv.ts';
import { type Found, queryOf } from '../src/model.ts';

const FOUND: Found = {
  place: 'shop',
  seq: 7,
  at: Date.UTC(2026, 2, 1, 12),
  actor: 'ada',
  action: 'put',
  outcome: 'allowed',
  kind: 'thing',
  key: '1',
  sort: 'thing',
  version: 3,
  client: 'portico-host',
  tenant: null,
  reason: null,
};

const row = (changes: Partial<Found>): string => csv([{ ...FOUND, ...changes }]).split('\r\n')[1] ?? '';

test('a row has every column, times in UTC', () => {
  expect(csv([FOUND])).toBe(
    'time,place,actor,client,action,outcome,kind,key,version,tenant,reason,seq\r\n' +
      '2026-03-01T12:00:00.000Z,shop,ada,portico-host,put,allowed,thing,1,3,,,7\r\n',
  );
});

test('commas, quotes and line ends stay within their cell', () => {
  expect(row({ key: 'a,b' })).toContain(',"a,b",');
  expect(row({ key: 'say "x"' })).toContain(',"say ""x""",');
  expect(csv([{ ...FOUND, key: 'a\r\nb' }])).toContain(',"a\r\nb",');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('%j runs in no spreadsheet', (key) => {
  expect(csv([{ ...FOUND, key }])).toMatch(/,"?'/);
});

test('a filter asks for what is filled in alone', () => {
  const empty = { place: '', actor: '', entity: '', kind: '', outcome: '', from: '', until: '' };
  expect(queryOf(empty)).toEqual({});
  expect(queryOf({ ...empty, place: 'shop', actor: ' ada ', outcome: 'refused' })).toEqual({
    actor: 'ada',
    outcome: 'refused',
  });
});

test('days are those of the person, the last one whole', () => {
  const { since, until } = queryOf({
    place: '',
    actor: '',
    entity: '',
    kind: '',
    outcome: '',
    from: '2026-12-31',
    until: '2026-12-31',
  });
  expect(new Date(since ?? '')).toEqual(new Date(2026, 11, 31));
  expect(new Date(until ?? '')).toEqual(new Date(2027, 0, 1));
});

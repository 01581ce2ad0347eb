import { expect, it } from 'vitest';
import type { Seen } from '../reads.ts';
import { Unheard } from '../unheard.ts';

function old(url: string, asOf = 1): Seen {
  return { app: 'notes', url, asOf, stale: 'network', pending: 0 };
}

it('says to a page what it was told before it listened, once', () => {
  const unheard = new Unheard();
  unheard.keep('page', old('/a'));
  unheard.keep('page', old('/b'));
  unheard.keep('page', old('/a', 2));
  unheard.keep('other', old('/c'));
  expect(unheard.heardBy('page')).toEqual([old('/a', 2), old('/b')]);
  expect(unheard.heardBy('page')).toEqual([]);
  expect(unheard.heardBy('other')).toEqual([old('/c')]);
});

it('keeps nothing that a fresh answer has made up for', () => {
  const unheard = new Unheard();
  unheard.keep('page', old('/a'));
  unheard.keep('page', { ...old('/a'), asOf: null, stale: null });
  expect(unheard.heardBy('page')).toEqual([]);
});

it('keeps nothing for a page that listens', () => {
  const unheard = new Unheard();
  expect(unheard.heardBy('page')).toEqual([]);
  unheard.keep('page', old('/a'));
  expect(unheard.heardBy('page')).toEqual([]);
});

it('forgets pages that never say anything', () => {
  const unheard = new Unheard();
  for (let page = 0; page <= 32; page++) unheard.keep(`page ${page}`, old('/a'));
  expect(unheard.heardBy('page 1')).toEqual([old('/a')]);
  expect(unheard.heardBy('page 0')).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { addressOf, queryOf, sameQuery } from '../src/query.ts';

const url = (address: string): URL => new URL(address, 'https://portico.test');

describe('a query and its address', () => {
  it.each([
    { text: 'crème brûlée & co', cuisine: 'french' },
    { text: '拉麵 #1', cuisine: '' },
    { text: '', cuisine: 'thai' },
  ])('carry each other: %j', (query) => {
    expect(queryOf(url(addressOf(query)))).toEqual(query);
  });

  it('is the plain start page when nothing is looked for', () => {
    expect(addressOf({ text: '  ', cuisine: '' })).toBe('/');
    expect(queryOf(url('/'))).toEqual({ text: '', cuisine: '' });
  });

  it('takes no notice of blanks around what is looked for', () => {
    expect(sameQuery({ text: ' soup ', cuisine: '' }, { text: 'soup', cuisine: '' })).toBe(true);
    expect(sameQuery({ text: 'soup', cuisine: '' }, { text: 'soup', cuisine: 'thai' })).toBe(false);
  });
});

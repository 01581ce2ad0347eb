import { describe, expect, it } from 'vitest';
import { currentOf } from '../src/current.ts';

const ENTRIES = [
  { app: 'catalogue', href: '/' },
  { app: 'post', href: '/letters' },
  { app: 'post', href: '/letters/drafts?sort=age' },
];

describe('which entry is current', () => {
  it('is the page itself where the path is the same', () => {
    expect(currentOf(ENTRIES, '/letters', undefined)).toEqual([null, 'page', null]);
  });

  it('takes no notice of a closing slash, or of a query in the entry', () => {
    expect(currentOf(ENTRIES, '/letters/drafts/', undefined)).toEqual([null, null, 'page']);
  });

  it('is the longest path that holds this one, which is not the page itself', () => {
    expect(currentOf(ENTRIES, '/letters/drafts/17', undefined)).toEqual([null, null, 'true']);
    expect(currentOf(ENTRIES, '/letters/17', 'catalogue')).toEqual([null, 'true', null]);
  });

  it('does not take a longer word for a path below', () => {
    expect(currentOf(ENTRIES, '/lettersmith', undefined)).toEqual([null, null, null]);
  });

  it('falls back to the app that fills the page, told by its full name', () => {
    expect(currentOf(ENTRIES, '/things/17', '@books/catalogue')).toEqual(['true', null, null]);
  });

  it('is nothing on a page of nobody', () => {
    expect(currentOf(ENTRIES, '/nowhere', undefined)).toEqual([null, null, null]);
  });
});

import { describe, expect, it } from 'vitest';
import { appAt, currentOf } from '../src/current.ts';

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

describe('which app fills a slot at a path', () => {
  const app = (name: string, slot: string, path: string) => ({
    name,
    app: name,
    entry: '',
    styles: [],
    bff: null,
    routes: [{ path, slot, access: 'public' as const }],
  });
  const matches = (pattern: string, path: string): boolean => path.startsWith(pattern.replace(/[:*].*$/, ''));
  const APPS = [app('@bar/top', 'header', '/*'), app('@books/catalogue', 'main', '/things/:id')];

  it('is the one with a route there', () => {
    expect(appAt('/things/17', 'main', APPS, matches)).toBe('@books/catalogue');
  });

  it('is nobody where only other slots are filled', () => {
    expect(appAt('/nowhere', 'main', APPS, matches)).toBeUndefined();
  });
});

import type { Registration } from '@portico/sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { confined } from '../styles.ts';

const HREF = '/a/shop/0123/css/shop.css';
const app = (isolation?: 'shadow' | 'none'): Registration => ({
  name: '@team/shop',
  app: 'shop',
  entry: '/a/shop/0123/shop.js',
  styles: [],
  routes: [],
  bff: null,
  ...(isolation && { isolation }),
});

describe('the text of a style sheet', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['url(a.png)', 'url(/a/shop/0123/css/a.png)'],
    ['url( "../a b.png" )', 'url("/a/shop/0123/css/../a b.png" )'],
    ["url('a.png')", "url('/a/shop/0123/css/a.png')"],
    ['url(/a.png)', 'url(/a.png)'],
    ['url(https://x.test/a.png)', 'url(https://x.test/a.png)'],
    ['url("data:image/svg+xml,<g fill=\'url(%23g)\'/>")', 'url("data:image/svg+xml,<g fill=\'url(%23g)\'/>")'],
    ['url(#mask)', 'url(#mask)'],
    ['url("")', 'url("")'],
  ])('has %s as %s', (given, expected) => {
    expect(confined(`a{b:${given}}`, HREF, app('none'))).toBe(`@layer apps{@media all{a{b:${expected}}}}`);
  });

  it('is held to the root of the app, and not to that of an app inside it', () => {
    vi.stubGlobal('CSSScopeRule', class {});
    expect(confined(':root{--x:1}', HREF, app())).toBe(
      '@layer apps{@scope([data-entry="/a/shop/0123/shop.js"]) to (:scope [data-app]){:scope{--x:1}}}',
    );
  });

  it('goes without a scope where the browser has none, and in a shadow root', () => {
    expect(confined('p{}', HREF, app())).toBe('@layer apps{@media all{p{}}}');
    expect(confined(':root{--x:1}', HREF, app('shadow'))).toBe('@layer apps{@media all{:host{--x:1}}}');
  });
});

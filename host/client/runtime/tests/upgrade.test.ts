import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { additions, type Latest, Upgrade } from '../upgrade.ts';

const OLD = {
  imports: {
    '@portico/sdk': '/a/_portico/1/sdk.js',
    signals: '/a/shared/1/signals.js',
    '@t/shop': '/a/shop/1/shop.js',
  },
  integrity: { '/a/_portico/1/sdk.js': 's', '/a/shared/1/signals.js': 'g', '/a/shop/1/shop.js': 'one' },
};

it('gives modules that are new what the new map says, and leaves the platform what it is', () => {
  const now = {
    imports: {
      '@portico/sdk': '/a/_portico/2/sdk.js',
      signals: '/a/shared/2/signals.js',
      '@t/shop': '/a/shop/2/shop.js',
    },
    integrity: { '/a/shared/2/signals.js': 'h', '/a/shop/2/shop.js': 'two', '/a/shop/2/part.js': 'part' },
    scopes: { '/a/shop/2/': { signals: '/a/shared/0/signals.js' } },
  };
  const everywhere = { ...now.imports, '@portico/sdk': '/a/_portico/1/sdk.js' };
  expect(additions(OLD, now)).toEqual({
    integrity: now.integrity,
    scopes: {
      '/a/shared/2/': everywhere,
      '/a/shop/2/': { ...everywhere, signals: '/a/shared/0/signals.js' },
    },
  });
});

it('says nothing when nothing is new', () => {
  expect(additions(OLD, OLD)).toEqual({ integrity: {}, scopes: {} });
});

/** A page of revision 1 with no apps, whose import map is empty. */
function page(): void {
  vi.useFakeTimers();
  vi.stubGlobal('window', {});
  vi.stubGlobal('document', {
    getElementById: () => ({ textContent: '{"revision": 1, "apps": []}' }),
    querySelector: () => null,
    createElement: () => ({ remove: () => {} }),
    head: { append: () => {} },
  });
}

beforeEach(page);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const latest = (revision: number): Latest => ({ boot: { revision, apps: [], user: null }, importMap: {} });
const told = (renew: () => void) => ({ shown: () => false, renew });

it('does not go back when an earlier answer comes after a later one', async () => {
  const answers: ((latest: Latest) => void)[] = [];
  const renew = vi.fn();
  const ask = () => new Promise<Latest>((resolve) => answers.push(resolve));
  const upgrade = new Upgrade(told(renew), ask, () => 0);
  for (const revision of [2, 3]) {
    upgrade.hear(revision);
    await vi.runAllTimersAsync();
  }
  answers[1]?.(latest(3));
  await vi.runAllTimersAsync();
  answers[0]?.(latest(2));
  await vi.runAllTimersAsync();
  expect([answers.length, renew.mock.calls.length]).toEqual([2, 1]);
});

it('asks again for a revision that it could not get', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const renew = vi.fn();
  const ask = vi.fn<() => Promise<Latest>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue(latest(2));
  const upgrade = new Upgrade(told(renew), ask, () => 0);
  for (const revision of [2, 2, 2]) {
    upgrade.hear(revision);
    await vi.runAllTimersAsync();
  }
  expect([ask.mock.calls.length, renew.mock.calls.length]).toEqual([2, 1]);
});

it('leaves the page what it is when the answer is for another person', async () => {
  const renew = vi.fn();
  const theirs = { ...latest(2), boot: { ...latest(2).boot, user: { sub: 'another' } } };
  const ask = vi.fn<() => Promise<Latest>>().mockResolvedValueOnce(theirs).mockResolvedValue(latest(3));
  const upgrade = new Upgrade(told(renew), ask, () => 0);
  upgrade.hear(2);
  await vi.runAllTimersAsync();
  expect([ask.mock.calls.length, renew.mock.calls.length]).toEqual([1, 0]);
  upgrade.hear(3);
  await vi.runAllTimersAsync();
  expect(renew.mock.calls.length).toBe(1);
});

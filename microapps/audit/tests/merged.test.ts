import { expect, test } from 'vitest';
import type { Audits } from '../src/audits.ts';
import { MergedAudits } from '../src/merged.ts';
import type { Entry, EntryPage, Place } from '../src/model.ts';

const { signal } = new AbortController();
const PAGE = 2;

function entry(at: number): Entry {
  const rest = { action: 'put', outcome: 'allowed', kind: 'thing', key: '1', sort: '' } as const;
  return { seq: at, at, actor: 'ada', version: 1, client: null, tenant: null, reason: null, ...rest };
}

/** Audits in memory, in pages of two; null keeps none, 'down' does not answer. */
class FakeAudits implements Audits {
  readonly asked: string[] = [];
  constructor(readonly kept: Readonly<Record<string, readonly number[] | null | 'down'>>) {}

  places(): Promise<readonly Place[]> {
    return Promise.resolve(Object.keys(this.kept).map((name) => ({ name, url: `/${name}` })));
  }

  read({ name }: Place, _query: object, cursor: string | null): Promise<EntryPage | null> {
    this.asked.push(`${name} ${cursor}`);
    const times = this.kept[name];
    if (times === 'down') return Promise.reject(new Error('no answer'));
    if (!times) return Promise.resolve(null);
    const start = Number(cursor ?? 0);
    const items = times.slice(start, start + PAGE).map(entry);
    return Promise.resolve({ items, nextCursor: start + PAGE < times.length ? String(start + PAGE) : null });
  }
}

async function merged(kept: FakeAudits['kept']): Promise<[MergedAudits, FakeAudits]> {
  const audits = new FakeAudits(kept);
  return [new MergedAudits(audits, await audits.places(), {}), audits];
}

const times = (found: readonly { at: number }[]): number[] => found.map(({ at }) => at);

test('entries of all places come newest first, over the ends of pages', async () => {
  const [all] = await merged({ host: [9, 6, 5, 1], shop: [8, 7, 3], notes: [4, 2] });
  expect(times(await all.next(4, signal))).toEqual([9, 8, 7, 6]);
  expect(all.ended).toBe(false);
  expect(times(await all.next(100, signal))).toEqual([5, 4, 3, 2, 1]);
  expect(all.ended).toBe(true);
  expect(await all.next(100, signal)).toEqual([]);
});

test('each entry says where it is from', async () => {
  const [all] = await merged({ host: [2], shop: [1] });
  expect((await all.next(2, signal)).map(({ place }) => place)).toEqual(['host', 'shop']);
});

test('no more is read than is looked at', async () => {
  const [all, audits] = await merged({ host: [9, 8, 7, 6, 5, 4], shop: [1] });
  await all.next(2, signal);
  expect(audits.asked).toEqual(['host null', 'shop null']);
});

test('a place that does not answer is named, and the others are shown', async () => {
  const [all] = await merged({ host: [2], shop: 'down', notes: [1] });
  expect(times(await all.next(10, signal))).toEqual([2, 1]);
  expect(all.failed).toEqual(['shop']);
  expect(all.ended).toBe(true);
});

test('a place without an audit is none that fails', async () => {
  const [all] = await merged({ host: [1], shop: null });
  expect(times(await all.next(10, signal))).toEqual([1]);
  expect(all.failed).toEqual([]);
});

test('a search that was given up is no place that fails', async () => {
  const [all] = await merged({ host: 'down' });
  await expect(all.next(1, AbortSignal.abort())).rejects.toThrow();
  expect(all.failed).toEqual([]);
});

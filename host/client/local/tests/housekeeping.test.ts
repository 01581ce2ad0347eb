import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import type { Entry } from '../entry.ts';
import { tidy } from '../housekeeping.ts';
import { PersonDb } from '../public.ts';

const DAY_MS = 24 * 3_600_000;

it('a lane that nobody used for 90 days is forgotten, but not while something waits in it', async () => {
  const db = new PersonDb('sub-1', 'housekeeping');
  await db.transact({ mode: 'readwrite' }, async (tables) => {
    for (const [lane, usedAt] of Object.entries({ waits: 0, unused: 0, young: 11 * DAY_MS }))
      await tables.putLane({ lane, usedAt, next: 3, generation: 0, acknowledged: 1 });
    await tables.putEntry({ key: 'k', state: 'failed', lane: 'waits', laneSeq: 2 } as Entry);
  });
  const tidied = (days: number): Promise<string[]> =>
    db.transact({ mode: 'readwrite' }, async (tables) => {
      await tidy(tables, days * DAY_MS);
      return (await tables.lanes()).map(({ lane }) => lane);
    });
  expect(await tidied(100)).toEqual(['waits', 'young']);
  await db.transact({ mode: 'readwrite' }, (tables) => tables.deleteEntry('k'));
  expect(await tidied(100.5)).toEqual(['waits', 'young']); // once a day
  expect(await tidied(101.5)).toEqual([]);
  db.close();
});

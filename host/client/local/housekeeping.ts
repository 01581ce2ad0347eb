/** What a flush does before it begins: takes over what a crash left, and once a day forgets what nobody needs. */

import type { PersonDb } from './db.ts';
import { LocalError } from './errors.ts';
import type { Tables } from './tables.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A server remembers a lane for at least 30 days; one that forgot it, or did not, is numbered anew either way. */
const LANE_MS = 90 * DAY_MS;
/** Cached answers are not kept longer. */
const PATCH_MS = 30 * DAY_MS;

/**
 * What somebody was sending when they died waits again: its outcome is not known, so it is sent under the same key. Only under the
 * lock, so nobody is sending now. One that the device cannot read is left to be listed.
 */
export async function recover(db: PersonDb): Promise<void> {
  const stores = ['entries'] as const;
  for (const key of await db.transact({ mode: 'readonly', stores }, (tables) => tables.inflightKeys())) {
    try {
      await db.transact({ mode: 'readwrite', durability: 'strict', stores }, async (tables) => {
        const entry = await tables.entry(key);
        if (entry?.readable && entry.state === 'inflight') await tables.putEntry({ ...entry, state: 'queued' });
      });
    } catch (error) {
      if (error instanceof LocalError) throw error;
    }
  }
}

export async function tidy(tables: Tables, now: number): Promise<void> {
  const last = (await tables.meta('tidied')) ?? 0;
  if (now - last < DAY_MS && now >= last) return;
  await tables.putMeta('tidied', now);
  for (const row of await tables.lanes()) {
    if (now - row.usedAt > LANE_MS && (await tables.isEmpty(row.lane))) await tables.deleteLane(row.lane);
  }
  for (const row of await tables.patches()) {
    if (row.state === 'confirmed' && now - row.at > PATCH_MS) await tables.deletePatch(row.id);
  }
}

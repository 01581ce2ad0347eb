/** What nobody needs any more, looked for once a day. */

import type { Tables } from './tables.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A server remembers a lane for at least 30 days; one that forgot it, or did not, is numbered anew either way. */
const LANE_MS = 90 * DAY_MS;
/** Cached answers are not kept longer. */
const PATCH_MS = 30 * DAY_MS;

export async function tidy(tables: Tables, now: number): Promise<void> {
  const last = (await tables.meta('tidied')) ?? 0;
  if (now - last < DAY_MS && now >= last) return;
  await tables.putMeta('tidied', now);
  for (const row of await tables.lanes()) {
    if (now - row.usedAt > LANE_MS && (await tables.head(row.lane)) === undefined) await tables.deleteLane(row.lane);
  }
  for (const row of await tables.patches()) {
    if (row.state === 'confirmed' && now - row.at > PATCH_MS) await tables.deletePatch(row.id);
  }
}

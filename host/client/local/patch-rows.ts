/** The patches of one command, as the command goes through its states. */

import type { CachedUpdate } from './entry.ts';
import type { PatchRow } from './schema.ts';
import type { Tables } from './tables.ts';

export async function addPatches(
  tables: Tables,
  key: string,
  updates: readonly CachedUpdate[],
  now: number,
): Promise<void> {
  for (const [place, update] of updates.entries()) {
    const id = `${key}/${String(place).padStart(4, '0')}`;
    await tables.putPatch({ ...update, id, key, state: 'pending', at: now });
  }
}

/** The command waits: shown. It was refused: hidden. It was done: confirmed, until the cache has folded them in. */
export async function markPatches(tables: Tables, key: string, state: PatchRow['state'], now: number): Promise<void> {
  for (const row of await tables.patchesOf(key)) await tables.putPatch({ ...row, state, at: now });
}

/** The command never happens. */
export async function dropPatches(tables: Tables, key: string): Promise<void> {
  for (const row of await tables.patchesOf(key)) await tables.deletePatch(row.id);
}

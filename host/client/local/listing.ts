/** Every entry of a database, also when the device can no longer read one of them. */

import type { PersonDb } from './db.ts';
import { LocalError } from './errors.ts';
import { type Listed, readEntry } from './reading.ts';
import type { Tables } from './tables.ts';

/** In the order of their keys. A value that the disk has lost makes IndexedDB refuse all: then they are read one by one. */
export async function listEntries(db: PersonDb): Promise<Listed[]> {
  try {
    return await read(db, (tables) => tables.entries());
  } catch (error) {
    if (error instanceof LocalError) throw error;
    return oneByOne(db);
  }
}

/** The entries as they are stored, as far as they can be read. */
export async function rawEntries(db: PersonDb): Promise<unknown[]> {
  try {
    return await read(db, (tables) => tables.rawEntries());
  } catch (error) {
    if (error instanceof LocalError) throw error;
    return oneByOne(db);
  }
}

async function oneByOne(db: PersonDb): Promise<Listed[]> {
  const [keys, places] = await read(db, async (tables) => [await tables.entryKeys(), await tables.places()]);
  const listed: Listed[] = [];
  for (const key of keys) {
    const [lane = null, laneSeq = null] = places.get(key) ?? [];
    // Each in a transaction of its own: the failure of a request ends its transaction.
    const entry = await read(db, (tables) => tables.entry(key)).catch(() => readEntry({ lane, laneSeq }, key));
    if (entry) listed.push(entry);
  }
  return listed;
}

function read<T>(db: PersonDb, work: (tables: Tables) => Promise<T>): Promise<T> {
  return db.transact({ mode: 'readonly', stores: ['entries'] }, work);
}

/** A person's names on this device, and how what is kept for them goes away. */

import { deleteDB } from 'idb';
import { PersonDb } from './db.ts';
import { LocalError } from './errors.ts';

/** 16 hexadecimal characters of the SHA-256 of `sub`: names databases, caches and channels. */
export async function personHash(sub: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sub));
  return [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The name of a person's database, and of their channel. */
export async function personDatabase(sub: string): Promise<string> {
  return `portico:${await personHash(sub)}`;
}

/** A person's database; nothing is opened before the first use. */
export async function openPerson(sub: string): Promise<PersonDb> {
  return new PersonDb(sub, await personDatabase(sub));
}

/**
 * Deletes what this device keeps for a person in IndexedDB; their caches are the worker's to delete. With `keepOutbox` what waits
 * to be sent stays, unseen, until the same person signs in here again. Open connections of this code close by themselves.
 */
export async function wipe(sub: string, { keepOutbox = false }: { keepOutbox?: boolean } = {}): Promise<void> {
  if (!keepOutbox) return deleteDB(await personDatabase(sub));
  await strip(await openPerson(sub));
}

const PERSONS = /^portico:[0-9a-f]{16}$/;

/**
 * Deletes what this device keeps in IndexedDB for everybody but `sub`, except what waits to be sent: it stays, unseen, until its
 * person signs in here again. What cannot be opened now is left for the next time; browsers that do not list databases keep all.
 */
export async function wipeOthers(sub: string): Promise<void> {
  const own = await personDatabase(sub);
  for (const { name = '' } of (await indexedDB.databases?.()) ?? []) {
    if (name === own || !PERSONS.test(name)) continue;
    try {
      await strip(new PersonDb('', name)); // whose it is, only its name's hash says; nothing is sent from it here
    } catch (error) {
      if (!(error instanceof LocalError)) throw error;
    }
  }
}

/** Leaves only what waits to be sent and what it needs, and closes. */
async function strip(db: PersonDb): Promise<void> {
  try {
    await db.transact({ mode: 'readwrite', durability: 'strict' }, async (tables) => {
      await tables.clearFrames();
      await tables.putMeta('cursor', null);
      const waiting = new Set(await tables.entryKeys());
      for (const { id, key } of await tables.patches()) if (!waiting.has(key)) await tables.deletePatch(id);
    });
  } finally {
    db.close();
  }
}

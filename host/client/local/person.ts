/** A person's names on this device, and how what is kept for them goes away. */

import { deleteDB } from 'idb';
import { PersonDb } from './db.ts';

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
  const db = await openPerson(sub);
  try {
    await db.transact({ mode: 'readwrite', durability: 'strict' }, async (tables) => {
      await tables.clearFrames();
      await tables.putMeta('cursor', null);
    });
  } finally {
    db.close();
  }
}

/** The stores of the two databases, and how older ones become the present one. Migrations only add. */

import type { DBSchema, IDBPDatabase } from 'idb';
import type { CachedUpdate } from './entry.ts';
import type { KeptFrame } from './frames.ts';

/** The version of a person's database. */
export const PERSON_VERSION = 1;
/** The version of the device's database. */
export const DEVICE_VERSION = 1;

/** A lane's counters. The server's counter belongs to (sub, client, lane, generation). */
export interface LaneRow {
  readonly lane: string;
  /** The number that the next command of the lane gets. */
  readonly next: number;
  /** 0, and one more each time that the server lost the counter and the waiting commands were numbered anew. */
  readonly generation: number;
  /** The last number of this generation that the server has confirmed. */
  readonly acknowledged: number;
  /** When it was last used, for tidying. */
  readonly usedAt: number;
}

/**
 * What a command changes in one cached read. `pending` while it waits, `hidden` while it is refused, `confirmed` once it was
 * done: then it holds for answers older than `at` until whoever keeps the cache has folded it in and removed it.
 */
export interface PatchRow extends CachedUpdate {
  /** `<key>/<n>`: the command's key and the update's place in it. */
  readonly id: string;
  readonly key: string;
  readonly state: 'pending' | 'hidden' | 'confirmed';
  readonly at: number;
}

/**
 * Single values. `cursor`: the last frame's id. `paused`: why the outbox stopped. `resumed`: how often it was told to go on.
 * `skew`: server's clock minus ours, ms.
 */
export interface Meta {
  readonly client: string;
  readonly cursor: string | null;
  readonly paused: 'signed-out' | 'other-person' | null;
  readonly resumed: number;
  readonly skew: number;
  readonly tidied: number;
}

export interface PersonSchema extends DBSchema {
  /** Values are read with `readEntry`: an older version may have written them, or a broken disk. */
  entries: { key: string; value: unknown; indexes: { state: string; lane: [string, number] } };
  lanes: { key: string; value: LaneRow };
  patches: { key: string; value: PatchRow; indexes: { key: string; app: string } };
  frames: { key: string; value: KeptFrame; indexes: { ts: number } };
  meta: { key: string; value: Meta[keyof Meta] };
}

export interface DeviceSchema extends DBSchema {
  device: { key: string; value: string | null };
}

/** Brings a person's database from any older version to the present one. */
export function upgradePerson(db: IDBPDatabase<PersonSchema>, from: number): void {
  if (from < 1) {
    const entries = db.createObjectStore('entries', { keyPath: 'key' });
    entries.createIndex('state', 'state');
    entries.createIndex('lane', ['lane', 'laneSeq']); // without a lane or a place in it: not in the index
    db.createObjectStore('lanes', { keyPath: 'lane' });
    const patches = db.createObjectStore('patches', { keyPath: 'id' });
    patches.createIndex('key', 'key');
    patches.createIndex('app', 'app');
    db.createObjectStore('frames', { keyPath: 'id' }).createIndex('ts', 'ts');
    db.createObjectStore('meta');
  }
}

/** Brings the device's database from any older version to the present one. */
export function upgradeDevice(db: IDBPDatabase<DeviceSchema>, from: number): void {
  if (from < 1) db.createObjectStore('device');
}

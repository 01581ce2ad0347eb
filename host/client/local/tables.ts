/** The operations inside one transaction on a person's database; each is one request to IndexedDB, or a few. */

import type { IDBPTransaction } from 'idb';
import { ENTRY_VERSION, type Entry } from './entry.ts';
import type { KeptFrame } from './frames.ts';
import { type Listed, readEntry } from './reading.ts';
import type { LaneRow, Meta, PatchRow, PersonSchema } from './schema.ts';

export const STORES = ['entries', 'lanes', 'patches', 'frames', 'meta'] as const;
export type StoreName = (typeof STORES)[number];
type Transaction = IDBPTransaction<PersonSchema, StoreName[], 'readwrite'>;

/**
 * Only valid inside the `work` of `PersonDb.transact`; awaiting anything else there would end the transaction. Writes are not
 * waited for: later requests see them, and if one fails, the transaction fails.
 */
export class Tables {
  /** What this transaction knows of lanes. */
  private readonly known = new Map<string, Promise<LaneRow | undefined>>();

  constructor(private readonly tx: Transaction) {}

  async entry(key: string): Promise<Listed | undefined> {
    const raw = await this.tx.objectStore('entries').get(key);
    return raw === undefined ? undefined : readEntry(raw, key);
  }

  /** Every entry, in the order of their keys; one that the device cannot read is listed too. */
  async entries(): Promise<Listed[]> {
    const store = this.tx.objectStore('entries');
    return (await store.getAll()).map((raw) => readEntry(raw, (raw as { key: string }).key));
  }

  /** Every entry as it is stored. */
  async rawEntries(): Promise<unknown[]> {
    return this.tx.objectStore('entries').getAll();
  }

  /** The entries of a lane that have a place in it, in order. */
  async inLane(lane: string): Promise<Listed[]> {
    const found = await this.tx.objectStore('entries').index('lane').getAll(places(lane));
    return found.map((raw) => readEntry(raw, (raw as { key: string }).key));
  }

  /** The first entry of a lane. */
  async head(lane: string): Promise<Listed | undefined> {
    const raw = await this.tx.objectStore('entries').index('lane').get(places(lane));
    return raw === undefined ? undefined : readEntry(raw, (raw as { key: string }).key);
  }

  /** Whether nothing has a place in a lane. */
  async isEmpty(lane: string): Promise<boolean> {
    return (await this.tx.objectStore('entries').index('lane').getKey(places(lane))) === undefined;
  }

  /** The keys of what somebody was sending. */
  async inflightKeys(): Promise<string[]> {
    return this.tx.objectStore('entries').index('state').getAllKeys('inflight');
  }

  async entryKeys(): Promise<string[]> {
    return this.tx.objectStore('entries').getAllKeys();
  }

  /** The places of entries in lanes, by key, without reading the entries. */
  async places(): Promise<Map<string, [lane: string, seq: number]>> {
    const found = new Map<string, [string, number]>();
    const index = this.tx.objectStore('entries').index('lane');
    for (let at = await index.openKeyCursor(); at; at = await at.continue()) found.set(at.primaryKey, at.key);
    return found;
  }

  async putEntry(entry: Entry): Promise<void> {
    const { readable: _, ...stored } = { readable: true, ...entry };
    issued(this.tx.objectStore('entries').put({ ...stored, schemaVersion: ENTRY_VERSION }));
  }

  /** Moves an entry to another place of its lane, whatever else can be read of it. */
  async place(key: string, laneSeq: number): Promise<void> {
    const store = this.tx.objectStore('entries');
    const raw = await store.get(key);
    if (typeof raw === 'object' && raw !== null) issued(store.put({ ...raw, laneSeq }));
  }

  async deleteEntry(key: string): Promise<void> {
    issued(this.tx.objectStore('entries').delete(key));
  }

  async lane(lane: string): Promise<LaneRow | undefined> {
    const row = this.known.get(lane) ?? this.tx.objectStore('lanes').get(lane);
    this.known.set(lane, row);
    return row;
  }

  async lanes(): Promise<LaneRow[]> {
    return this.tx.objectStore('lanes').getAll();
  }

  async putLane(row: LaneRow): Promise<void> {
    this.known.set(row.lane, Promise.resolve(row));
    issued(this.tx.objectStore('lanes').put(row));
  }

  async deleteLane(lane: string): Promise<void> {
    this.known.delete(lane);
    issued(this.tx.objectStore('lanes').delete(lane));
  }

  async patchesOf(key: string): Promise<PatchRow[]> {
    return this.tx.objectStore('patches').index('key').getAll(key);
  }

  /** The patches on an app's reads; of every app without a name. */
  async patches(app?: string): Promise<PatchRow[]> {
    const store = this.tx.objectStore('patches');
    return app === undefined ? store.getAll() : store.index('app').getAll(app);
  }

  async putPatch(row: PatchRow): Promise<void> {
    issued(this.tx.objectStore('patches').put(row));
  }

  async deletePatch(id: string): Promise<void> {
    issued(this.tx.objectStore('patches').delete(id));
  }

  async frame(id: string): Promise<KeptFrame | undefined> {
    return this.tx.objectStore('frames').get(id);
  }

  /** Every kept frame, oldest first. */
  async frames(): Promise<KeptFrame[]> {
    return this.tx.objectStore('frames').index('ts').getAll();
  }

  async putFrame(frame: KeptFrame): Promise<void> {
    issued(this.tx.objectStore('frames').put(frame));
  }

  async deleteFrame(id: string): Promise<void> {
    issued(this.tx.objectStore('frames').delete(id));
  }

  async clearFrames(): Promise<void> {
    issued(this.tx.objectStore('frames').clear());
  }

  async meta<Name extends keyof Meta>(name: Name): Promise<Meta[Name] | undefined> {
    return (await this.tx.objectStore('meta').get(name)) as Meta[Name] | undefined;
  }

  async putMeta<Name extends keyof Meta>(name: Name, value: Meta[Name]): Promise<void> {
    issued(this.tx.objectStore('meta').put(value, name));
  }
}

/** A write's failure is its transaction's. */
function issued(request: Promise<unknown>): void {
  request.catch(() => {});
}

function places(lane: string): IDBKeyRange {
  return IDBKeyRange.bound([lane, 0], [lane, Number.POSITIVE_INFINITY]);
}

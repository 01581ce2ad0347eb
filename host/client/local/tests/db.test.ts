import 'fake-indexeddb/auto';
import { deleteDB, openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { Connection } from '../connection.ts';
import { DEVICE_DATABASE } from '../device.ts';
import { ENTRY_VERSION, type Entry } from '../entry.ts';
import { Device, openPerson, PersonDb, personDatabase, personHash, wipe, wipeOthers } from '../public.ts';
import { PERSON_VERSION } from '../schema.ts';
import type { Tables } from '../tables.ts';
import { SUB, World } from './world.ts';

const draft = { app: 'things', describe: 'Do it', url: '/api/things/do', body: {} };

/** Writes into a world's entries what no code of this version would. */
async function put(world: World, ...values: object[]): Promise<void> {
  await world.outbox.entries();
  const db = await openDB(world.name);
  for (const value of values) await db.put('entries', value);
  db.close();
}

/** One frame, one command that waits, one that is done; both with an update of what is kept. */
async function keepsThings(db: PersonDb): Promise<void> {
  await db.transact({ mode: 'readwrite' }, async (tables) => {
    await tables.putFrame({ id: 'e.1', prev: null, type: 'notice', ts: 1, data: {}, read: false });
    await tables.putEntry({ key: 'waits', state: 'queued' } as Entry);
    const update = { app: 'things', read: { path: '/things' }, merge: { name: 'Ada' }, at: 1 };
    await tables.putPatch({ ...update, id: 'waits/0000', key: 'waits', state: 'pending' });
    await tables.putPatch({ ...update, id: 'done/0000', key: 'done', state: 'confirmed' });
  });
}

/** What is left of it. */
function left(db: PersonDb): Promise<Record<'frames' | 'entries' | 'patches', string[]>> {
  return db.transact({ mode: 'readonly' }, async (tables) => ({
    frames: (await tables.frames()).map(({ id }) => id),
    entries: await tables.entryKeys(),
    patches: (await tables.patches()).map(({ id }) => id),
  }));
}

describe('a stored entry', () => {
  it('of the version before is read and sent', async () => {
    const world = new World();
    const { key } = await world.outbox.enqueue({ ...draft, lane: 'thing-1' });
    const [{ base: _b, wait: _w, replaced: _r, readable: _, ...entry } = {} as never] = await world.outbox.entries();
    await put(world, { ...(entry as object), schemaVersion: ENTRY_VERSION - 1 });
    expect((await world.outbox.entries())[0]).toMatchObject({
      key,
      base: '/api/things',
      state: 'queued',
      readable: true,
    });
    expect((await world.outbox.flush()).acknowledged).toBe(1);
    world.close();
  });

  it.each([
    ['is damaged', { body: 7, describe: 'Damaged' }],
    ['has nothing but its key', {}],
    [
      'was written by a newer version',
      { schemaVersion: ENTRY_VERSION + 1, state: 'queued', lane: 'thing-1', laneSeq: 1 },
    ],
    ['is half a command under way', { schemaVersion: ENTRY_VERSION, state: 'inflight', sub: SUB }],
  ])('that %s is listed, never sent, and goes only when the person says so', async (_, value) => {
    const world = new World();
    const key = '019b8b74-0000-7000-8000-00000000dead';
    await put(world, { key, ...value });
    await world.outbox.enqueue({ ...draft, lane: 'thing-2' });
    expect((await world.outbox.flush()).acknowledged).toBe(1);
    expect(await world.outbox.entries()).toMatchObject([
      { key, state: 'failed', readable: false, lastProblem: { code: 'unreadable-entry' } },
    ]);
    expect(JSON.parse(await world.outbox.export()).entries).toEqual([{ key, ...value }]);
    await expect(world.outbox.edit(key, { body: {} })).rejects.toMatchObject({ code: 'wrong-state' });
    expect(await world.outbox.discard(key)).toBe('gone');
    expect(await world.outbox.entries()).toEqual([]);
    expect(world.network.seen).toHaveLength(1);
    world.close();
  });

  it('that is damaged stops its lane until it is discarded; then the lane goes on', async () => {
    const world = new World();
    const { key } = await world.outbox.enqueue({ ...draft, lane: 'thing-1' });
    await world.outbox.enqueue({ ...draft, lane: 'thing-1' });
    await put(world, { key, lane: 'thing-1', laneSeq: 1 });
    expect((await world.outbox.flush()).acknowledged).toBe(0);
    await world.outbox.discard(key);
    expect((await world.outbox.flush()).acknowledged).toBe(1);
    world.close();
  });

  it('that the disk has lost is listed, spoils nothing else, and goes only when the person says so', async () => {
    let lost = '';
    const refuse = <T extends { key: string } | undefined>(found: T): T => {
      if (found !== undefined && found.key === lost) throw new DOMException('lost', 'DataError');
      return found;
    };
    const world = new World(1, {
      tables: (tables) => ({
        entry: async (key) => refuse(await tables.entry(key)),
        head: async (lane) => refuse(await tables.head(lane)),
        entries: async () => (await tables.entries()).map(refuse),
        rawEntries: async () => ((await tables.rawEntries()) as { key: string }[]).map(refuse),
      }),
    });
    const { key } = await world.outbox.enqueue({ ...draft, lane: 'thing-1' });
    await world.outbox.enqueue({ ...draft, lane: 'thing-1' });
    await world.outbox.enqueue({ ...draft, lane: 'thing-2' });
    await put(world, { ...(await world.outbox.entries())[0], state: 'inflight' });
    lost = key;
    expect((await world.outbox.flush()).acknowledged).toBe(1);
    expect(await world.outbox.entries()).toMatchObject([
      { key, state: 'failed', lane: 'thing-1', laneSeq: 1, lastProblem: { code: 'unreadable-entry' } },
      { state: 'queued', laneSeq: 2 },
    ]);
    expect(JSON.parse(await world.outbox.export()).entries).toHaveLength(2);
    expect(await world.outbox.discard(key)).toBe('gone');
    expect((await world.outbox.flush()).acknowledged).toBe(1);
    expect(await world.outbox.entries()).toEqual([]);
    world.close();
  });

  it('of somebody else is never sent', async () => {
    const world = new World();
    await world.outbox.enqueue(draft);
    const [{ readable: _, ...entry } = {} as never] = await world.outbox.entries();
    await put(world, { ...(entry as object), sub: 'sub-2' });
    await world.outbox.flush();
    expect(world.network.seen).toEqual([]);
    expect(await world.outbox.entries()).toHaveLength(1);
    world.close();
  });
});

describe('a full device', () => {
  it('refuses a command clearly, and keeps what was there', async () => {
    let full = false;
    const putEntry = async (tables: Tables, entry: Parameters<Tables['putEntry']>[0]): Promise<void> => {
      await tables.putEntry(entry);
      if (full) throw new DOMException('full', 'QuotaExceededError');
    };
    const world = new World(1, { tables: (tables) => ({ putEntry: (entry) => putEntry(tables, entry) }) });
    await world.outbox.enqueue(draft);
    full = true;
    await expect(world.outbox.enqueue({ ...draft, lane: 'thing-1' })).rejects.toMatchObject({
      name: 'LocalError',
      code: 'quota',
    });
    full = false;
    expect(await world.outbox.entries()).toHaveLength(1);
    expect((await world.outbox.enqueue({ ...draft, lane: 'thing-1' })).laneSeq).toBe(1);
    expect(world.hub.heard).toHaveLength(2);
    world.close();
  });
});

describe('a full device that can make room', () => {
  /** A write that finds no room so many times. */
  const write = (times: number) => {
    let left = times;
    return async (tables: Tables) => {
      await tables.putMeta('skew', times);
      if (left-- > 0) throw new DOMException('full', 'QuotaExceededError');
      return 'written';
    };
  };
  const options = { mode: 'readwrite' } as const;

  it('makes it and writes once more, and no more often than that', async () => {
    let made = 0;
    const db = new PersonDb('sub', 'roomy', { makeRoom: async () => void made++ });
    expect(await db.transact(options, write(1))).toBe('written');
    expect(made).toBe(1);
    await expect(db.transact(options, write(2))).rejects.toMatchObject({ code: 'quota' });
    expect(made).toBe(2);
    expect(await db.transact({ mode: 'readonly' }, (tables) => tables.meta('skew'))).toBe(1);
    db.close();
  });
});

describe('a database', () => {
  const read = (db: PersonDb) => db.transact({ mode: 'readonly' }, (tables) => tables.entries());

  it('of a newer version says so', async () => {
    (await openDB('newer', PERSON_VERSION + 1)).close();
    await expect(read(new PersonDb(SUB, 'newer'))).rejects.toMatchObject({ code: 'newer' });
  });

  it('yields to a newer version, and to its deletion', async () => {
    const db = new PersonDb(SUB, 'yields');
    await read(db);
    (await openDB('yields', PERSON_VERSION + 1)).close();
    await expect(read(db)).rejects.toMatchObject({ code: 'newer' });
  });

  it('that an older page holds on to says so, and opens once it lets go', async () => {
    const old = await openDB('held', 1); // does not listen, so it stays
    const upgrade = (): void => {};
    const connection = new Connection({ name: 'held', version: 2, upgrade, blockedMs: 0 });
    await expect(connection.open()).rejects.toMatchObject({ code: 'blocked' });
    old.close();
    expect((await connection.open()).version).toBe(2);
    connection.close();
  });

  it('that an older page lets go of in time just opens', async () => {
    const old = new Connection({ name: 'let-go', version: 1, upgrade: () => {} });
    await old.open();
    const connection = new Connection({ name: 'let-go', version: 2, upgrade: () => {} });
    expect((await connection.open()).version).toBe(2);
    await expect(old.open()).rejects.toMatchObject({ code: 'newer' });
    connection.close();
  });

  it('is asked for the durability that is wanted', async () => {
    const db = new PersonDb(SUB, 'durable');
    const asked = (durability: 'strict' | 'relaxed') =>
      db.transact({ mode: 'readwrite', durability }, async (tables) => {
        await tables.lane('a');
        return (Reflect.get(tables, 'tx') as IDBTransaction).durability;
      });
    expect([await asked('strict'), await asked('relaxed')]).toEqual(['strict', 'relaxed']);
  });

  it('stores all of a transaction or nothing', async () => {
    const db = new PersonDb(SUB, 'atomic');
    const failing = db.transact({ mode: 'readwrite' }, async (tables) => {
      await tables.putMeta('skew', 5);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await db.transact({ mode: 'readonly' }, (tables) => tables.meta('skew'))).toBeUndefined();
  });

  it('that was closed stays closed', async () => {
    const db = new PersonDb(SUB, 'closed');
    db.close();
    await expect(read(db)).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a person', () => {
  it('has a name that says nothing of them', async () => {
    expect(await personHash('sub-1')).toMatch(/^[0-9a-f]{16}$/);
    expect(await personDatabase('sub-1')).toBe(`portico:${await personHash('sub-1')}`);
    expect(await personHash('sub-1')).not.toBe(await personHash('sub-2'));
  });

  it('is wiped, or wiped but for what waits', async () => {
    const db = await openPerson('sub-9');
    await db.transact({ mode: 'readwrite' }, async (tables) => {
      await tables.putFrame({ id: 'e.1', prev: null, type: 'notice', ts: 1, data: {}, read: false });
      await tables.putMeta('cursor', 'e.1');
      await tables.putMeta('client', 'c');
    });
    await wipe('sub-9', { keepOutbox: true });
    const kept = () =>
      db.transact({ mode: 'readonly' }, async (tables) => [
        await tables.frames(),
        await tables.meta('cursor'),
        await tables.meta('client'),
      ]);
    expect(await kept()).toEqual([[], null, 'c']);
    await wipe('sub-9');
    expect(await kept()).toEqual([[], undefined, undefined]);
  });

  it('leaves of the updates of what was kept only those of what waits', async () => {
    const db = await openPerson('sub-9');
    await keepsThings(db);
    await wipe('sub-9', { keepOutbox: true });
    expect(await left(db)).toEqual({ frames: [], entries: ['waits'], patches: ['waits/0000'] });
  });

  it('goes with all but what waits when somebody else comes', async () => {
    const [ada, bob] = [await openPerson('ada'), await openPerson('bob')];
    await keepsThings(ada);
    await keepsThings(bob);
    await wipeOthers('bob');
    expect(await left(ada)).toEqual({ frames: [], entries: ['waits'], patches: ['waits/0000'] });
    expect(await left(bob)).toEqual({
      frames: ['e.1'],
      entries: ['waits'],
      patches: ['done/0000', 'waits/0000'],
    });
  });

  it('whose database a newer version has written does not keep the others from going', async () => {
    const name = await personDatabase('newer');
    (await openDB(name, PERSON_VERSION + 1)).close();
    const ada = await openPerson('ada');
    await keepsThings(ada);
    await wipeOthers('bob');
    expect((await left(ada)).frames).toEqual([]);
    expect((await indexedDB.databases()).map((database) => database.name)).toContain(name);
    await deleteDB(name);
  });
});

describe('the device', () => {
  it('knows who used it last, and itself', async () => {
    const device = new Device();
    expect(await device.person()).toBeNull();
    await device.setPerson('sub-1');
    expect(await new Device().person()).toBe('sub-1');
    expect(await device.client()).toBe(await new Device().client());
    expect((await indexedDB.databases()).map(({ name }) => name)).toContain(DEVICE_DATABASE);
  });
});

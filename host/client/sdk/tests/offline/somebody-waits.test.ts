import 'fake-indexeddb/auto';
import { Device, openPerson, personDatabase } from '@portico/local';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import { somebodyWaits } from '../../offline/somebody-waits.ts';

/** A browser that does not list its databases. */
class Unlisting extends IDBFactory {
  override databases = undefined as unknown as IDBFactory['databases'];
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** Something is kept for a person: a cursor, and with `entry` a command, which even unreadable waits. */
async function kept(sub: string, entry: boolean): Promise<void> {
  const db = await openPerson(sub);
  await db.transact({ mode: 'readwrite' }, async (tables) => {
    await tables.putMeta('cursor', 'e.1');
    if (entry) await tables.putEntry({ key: 'k' } as Parameters<typeof tables.putEntry>[0]);
  });
  db.close();
}

async function names(): Promise<(string | undefined)[]> {
  return (await indexedDB.databases()).map(({ name }) => name);
}

describe('what waits of somebody', () => {
  it('is nothing on a new device, and nothing is made by looking', async () => {
    expect(await somebodyWaits()).toBe(false);
    expect(await names()).toEqual([]);
  });

  it('is a command of any person, not other data', async () => {
    await kept('ann', false);
    expect(await somebodyWaits()).toBe(false);
    await kept('bob', true);
    expect(await somebodyWaits()).toBe(true);
  });

  it('is nothing in a database of another kind, or of a shape that this code does not know', async () => {
    await new Promise((resolve) => {
      indexedDB.open(`portico:${'0'.repeat(16)}`, 9).onsuccess = resolve;
    });
    expect(await somebodyWaits()).toBe(false);
  });

  it("is the last person's where the browser does not list its databases", async () => {
    globalThis.indexedDB = new Unlisting();
    const device = new Device();
    await kept('ann', true);
    await device.setPerson('ann');
    expect(await somebodyWaits()).toBe(true);
    await device.setPerson('bob');
    expect(await somebodyWaits()).toBe(false);
    await expect(exists(await personDatabase('bob'))).resolves.toBe(false);
    device.close();
  });
});

function exists(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(name);
    let made = false;
    opening.onupgradeneeded = () => {
      made = true;
    };
    opening.onsuccess = () => resolve(!made);
  });
}

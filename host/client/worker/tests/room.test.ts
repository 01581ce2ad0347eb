import { beforeEach, describe, expect, it } from 'vitest';
import { ASSETS, CONTENTS } from '../names.ts';
import { Room } from '../room.ts';
import { MemoryShelves, roomOn } from './fakes.ts';

let shelves: MemoryShelves;

async function fill(name: string, ...keys: string[]): Promise<void> {
  const shelf = await shelves.open(name);
  for (const key of keys) await shelf.put(key, new Response(key));
}

beforeEach(async () => {
  shelves = new MemoryShelves();
  await fill(ASSETS, '/a/old', '/a/new');
  await fill(CONTENTS, '/document');
  await fill('portico-reads:x:notes', '/1', '/2', '/3', '/4');
  shelves.capacity = shelves.size;
});

const reads = (): string[] => shelves.keys('portico-reads:x:notes');
const write = async (key: string): Promise<void> => (await shelves.open(ASSETS)).put(key, new Response(''));

describe('when there is no room', () => {
  it('the oldest reads go first', async () => {
    expect(await roomOn(shelves).make(() => write('/a/more'))).toBe(true);
    expect(reads()).toEqual(['/3', '/4']);
  });

  it('then the files of earlier revisions, then all reads; then it is given up', async () => {
    const dropped: string[] = [];
    const room = roomOn(shelves, async () => {
      dropped.push(...reads());
    });
    shelves.capacity = 3;
    expect(await room.make(() => write('/a/more'))).toBe(false);
    expect(dropped).toEqual(['/3', '/4']);
    expect(shelves.all.has('portico-reads:x:notes')).toBe(false);
    expect([shelves.keys(ASSETS), shelves.keys(CONTENTS)]).toEqual([['/a/old', '/a/new'], ['/document']]);
  });

  it('another error is not mistaken for it', async () => {
    const broken = async (): Promise<void> => {
      throw new TypeError('broken');
    };
    await expect(roomOn(shelves).make(broken)).rejects.toThrow('broken');
    expect(reads()).toHaveLength(4);
  });
});

describe('when the device is nearly full', () => {
  it('the caches give way before anything else has to', async () => {
    await roomOn(shelves).relieve();
    expect(reads()).toEqual(['/3', '/4']);
  });

  it('nothing goes while there is enough', async () => {
    shelves.capacity = shelves.size * 2;
    await roomOn(shelves).relieve();
    expect(reads()).toHaveLength(4);
  });

  it('a browser that does not say counts as having enough', async () => {
    await new Room(shelves, { estimate: async () => ({}) }, async () => {}).relieve();
    expect(reads()).toHaveLength(4);
  });
});

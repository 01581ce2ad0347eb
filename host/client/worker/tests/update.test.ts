import { describe, expect, it } from 'vitest';
import { LockManagerFake } from '../../local/tests/fakes.ts';
import { Pages } from '../pages.ts';
import { type HeldLocks, sendingLock, takeOver } from '../update.ts';
import { MemoryShelves, open, settled } from './fakes.ts';

/** The locks of one origin, as `navigator.locks` shows them, and who takes over. */
function world(allSpeak = true) {
  const manager = new LockManagerFake();
  const held = new Set<string>();
  const mine = manager.of({});
  const locks: HeldLocks = {
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
    request: (name, work) => mine.request(name, {}, work),
  };
  const taken: string[] = [];
  const deps = {
    locks,
    allSpeak: async () => allSpeak,
    take: async () => void taken.push('taken'),
  };
  const send = (sub: string) => {
    const { promise, resolve } = open<void>();
    held.add(sendingLock(sub));
    void manager.of({}).request(sendingLock(sub), {}, () => promise);
    return resolve;
  };
  return { manager, deps, taken, send };
}

describe('a newer worker takes over', () => {
  it('at once when nobody sends', async () => {
    const { deps, taken, manager } = world();
    expect(await takeOver({ ...deps, own: sendingLock('ada') })).toBe(true);
    expect(taken).toHaveLength(1);
    expect(manager.isHeld(sendingLock('ada'))).toBe(false);
  });

  it('only when everybody has finished sending', async () => {
    const { deps, taken, send } = world();
    const [ada, bob] = [send('ada'), send('bob')];
    const over = takeOver({ ...deps, own: null });
    await settled();
    ada();
    await settled();
    expect(taken).toEqual([]);
    bob();
    expect(await over).toBe(true);
    expect(taken).toHaveLength(1);
  });

  it('and nobody begins to send meanwhile', async () => {
    const { deps, manager } = world();
    const { promise, resolve } = open<void>();
    const over = takeOver({ ...deps, take: () => promise, own: sendingLock('ada') });
    await settled();
    expect(manager.isHeld(sendingLock('ada'))).toBe(true);
    resolve();
    await over;
  });

  it('never while a page speaks another version', async () => {
    const { deps, taken } = world(false);
    expect(await takeOver({ ...deps, own: null })).toBe(false);
    expect(taken).toEqual([]);
  });
});

describe('what pages speak', () => {
  it('is known to a worker that has not heard them, and forgotten when they close', async () => {
    const shelves = new MemoryShelves();
    const pages = { open: ['1', '2'] };
    const first = new Pages(shelves, async () => pages.open);
    await first.heard('1', 1);
    await first.heard('2', 2);
    const second = new Pages(shelves, async () => pages.open);
    expect(await second.allSpeak(1)).toBe(false);
    pages.open = ['1', 'never heard'];
    expect(await second.allSpeak(1)).toBe(true);
    await second.heard('3', 1);
    expect(shelves.keys('portico-pages')).toEqual(['/_portico/pages/1', '/_portico/pages/3']);
  });
});

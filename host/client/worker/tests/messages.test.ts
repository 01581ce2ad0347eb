import { toPage, toWorker } from '@portico/local';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Contents } from '../contents.ts';
import { Messages } from '../messages.ts';
import { readsOf } from '../names.ts';
import { Owner } from '../owner.ts';
import { Pages } from '../pages.ts';
import { Precache } from '../precache.ts';
import { answer, answersOn, CONTENTS, ManualClock, MemoryShelves, roomOn } from './fakes.ts';

const READ = { kind: 'read', app: 'notes', asOf: '2026-01-01T00:00:00Z', stale: 'network', pending: 0 } as const;

/** The worker's side of a conversation with pages; the host lists for whoever is signed in there. */
class World {
  readonly clock = new ManualClock();
  readonly shelves = new MemoryShelves();
  readonly said: unknown[] = [];
  readonly done: string[] = [];
  readonly missed: string[] = [];
  revision = 7;
  session: string | null = 'ada';
  listings = 0;
  registered: string | null = null;
  whenDocumentIsAsked = async (): Promise<void> => {};
  readonly owner = new Owner(
    {
      person: async () => this.registered,
      setPerson: async (sub) => {
        this.registered = sub;
      },
    },
    async (sub) => `hash-of-${sub}`,
  );
  readonly precache = new Precache({
    shelves: this.shelves,
    room: roomOn(this.shelves),
    fetch: async (url) => {
      if (url === '/_portico/document') await this.whenDocumentIsAsked();
      return this.#host(url);
    },
    personHash: this.owner.personHash,
    openPages: async () => ['page'],
    isThere: async (person) => (await this.owner.current())?.hash === person,
  });
  readonly messages = new Messages({
    owner: this.owner,
    pages: new Pages(this.shelves, async () => ['page']),
    precache: this.precache,
    answers: answersOn(this.shelves, this.clock),
    room: roomOn(this.shelves),
    clock: this.clock,
    missed: (page) => this.missed.splice(0).map((url) => toPage({ ...READ, url: `${url} of ${page}` })),
    flush: async (sub, now) => this.done.push(`flush ${sub} ${now}`),
    warm: async ({ person }) => void this.done.push(`warm ${person}`),
    release: async () => void this.done.push('release'),
    wipe: async (sub, { keepOutbox }) => void this.done.push(`wipe ${sub} ${keepOutbox}`),
    wipeOthers: async (sub) => void this.done.push(`wipe others than ${sub}`),
    activate: async () => {
      this.done.push('activate');
      return true;
    },
  });

  tell(message: Parameters<typeof toWorker>[0] | object): Promise<void> {
    const data = 'kind' in message ? toWorker(message as Parameters<typeof toWorker>[0]) : message;
    return this.messages.take(data, { id: 'page', post: (said) => this.said.push(said) });
  }

  hello(sub: string | null, revision = 7): Promise<void> {
    this.said.length = 0;
    return this.tell({ kind: 'hello', revision, sub, version: 1 });
  }

  async keepsReads(sub: string): Promise<void> {
    await (await this.shelves.open(readsOf(`hash-of-${sub}`, 'notes'))).put('/api/notes/x', answer({}));
  }

  get people(): string[] {
    return [...this.shelves.all.keys()].filter((name) => name.startsWith('portico-reads:'));
  }

  #host(url: string): Response {
    const tag = `${this.session} ${this.revision}`;
    if (url === '/_portico/document') return answer('page', { headers: { 'Portico-Document': tag } });
    this.listings++;
    const listed: Contents = { ...CONTENTS, person: this.session, revision: this.revision, tag };
    return answer(listed);
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

const kinds = (): unknown[] => world.said.map((message) => (message as { kind: string }).kind);

describe('a page that says hello', () => {
  it('has everything kept for its person, and hears when that is so', async () => {
    await world.hello('ada');
    expect(world.said).toEqual([{ v: 1, kind: 'ready' }]);
    expect((await world.precache.contents('hash-of-ada'))?.revision).toBe(7);
    expect(world.done).toEqual(['wipe others than ada', 'warm ada']);
  });

  it('hears first what it has missed', async () => {
    world.missed.push('/api/notes/x');
    await world.hello('ada');
    expect(world.said).toEqual([
      { v: 1, ...READ, url: '/api/notes/x of page' },
      { v: 1, kind: 'ready' },
    ]);
  });

  it('asks the host anew only when another revision is live, or after a while', async () => {
    await world.hello('ada');
    await world.hello('ada');
    expect(world.listings).toBe(1);
    world.revision = 8;
    await world.hello('ada', 8);
    expect(world.listings).toBe(2);
    expect(kinds()).toEqual(['ready']);
    await world.clock.advance(10 * 60_000 + 1);
    await world.hello('ada', 8);
    expect(world.listings).toBe(3);
  });

  it('hears that a newer revision than its own is kept', async () => {
    world.revision = 9;
    await world.hello('ada', 7);
    expect(world.said).toEqual([
      { v: 1, kind: 'updated', revision: 9 },
      { v: 1, kind: 'ready' },
    ]);
  });

  it('hears of nothing while nothing is kept', async () => {
    world.session = 'somebody else';
    await world.hello('ada');
    expect(world.said).toEqual([]);
  });

  it('leaves nothing of who was there before, and what is nobody’s', async () => {
    await world.hello('ada');
    await world.keepsReads('ada');
    world.session = null;
    await world.hello(null);
    expect(world.people).toEqual([readsOf('hash-of-ada', 'notes')]);
    world.done.length = 0;
    world.session = 'bob';
    await world.hello('bob');
    expect(world.people).toEqual([]);
    expect(await world.precache.document('hash-of-ada')).toBeUndefined();
    expect(await world.precache.document('nobody')).toBeDefined();
    expect(world.done).toContain('wipe others than bob');
    expect(world.registered).toBe('bob');
  });
});

describe('a person who is to be forgotten', () => {
  it('leaves nothing but, if they want it, what waits to be sent', async () => {
    await world.hello('ada');
    await world.keepsReads('ada');
    await world.tell({ kind: 'forget', sub: 'ada', keepOutbox: true });
    expect(world.said.at(-1)).toEqual({ v: 1, kind: 'forgotten', sub: 'ada' });
    expect(world.people).toEqual([]);
    expect(await world.precache.document('hash-of-ada')).toBeUndefined();
    expect(world.done.slice(-2)).toEqual(['release', 'wipe ada true']);
    expect(world.registered).toBeNull();
  });

  it('leaves nothing either when they go while things are being kept for them', async () => {
    world.whenDocumentIsAsked = () => world.tell({ kind: 'forget', sub: 'ada', keepOutbox: false });
    await world.hello('ada');
    expect(world.shelves.keys('portico-contents')).toEqual([]);
  });

  it('does not take anybody else along', async () => {
    await world.hello('ada');
    await world.keepsReads('ada');
    await world.tell({ kind: 'forget', sub: 'bob', keepOutbox: false });
    expect(world.registered).toBe('ada');
    expect(world.people).toEqual([readsOf('hash-of-ada', 'notes')]);
  });
});

it('a page has what waits sent, and hears when it is over', async () => {
  await world.tell({ kind: 'flush', sub: 'ada', now: true });
  await world.tell({ kind: 'flush', sub: 'ada' });
  expect(world.done).toEqual(['flush ada true', 'flush ada false']);
  expect(kinds()).toEqual(['flushed', 'flushed']);
});

it('a page lets the newer worker take over, and has things kept', async () => {
  await world.tell({ kind: 'activate' });
  await world.tell({ kind: 'precache' });
  expect(world.done).toEqual(['activate']);
  expect(world.listings).toBe(1);
});

it.each([{ v: 2, kind: 'forget', sub: 'ada' }, { v: 1, kind: 'of a later version' }, {}, []])(
  'a message that cannot be read does nothing: %j',
  async (message) => {
    await world.messages.take(message, { id: 'page', post: (said) => world.said.push(said) });
    expect([world.said, world.done]).toEqual([[], []]);
  },
);

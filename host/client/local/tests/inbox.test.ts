import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransactOptions } from '../db.ts';
import { MOST_FRAMES, RETENTION_MS } from '../inbox.ts';
import { type Frame, Inbox, PersonDb } from '../public.ts';
import type { Tables } from '../tables.ts';
import { ChannelHub, Life, ManualClock } from './fakes.ts';

let worlds = 0;

class MortalDb extends PersonDb {
  constructor(
    private readonly life: Life,
    name: string,
  ) {
    super('sub-1', name);
  }

  override transact<T>(options: TransactOptions, work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.life.gate(() => super.transact(options, work));
  }
}

function inbox(name = `inbox-${++worlds}`, life = new Life()) {
  const hub = new ChannelHub();
  const clock = new ManualClock();
  const made = new Inbox({ db: new MortalDb(life, name), clock, channel: hub.open() });
  return { inbox: made, hub, clock, name };
}

const START = Date.UTC(2026, 0, 5);

function frame(seq: number, prev: number | null, type = 'notice', ts = START + seq): Frame {
  const data = { title: `Title ${seq}`, body: '', href: `/things/${seq}`, app: 'things' };
  return { id: `e1.${seq}`, prev: prev === null ? null : `e1.${prev}`, type, ts, data };
}

const reset = (frames: Frame[], head: string | null = frames.at(-1)?.id ?? null) => ({
  type: 'reset' as const,
  head,
  frames,
});

describe('an inbox', () => {
  it('keeps frames and moves its cursor, and drops what it knows', async () => {
    const { inbox: box, hub } = inbox();
    const frames = [frame(3, null), frame(5, 3, 'things.changed')];
    expect(await box.apply(frames)).toEqual({ gap: false, fresh: frames, cursor: 'e1.5' });
    expect(await box.apply(frames)).toEqual({ gap: false, fresh: [], cursor: 'e1.5' });
    expect(await box.cursor()).toBe('e1.5');
    expect(hub.heard).toEqual([{ kind: 'inbox', fresh: ['e1.3', 'e1.5'], unread: 1 }]);
  });

  it('sees a gap, takes what comes before it and nothing after', async () => {
    const { inbox: box } = inbox();
    await box.apply([frame(1, null)]);
    const applied = await box.apply([frame(2, 1), frame(9, 8), frame(10, 9)]);
    expect(applied).toMatchObject({ gap: true, cursor: 'e1.2' });
    expect(applied.fresh.map(({ id }) => id)).toEqual(['e1.2']);
    expect(await box.apply([{ ...frame(3, 2), id: 'e2.3', prev: 'e2.2' }])).toMatchObject({ gap: true });
  });

  it('begins with a snapshot: without a cursor, a frame that follows another is a gap', async () => {
    const { inbox: box } = inbox();
    expect(await box.apply([frame(7, 6)])).toEqual({ gap: true, fresh: [], cursor: null });
    expect(await box.apply(reset([frame(2, null), frame(6, 2)], 'e1.8'))).toMatchObject({ gap: false, cursor: 'e1.8' });
    expect(await box.apply([frame(9, 8)])).toMatchObject({ gap: false, cursor: 'e1.9' });
  });

  it('takes a frame whose connection began before the cursor: there is nothing in between', async () => {
    const { inbox: box } = inbox();
    await box.apply(reset([], 'e1.110'));
    expect(await box.apply([frame(120, 100)])).toMatchObject({ gap: false, cursor: 'e1.120' });
  });

  it('replaces what it keeps at a reset, and remembers what was read', async () => {
    const { inbox: box } = inbox();
    await box.apply([frame(1, null), frame(2, 1), frame(3, 2)]);
    await box.markRead('e1.2');
    await box.apply(reset([frame(2, null), frame(4, 2)]));
    expect((await box.messages()).map(({ id, read }) => [id, read])).toEqual([
      ['e1.4', false],
      ['e1.2', true],
    ]);
    expect(await box.unread()).toBe(1);
  });

  it('lists messages newest first and marks them as read, one or all', async () => {
    const { inbox: box, hub } = inbox();
    await box.apply([frame(1, null), frame(2, 1, 'things.changed'), frame(3, 2), frame(4, 3)]);
    expect((await box.messages())[0]).toEqual({
      id: 'e1.4',
      ts: START + 4,
      read: false,
      title: 'Title 4',
      body: '',
      href: '/things/4',
      app: 'things',
    });
    await box.markRead('e1.4');
    expect(await box.unread()).toBe(2);
    await box.markRead('all');
    await box.markRead('e1.99');
    expect(await box.unread()).toBe(0);
    expect(hub.heard.at(-1)).toEqual({ kind: 'inbox', fresh: [], unread: 0 });
  });

  it.each([
    'javascript:alert(1)',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    'things',
    '',
    7,
    null,
  ])('links no message to %j', async (href) => {
    const { inbox: box } = inbox();
    await box.apply([{ ...frame(1, null), data: { title: 'Come', body: '', href } }]);
    expect((await box.messages())[0]).toMatchObject({ title: 'Come', href: null });
  });

  it('lists a message that is no message as an empty one', async () => {
    const { inbox: box } = inbox();
    await box.apply([
      { ...frame(1, null), data: null },
      { ...frame(2, 1), data: { title: { a: 1 }, body: ['x'] } },
    ]);
    expect(await box.messages()).toMatchObject([
      { title: '', body: '' },
      { title: '', body: '' },
    ]);
  });

  it('keeps a bounded number, messages before others, for a bounded time', async () => {
    const { inbox: box, clock } = inbox();
    const types = (seq: number): string => (seq % 2 === 0 ? 'notice' : 'things.changed');
    await box.apply(
      [...Array(MOST_FRAMES + 100)].map((_, seq) => frame(seq + 1, seq === 0 ? null : seq, types(seq + 1))),
    );
    expect((await box.messages()).length).toBe((MOST_FRAMES + 100) / 2);
    clock.advance(RETENTION_MS + 1_000);
    await box.apply([frame(601, 600, 'notice', clock.time)]);
    expect(await box.messages()).toHaveLength(1);
  });

  it('has each frame once and none missing, in whatever order frames, repetitions, pulls and crashes come', async () => {
    const feed = [...Array(12)].map((_, at) => frame(at * 2 + 1, at === 0 ? null : at * 2 - 1));
    const step = fc.record({
      from: fc.nat({ max: 11 }),
      count: fc.integer({ min: 1, max: 6 }),
      crash: fc.option(fc.boolean(), { freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const { name } = inbox();
        const heard: string[] = [];
        for (const { from, count, crash } of [...steps, { from: 0, count: 12, crash: null }]) {
          const life = new Life();
          const { inbox: box } = inbox(name, life);
          const before = await box.cursor();
          if (crash !== null) life.dieAt(0, crash);
          const applied = await Promise.race([box.apply(feed.slice(from, from + count)), life.ended]);
          const { inbox: again } = inbox(name);
          const ids = (await again.messages()).map(({ id }) => id).reverse();
          // What is kept is a beginning of the feed, up to the cursor: no frame without its cursor, nor the reverse.
          expect(ids).toEqual(feed.slice(0, ids.length).map(({ id }) => id));
          expect(await again.cursor()).toBe(ids.at(-1) ?? null);
          if (applied) {
            heard.push(...applied.fresh.map(({ id }) => id));
            expect(applied.gap).toBe(from > feed.findIndex(({ id }) => id === before) + 1);
          }
        }
        expect(new Set(heard).size).toBe(heard.length);
        expect((await inbox(name).inbox.messages()).length).toBe(12);
      }),
      { numRuns: 150, seed: 1 },
    );
  }, 60_000);
});

import { events, type Messages } from '@portico/sdk';
import { describe, expect, it } from 'vitest';
import { livesOf } from '../overlay/lives.ts';
import { described, overrideOf } from '../overlay/overrides.ts';
import { MOST_LINES, Recorder } from '../overlay/recorder.ts';

function mark(name: string, startTime: number) {
  return { name, startTime };
}

describe('what the timeline says of apps', () => {
  it('has the latest state of each, and how long its steps took', () => {
    const lives = livesOf([
      mark('portico:@team/shop:loading', 10),
      mark('portico:@team/shop:bootstrapped', 35),
      mark('portico:@team/shop:mounted', 40),
      mark('portico:@team/bar:loading', 12),
      mark('portico:@team/bar:failed', 20),
    ]);
    const shop = { slot: null, state: 'mounted', since: 40, loadMs: 25, mountMs: 5 };
    expect(lives.get('@team/shop')).toEqual([shop]);
    expect(lives.get('@team/bar')).toEqual([{ slot: null, state: 'failed', since: 20, loadMs: null, mountMs: null }]);
  });

  it('keeps the slots of one app apart and leaves other marks alone', () => {
    const lives = livesOf([
      mark('portico:@team/shop#main:mounted', 1),
      mark('portico:@team/shop#side:unmounted', 2),
      mark('first-paint', 3),
      mark('portico:nothing', 4),
    ]);
    expect([...lives.keys()]).toEqual(['@team/shop']);
    expect(lives.get('@team/shop')?.map(({ slot, state }) => [slot, state])).toEqual([
      ['main', 'mounted'],
      ['side', 'unmounted'],
    ]);
  });

  it('counts a second mount from when it was asked for again, never a time below nothing', () => {
    const [life] =
      livesOf([
        mark('portico:@team/shop:bootstrapped', 5),
        mark('portico:@team/shop:mounted', 50),
        mark('portico:@team/shop:loading', 60),
      ]).get('@team/shop') ?? [];
    expect(life).toMatchObject({ state: 'loading', loadMs: null, mountMs: 45 });
  });
});

describe('what a developer types', () => {
  it('is a release when it is a whole digest, and a URL otherwise', () => {
    const digest = 'ab'.repeat(32);
    expect(overrideOf(` ${digest} `)).toEqual({ release: digest });
    expect(overrideOf('http://localhost:5173/app.js')).toEqual({ url: 'http://localhost:5173/app.js' });
    expect(described({ release: digest, bff: 'http://localhost:9' })).toBe(
      'release abababab, BFF at http://localhost:9',
    );
  });
});

describe('the recorder', () => {
  it('remembers so many lines, and leaves the page as it was', () => {
    class Fake {
      readonly published: unknown[] = [];
      publish(name: string, data: unknown): string {
        this.published.push([name, data]);
        return 'id-1';
      }
    }
    const fake = new Fake();
    const messages = fake as unknown as Messages;
    const ended = new AbortController();
    const target = new EventTarget();
    const recorder = new Recorder({ events, messages, target, now: () => 7 });
    recorder.start(ended.signal);
    expect(messages.publish('thing.happened/1', { size: 2 })).toBe('id-1');
    expect(fake.published).toEqual([['thing.happened/1', { size: 2 }]]);
    expect(recorder.lines).toEqual([
      { at: 7, kind: 'message', text: 'thing.happened/1 published', detail: '{"size":2}' },
    ]);
    for (let revision = 0; revision < MOST_LINES; revision++) events.emit('channel-changed', { revision });
    expect(recorder.lines).toHaveLength(MOST_LINES);
    expect(recorder.lines[0]?.text).toBe('Revision 0 is live');
    ended.abort();
    messages.publish('thing.happened/1', {});
    events.emit('channel-changed', { revision: -1 });
    expect(fake.published).toHaveLength(2);
    expect(Object.hasOwn(fake, 'publish')).toBe(false);
    expect(recorder.lines.at(-1)?.text).toBe(`Revision ${MOST_LINES - 1} is live`);
  });
});

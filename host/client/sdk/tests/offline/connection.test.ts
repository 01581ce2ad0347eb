import type { Frame, Hello, Incoming } from '@portico/local';
import { beforeEach, describe, expect, it } from 'vitest';
import { Connection, type FrameStore, type LiveState } from '../../offline/connection.ts';
import { type End, PROBE_AFTER_MS, type Rung } from '../../offline/ladder.ts';
import type { Pulled } from '../../offline/transports/poll.ts';
import type { Opening } from '../../offline/transports/transport.ts';
import { FakeClock, settle } from './fake-clock.ts';

const HELLO: Hello = { type: 'hello', head: null, oldest: null, epoch: 'e', region: 'north', heartbeat: 15_000 };
const frame = (seq: number): Frame => ({
  id: `e.${seq}`,
  prev: seq > 1 ? `e.${seq - 1}` : null,
  type: 'things.thing-changed',
  ts: seq,
  data: seq,
});

/** Keeps frames as the device does: in order, each once, nothing after a gap. */
class MemoryStore implements FrameStore {
  frames: Frame[] = [];
  resets = 0;
  full = false;

  async cursor(): Promise<string | null> {
    return this.frames.at(-1)?.id ?? null;
  }
  async apply(frames: readonly Frame[]): Promise<{ gap: boolean }> {
    if (this.full) throw new Error('full');
    for (const one of frames) {
      if (this.frames.some(({ id }) => id === one.id)) continue;
      if (one.prev !== (await this.cursor())) return { gap: true };
      this.frames.push(one);
    }
    return { gap: false };
  }
  async reset(_: string | null, frames: readonly Frame[]): Promise<void> {
    this.resets += 1;
    this.frames = [...frames];
  }
}

/** A server that does what the test says: it hands out each connection as it is opened. */
class Script {
  readonly opened: {
    readonly rung: Rung;
    readonly opening: Opening;
    readonly end: (end: End) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  pulled: (string | null)[] = [];
  answers: (readonly Incoming[])[] = [];

  transport(rung: Rung) {
    return (opening: Opening): Promise<End> =>
      new Promise((resolve, reject) => {
        opening.signal.addEventListener('abort', () => resolve({ kind: 'stopped' }), { once: true });
        this.opened.push({ rung, opening, end: resolve, fail: reject });
      });
  }
  async pull(cursor: string | null): Promise<Pulled> {
    this.pulled.push(cursor);
    const incoming = this.answers.shift() ?? [HELLO];
    return { incoming, more: this.answers.length > 0 };
  }
  get last() {
    const last = this.opened.at(-1);
    if (!last) throw new Error('nothing was opened');
    return last;
  }
  get rungs(): Rung[] {
    return this.opened.map(({ rung }) => rung);
  }
}

let clock: FakeClock;
let store: MemoryStore;
let script: Script;
let told: LiveState[];
let channels: number[];
let reported: unknown[];
let connection: Connection;
let over: Promise<string>;
let stop: AbortController;

beforeEach(async () => {
  clock = new FakeClock();
  store = new MemoryStore();
  script = new Script();
  told = [];
  channels = [];
  reported = [];
  stop = new AbortController();
  connection = new Connection({
    transports: {
      stream: script.transport('stream'),
      socket: script.transport('socket'),
      poll: script.transport('poll'),
    },
    pull: (cursor) => script.pull(cursor),
    store,
    clock,
    told: (state) => told.push(state),
    channel: (revision) => channels.push(revision),
    report: (error) => reported.push(error),
  });
  over = connection.run(stop.signal);
  await settle();
});

const say = async (...incoming: Incoming[]): Promise<void> => {
  await script.last.opening.hear(incoming);
};
const end = async (how: End): Promise<void> => {
  script.last.end(how);
  await settle();
};

describe('a live connection', () => {
  it('tells of the live channel: what hello says, then every change', async () => {
    await say({ ...HELLO, channel: 7 });
    await say({ type: 'channel', revision: 8 });
    expect(channels).toEqual([7, 8]);
  });

  it('stores frames in their order and tells how it is', async () => {
    await say(HELLO, frame(1), frame(2));
    await say(frame(2), frame(3));
    expect(store.frames.map(({ data }) => data)).toEqual([1, 2, 3]);
    expect(told).toEqual([{ live: 'stream', region: 'north', online: true, signedOut: false }]);
  });

  it('gets what is missing when there is a gap, and goes on', async () => {
    await say(HELLO, frame(1));
    script.answers = [[HELLO, frame(2), frame(3)]];
    await say(frame(3));
    expect(store.frames.map(({ data }) => data)).toEqual([1, 2, 3]);
    expect(script.pulled).toEqual(['e.1']);
    await say(frame(4));
    expect(store.frames).toHaveLength(4);
    expect(script.opened).toHaveLength(1);
  });

  it('pulls when the server pokes, until there is no more', async () => {
    await say(HELLO);
    script.answers = [[frame(1), frame(2)], [frame(3)]];
    await say({ type: 'poke', head: 'e.3' });
    expect(store.frames.map(({ data }) => data)).toEqual([1, 2, 3]);
    expect(script.pulled).toEqual([null, 'e.2']);
  });

  it('connects anew when a pull does not close the gap', async () => {
    await say(HELLO, frame(1));
    script.answers = [[frame(5)]];
    await say(frame(5));
    await clock.pass(60_000);
    expect(script.opened.length).toBeGreaterThan(1);
    expect(store.frames).toHaveLength(1);
  });

  it('takes a snapshot in the place of what it has', async () => {
    await say(HELLO, frame(1));
    await say({ type: 'reset', head: 'e.9', frames: [frame(8), frame(9)] });
    expect(store.resets).toBe(1);
    expect(store.frames.map(({ data }) => data)).toEqual([8, 9]);
  });

  it('comes back when the server says so', async () => {
    await say(HELLO, { type: 'bye', retry: 4_000 });
    await settle();
    expect(script.last.opening.signal.aborted).toBe(true);
    await clock.pass(4_499);
    expect(script.opened).toHaveLength(1);
    await clock.pass(1);
    expect(script.rungs).toEqual(['stream', 'stream']);
  });

  it('goes down the ladder when no hello comes within three seconds', async () => {
    await clock.pass(2_999);
    expect(script.opened).toHaveLength(1);
    await clock.pass(1_001);
    expect(script.rungs).toEqual(['stream', 'socket']);
    await clock.pass(4_000);
    expect(script.rungs).toEqual(['stream', 'socket', 'poll']);
  });

  it('goes down when three connections end at once, and up again after ten minutes', async () => {
    clock.chance = 0;
    for (let count = 0; count < 3; count++) {
      await say(HELLO);
      await end({ kind: 'ended' });
      await clock.pass(0);
    }
    expect(script.rungs).toEqual(['stream', 'stream', 'stream', 'socket']);
    await say(HELLO);
    await clock.pass(10_000);
    await end({ kind: 'ended' });
    await clock.pass(1_000);
    expect(script.last.rung).toBe('socket');
    await say(HELLO, { type: 'bye', retry: PROBE_AFTER_MS });
    await clock.pass(PROBE_AFTER_MS + 1_000);
    expect(script.last.rung).toBe('stream');
  });

  it('leaves a poll for the stream when the ten minutes are over', async () => {
    await clock.pass(10_000);
    expect(script.last.rung).toBe('poll');
    for (let minute = 0; minute < 11 && script.last.rung === 'poll'; minute++) {
      await say(HELLO);
      await clock.pass(30_000);
      await say(HELLO);
      await clock.pass(30_000);
    }
    expect(script.last.rung).toBe('stream');
  });

  it('connects anew when nothing is heard for two and a half heartbeats', async () => {
    await say(HELLO);
    await clock.pass(30_000);
    await say({ type: 'beat', ts: 1 });
    await clock.pass(37_499);
    expect(script.last.opening.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(script.last.opening.signal.aborted).toBe(true);
    await clock.pass(1_000);
    expect(script.rungs).toEqual(['stream', 'stream']);
  });

  it('waits as the server asks, and says that the server was reached', async () => {
    await end({ kind: 'refused', status: 503, retryMs: 20_000 });
    expect(told).toEqual([{ live: 'off', region: null, online: true, signedOut: false }]);
    await clock.pass(20_499);
    expect(script.opened).toHaveLength(1);
    await clock.pass(1);
    expect(script.opened).toHaveLength(2);
  });

  it('stops when nobody is signed in', async () => {
    await end({ kind: 'refused', status: 401, retryMs: null });
    expect(await over).toBe('signed-out');
    expect(told).toEqual([{ live: 'off', region: null, online: true, signedOut: true }]);
    await clock.pass(600_000);
    expect(script.opened).toHaveLength(1);
  });

  it('says that it is offline, and tries at once when woken', async () => {
    await end({ kind: 'unreachable' });
    expect(told.at(-1)).toEqual({ live: 'off', region: null, online: false, signedOut: false });
    connection.wake();
    await settle();
    expect(script.opened).toHaveLength(2);
  });

  it('asks again for what the device could not store', async () => {
    await say(HELLO, frame(1));
    store.full = true;
    await expect(say(frame(2))).rejects.toThrow('full');
    script.last.fail(new Error('full'));
    await settle();
    expect(reported).toHaveLength(1);
    store.full = false;
    await clock.pass(60_000);
    expect(await script.opened[1]?.opening.cursor()).toBe('e.1');
  });

  it('ends its connection when it is stopped', async () => {
    await say(HELLO);
    stop.abort();
    expect(await over).toBe('stopped');
    expect(script.last.opening.signal.aborted).toBe(true);
    expect(clock.due).toEqual([]);
  });
});

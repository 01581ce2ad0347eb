import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Draft, EntryEvent } from '../public.ts';
import type { Fault } from './network.ts';
import { SUB, World } from './world.ts';

const open: World[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.close();
});

function world(): World {
  const made = new World();
  open.push(made);
  return made;
}

const DAY_MS = 24 * 3_600_000;

const draft = (body: unknown = {}, more: Partial<Draft> = {}): Draft => ({
  app: 'things',
  describe: 'Do it',
  url: '/api/things/do',
  body,
  ...more,
});

const inLane = (body: unknown = {}, more: Partial<Draft> = {}): Draft => draft(body, { lane: 'thing-1', ...more });

const states = async ({ outbox }: World) => (await outbox.entries()).map(({ state }) => state);
const ends = ({ hub }: World) =>
  hub.heard
    .filter((event): event is EntryEvent => event.kind === 'entry')
    .filter(({ state }) => state === 'acknowledged' || state === 'discarded');

describe('a command', () => {
  it('is stored, sent as it was meant with all that protects it, and deleted when it is acknowledged', async () => {
    const { outbox, network, server, hub } = world();
    const headers = { Accept: 'application/graphql-response+json' };
    const entry = await outbox.enqueue(inLane({ name: 'Ä' }, { headers, baseVersion: 1, method: 'PUT' }));
    expect(entry).toMatchObject({ state: 'queued', laneSeq: 1, attempts: 0, sub: SUB, base: '/api/things' });
    expect(await outbox.flush()).toEqual({ outcome: 'done', acknowledged: 1, nextWake: null });
    expect(Object.fromEntries(network.seen[0]?.headers ?? [])).toEqual({
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      'idempotency-key': entry.key,
      'if-match': '"1"',
      'portico-client': entry.client,
      'portico-lane': 'thing-1',
      'portico-lane-seq': '1',
      'portico-person': SUB,
      'x-portico': '1',
    });
    expect(network.seen[0]).toMatchObject({ method: 'PUT', url: '/api/things/do', body: '{"name":"Ä"}' });
    expect(server.ledger).toHaveLength(1);
    expect(await outbox.entries()).toEqual([]);
    expect(hub.heard.map((event) => event.kind === 'entry' && event.state)).toEqual([
      'queued',
      'inflight',
      'acknowledged',
    ]);
    expect(hub.heard.at(-1)).toMatchObject({ response: { status: 201, body: { done: entry.key }, replayed: false } });
  });

  it.each<Fault>([
    'before-delivery',
    'before-reply',
    'mid-body',
    'captive-portal',
    'redirect',
    'status-429',
    'status-503',
  ])('is kept through "%s", waits, and is done once', async (fault) => {
    const { outbox, network, server, clock } = world();
    await outbox.enqueue(draft());
    network.faults = [fault];
    const { acknowledged, nextWake } = await outbox.flush();
    expect([acknowledged, (nextWake ?? 0) > clock.time]).toEqual([0, true]);
    const [entry] = await outbox.entries();
    expect(entry).toMatchObject({ state: 'queued', attempts: 1 });
    expect(entry?.lastProblem?.code).toBeTruthy();
    expect(await outbox.nextWake()).toBe(nextWake);
    expect((await outbox.flush()).acknowledged).toBe(0);
    expect(network.seen).toHaveLength(1); // nothing before its time
    clock.advance((nextWake ?? 0) - clock.time);
    expect((await outbox.flush()).acknowledged).toBe(1);
    expect(server.ledger).toHaveLength(1);
  });

  it('is sent at once when the person asks, or the clock has jumped back', async () => {
    const { outbox, network, clock } = world();
    await outbox.enqueue(draft());
    network.faults = ['status-503', 'status-503'];
    await outbox.flush();
    await outbox.flush({ now: true });
    clock.advance(-3_600_000);
    expect((await outbox.flush()).acknowledged).toBe(1);
    expect(network.seen).toHaveLength(3);
  });

  it('that was answered as a repetition says so', async () => {
    const { outbox, network, clock, hub } = world();
    await outbox.enqueue(draft());
    network.faults = ['before-reply'];
    await outbox.flush();
    clock.advance(60_000);
    await outbox.flush();
    expect(hub.heard.at(-1)).toMatchObject({ state: 'acknowledged', response: { replayed: true } });
  });

  it('is on the disk before anything is said of what a person did, at every step', async () => {
    const made = world();
    const { db } = made.tab(0);
    const steps = () => db.made.splice(0).filter(({ mode }) => mode === 'readwrite');
    const strictly = () => expect(new Set(steps().map(({ durability }) => durability))).toEqual(new Set(['strict']));
    const { key } = await made.outbox.enqueue(draft({ refuse: 422 }));
    strictly();
    await made.outbox.flush();
    steps(); // a power cut may take back what sending wrote: then the same key is sent again
    const { key: edited } = await made.outbox.edit(key, { body: {} });
    strictly();
    await made.outbox.retry(edited);
    await made.outbox.discard(edited);
    strictly();
  });

  it('added while a flush is under way goes along', async () => {
    const { outbox, network, server } = world();
    await outbox.enqueue(draft());
    const { fetch } = network;
    let added = false;
    Object.assign(network, {
      fetch: async (url: string, init: RequestInit) => {
        if (!added) await outbox.enqueue(draft());
        added = true;
        return fetch(url, init);
      },
    });
    expect((await outbox.flush()).acknowledged).toBe(2);
    expect(server.ledger).toHaveLength(2);
  });

  it('given twice under one key is one; another under that key is refused', async () => {
    const { outbox } = world();
    const { key } = await outbox.enqueue(draft({ a: 1 }));
    expect((await outbox.enqueue(draft({ a: 1 }, { key }))).key).toBe(key);
    await expect(outbox.enqueue(draft({ a: 2 }, { key }))).rejects.toMatchObject({ code: 'key-in-use' });
    expect(await outbox.entries()).toHaveLength(1);
  });

  it.each([
    ['a body over the limit', draft('x'.repeat(256 * 1024)), 'too-large'],
    ['a token', draft({}, { headers: { authorization: 'Bearer x' } }), 'invalid'],
    ['a cookie', draft({}, { headers: { Cookie: 'a=b' } }), 'invalid'],
    ['a header of the protocol', draft({}, { headers: { 'Portico-Lane': 'x' } }), 'invalid'],
    ['an address elsewhere', draft({}, { url: 'https://elsewhere.test/api/things/do' }), 'invalid'],
    ['an address of another app', draft({}, { url: '/api/others/do' }), 'invalid'],
    ['a base on another host', draft({}, { base: '//elsewhere.test', url: '//elsewhere.test/do' }), 'invalid'],
    ['a key that is no UUIDv7', draft({}, { key: 'mine' }), 'invalid'],
    ['a lane that looks like a generation', draft({}, { lane: 'thing~2' }), 'invalid'],
    ['a lane that is too long', draft({}, { lane: 'ä'.repeat(40) }), 'invalid'],
    ['no words', draft({}, { describe: ' ' }), 'invalid'],
    ['a body that is not JSON', draft(() => 1), 'invalid'],
  ])('with %s is refused, and nothing is kept', async (_, bad, code) => {
    const { outbox } = world();
    await expect(outbox.enqueue(bad)).rejects.toMatchObject({ name: 'LocalError', code });
    expect(await outbox.entries()).toEqual([]);
  });
});

describe('a lane', () => {
  it('is kept in order, and what is refused in it stops it alone', async () => {
    const made = world();
    const { outbox, server } = made;
    await outbox.enqueue(inLane({ n: 1 }));
    await outbox.enqueue(inLane({ n: 2, refuse: 403 }));
    await outbox.enqueue(inLane({ n: 3 }));
    await outbox.enqueue(draft({ n: 4 }, { lane: 'thing-2' }));
    await outbox.enqueue(draft({ n: 5 }));
    expect((await outbox.flush()).acknowledged).toBe(3);
    expect(server.ledger.map(({ body }) => (body as { n: number }).n).sort()).toEqual([1, 4, 5]);
    expect(await states(made)).toEqual(['failed', 'queued']);
  });

  it('goes on after what was refused is discarded, edited, or sent again', async () => {
    for (const how of ['discard', 'edit', 'retry'] as const) {
      const { outbox, server } = world();
      await outbox.enqueue(inLane({ n: 1, refuse: 422 }));
      await outbox.enqueue(inLane({ n: 2 }));
      await outbox.flush();
      const [first] = await outbox.entries();
      const key = first?.key ?? '';
      if (how === 'discard') expect(await outbox.discard(key)).toBe('discarding');
      if (how === 'edit')
        expect(await outbox.edit(key, { body: { n: 1 } })).toMatchObject({ replaces: key, laneSeq: 1 });
      if (how === 'retry') expect(await outbox.retry(key)).toMatchObject({ key, state: 'queued' });
      await outbox.flush();
      const done = server.ledger.map(({ body }) => (body as { n: number }).n);
      expect(done).toEqual({ discard: [2], edit: [1, 2], retry: [] }[how]);
    }
  });

  it('is numbered anew when the server lost its count', async () => {
    const { outbox, server, network } = world();
    await outbox.enqueue(inLane({ n: 1 }));
    await outbox.enqueue(inLane({ n: 2 }));
    await outbox.flush();
    server.lanes.clear();
    await outbox.enqueue(inLane({ n: 3 }));
    await outbox.enqueue(inLane({ n: 4 }));
    expect((await outbox.flush()).acknowledged).toBe(2);
    expect(server.ledger.map(({ lane, seq }) => `${lane} ${seq}`)).toEqual([
      'thing-1 1',
      'thing-1 2',
      'thing-1~1 1',
      'thing-1~1 2',
    ]);
    expect(network.seen).toHaveLength(5);
  });

  it('is numbered anew also when nobody knows what became of the places before', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane());
    await made.tab(0).db.transact({ mode: 'readwrite' }, async (tables) => {
      await tables.place(key, 3);
      await tables.putLane({ lane: 'thing-1', next: 4, generation: 0, acknowledged: 0, usedAt: 0 });
    });
    await made.outbox.flush();
    expect(made.server.ledger).toEqual([]);
    expect((await made.outbox.flush({ now: true })).acknowledged).toBe(1);
    expect(made.server.ledger).toMatchObject([{ key, lane: 'thing-1~1', seq: 1 }]);
  });

  it('asks what became of a command whose place is used, and numbers anew when nothing did', async () => {
    const { outbox, server, network } = world();
    const { client } = await outbox.enqueue(inLane({ n: 1 }));
    server.lanes.set(`${SUB} ${client} thing-1`, 4); // a device put back from a copy
    expect((await outbox.flush()).acknowledged).toBe(1);
    expect(network.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST']);
    expect(server.ledger).toMatchObject([{ lane: 'thing-1~1', seq: 1 }]);
  });

  it('never has more requests under way than allowed, nor two of one lane', async () => {
    const { outbox, network } = world();
    for (let n = 0; n < 60; n++) await outbox.enqueue(draft({ n }, { lane: `thing-${n % 20}` }));
    const { fetch } = network;
    const under = new Set<string>();
    let most = 0;
    Object.assign(network, {
      fetch: async (url: string, init: RequestInit) => {
        const lane = new Headers(init.headers).get('Portico-Lane') ?? '';
        expect(under.has(lane)).toBe(false);
        under.add(lane);
        most = Math.max(most, under.size);
        await outbox.paused(); // a turn of the event loop, for the others
        under.delete(lane);
        return fetch(url, init);
      },
    });
    expect((await outbox.flush()).acknowledged).toBe(60);
    expect(most).toBe(16);
  });
});

describe('a conflict', () => {
  const conflicted = async () => {
    const made = world();
    made.server.versions.set('x', 4);
    await made.outbox.enqueue(inLane({ thing: 'x', text: 'mine' }, { baseVersion: 3 }));
    await made.outbox.enqueue(inLane({ text: 'next' }));
    await made.outbox.flush();
    const [entry] = await made.outbox.entries();
    expect(entry).toMatchObject({
      state: 'conflict',
      lastProblem: { current: { version: 4, entity: { thing: 'x' } } },
    });
    const { outbox, server, network } = made;
    return { outbox, server, network, key: entry?.key ?? '' };
  };

  it('stops the lane until the person chose their own', async () => {
    const { outbox, server, key, network } = await conflicted();
    expect(await outbox.resolve(key, 'mine')).toMatchObject({ baseVersion: 4, replaces: key, laneSeq: 1 });
    expect((await outbox.flush()).acknowledged).toBe(2);
    expect(server.ledger.map(({ body }) => (body as { text: string }).text)).toEqual(['mine', 'next']);
    expect(network.seen.at(-2)?.headers.get('portico-replaces')).toBe(key);
  });

  it('ends with a merged body', async () => {
    const { outbox, server, key } = await conflicted();
    await outbox.resolve(key, { merge: { thing: 'x', text: 'both' } });
    await outbox.flush();
    expect(server.ledger.map(({ body }) => (body as { text: string }).text)).toEqual(['both', 'next']);
  });

  it('ends with theirs, which is a discard', async () => {
    const { outbox, server, key } = await conflicted();
    expect(await outbox.resolve(key, 'theirs')).toBeNull();
    await outbox.flush();
    expect(server.ledger.map(({ body }) => (body as { text: string }).text)).toEqual(['next']);
    await expect(outbox.resolve(key, 'mine')).rejects.toMatchObject({ code: 'unknown-key' });
  });
});

describe('what the person takes back', () => {
  it('goes at once when nobody knows of it', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(draft());
    expect(await made.outbox.discard(key)).toBe('gone');
    await made.outbox.flush();
    expect(made.network.seen).toEqual([]);
    expect(ends(made)).toMatchObject([{ key, state: 'discarded' }]);
  });

  it('is never done, not even when it arrives late', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(draft());
    made.network.faults = ['late'];
    await made.outbox.flush();
    expect(await made.outbox.discard(key)).toBe('discarding');
    expect(await states(made)).toEqual(['discarding']);
    await made.outbox.flush();
    made.network.deliver();
    expect([made.server.ledger, await states(made)]).toEqual([[], []]);
  });

  it('takes along what it was edited from, which may still be on its way', async () => {
    for (const more of [{}, { lane: 'thing-1' }]) {
      const made = world();
      const { key } = await made.outbox.enqueue(draft({}, more));
      made.network.faults = ['late'];
      await made.outbox.flush();
      const edited = await made.outbox.edit(key, { body: { n: 2 } });
      expect(await made.outbox.discard(edited.key)).toBe('discarding');
      await made.outbox.flush();
      made.network.deliver();
      expect([made.server.ledger, await states(made)]).toEqual([[], []]);
    }
  });

  it('while it is under way stays taken back, whatever the answer', async () => {
    for (const fault of ['none', 'before-reply', 'before-delivery', 'status-503', 'mid-body'] as const) {
      const made = world();
      const { key } = await made.outbox.enqueue(inLane());
      const { fetch } = made.network;
      let taken = false;
      const during = async (url: string, init: RequestInit): Promise<Response> => {
        if (!taken) {
          taken = true;
          expect(await made.tab(1).outbox.discard(key)).toBe('discarding');
        }
        return fetch(url, init);
      };
      Object.assign(made.network, { fetch: during, faults: [fault] });
      await made.outbox.flush();
      await made.outbox.flush({ now: true });
      const applied = fault === 'none' || fault === 'before-reply' || fault === 'mid-body';
      expect([made.server.ledger.length, await states(made)]).toEqual([applied ? 1 : 0, []]);
      const end = applied ? { state: 'acknowledged', problem: { code: 'command-applied' } } : { state: 'discarded' };
      expect(ends(made)).toMatchObject([{ key, ...end }]);
    }
  });

  it('but had been done is told as done', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane());
    await made.outbox.enqueue(inLane());
    made.network.faults = ['before-reply'];
    await made.outbox.flush();
    await made.outbox.discard(key);
    await made.outbox.flush();
    expect(ends(made)[0]).toMatchObject({ key, state: 'acknowledged', problem: { code: 'command-applied' } });
    expect(made.server.ledger).toHaveLength(2);
  });

  it('can be given up for good when the server will not hear of it', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane({ refuse: 403 }));
    await made.outbox.enqueue(inLane());
    await made.outbox.flush();
    await made.outbox.discard(key);
    const { fetch } = made.network;
    Object.assign(made.network, {
      fetch: async (url: string, init: RequestInit) =>
        init.method === 'DELETE'
          ? new Response('{}', { status: 404, headers: { 'Portico-Receipt': key } })
          : fetch(url, init),
    });
    await made.outbox.flush();
    expect((await made.outbox.entries())[0]).toMatchObject({
      state: 'failed',
      lastProblem: { code: 'discard-refused' },
    });
    expect(await made.outbox.discard(key)).toBe('gone');
    expect((await made.outbox.flush()).acknowledged).toBe(1);
  });
});

describe('an edited command', () => {
  it('never has its predecessors done, however often it was edited', async () => {
    const { outbox, network, server, clock } = world();
    let { key } = await outbox.enqueue(draft({ n: 0 }));
    for (let n = 1; n <= 20; n++) {
      network.faults = ['late'];
      await outbox.flush({ now: true });
      clock.advance(1_000);
      ({ key } = await outbox.edit(key, { body: { n } }));
    }
    expect((await outbox.flush()).acknowledged).toBe(1);
    network.deliver();
    expect(server.ledger.map(({ body }) => body)).toEqual([{ n: 20 }]);
    expect(server.ledger[0]?.key).toBe(key);
  });

  it.each([
    ['none', [1], 'failed'],
    ['before-reply', [1], 'failed'],
    ['before-delivery', [2], null],
    ['status-503', [2], null],
    ['late', [2], null],
  ] as const)('while it is under way has one effect: %s', async (fault, effects, state) => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane({ n: 1 }));
    const { fetch } = made.network;
    let edited = '';
    const during = async (url: string, init: RequestInit): Promise<Response> => {
      if (!edited) ({ key: edited } = await made.tab(1).outbox.edit(key, { body: { n: 2 } }));
      return fetch(url, init);
    };
    Object.assign(made.network, { fetch: during, faults: [fault] });
    await made.outbox.flush();
    await made.outbox.flush({ now: true });
    made.network.deliver();
    expect(made.server.ledger.map(({ body }) => (body as { n: number }).n)).toEqual(effects);
    const [entry] = await made.outbox.entries();
    expect(entry?.state ?? null).toBe(state);
    if (entry) expect(entry).toMatchObject({ key: edited, lastProblem: { code: 'command-applied' } });
  });

  it('whose predecessor had been done waits for the person; sent again it is a command of its own', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane({ n: 1 }));
    await made.outbox.enqueue(inLane({ n: 2 }));
    made.network.faults = ['before-reply'];
    await made.outbox.flush();
    const edited = await made.outbox.edit(key, { body: { n: 3 } });
    await made.outbox.flush();
    expect((await made.outbox.entries())[0]).toMatchObject({
      key: edited.key,
      state: 'failed',
      lastProblem: { code: 'command-applied', outcome: { key, state: 'applied' } },
    });
    await made.outbox.retry(edited.key);
    await made.outbox.flush();
    expect(made.server.ledger.map(({ body }) => (body as { n: number }).n)).toEqual([1, 2, 3]);
    expect(await states(made)).toEqual([]);
  });

  it('whose predecessor had been done is a command of its own, too, when it is edited once more', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(inLane({ n: 1 }));
    made.network.faults = ['before-reply'];
    await made.outbox.flush();
    const edited = await made.outbox.edit(key, { body: { n: 2 } });
    await made.outbox.flush();
    expect(await made.outbox.edit(edited.key, { body: { n: 3 } })).toMatchObject({ replaces: null, laneSeq: 2 });
    expect((await made.outbox.flush()).acknowledged).toBe(1);
    expect(made.server.ledger.map(({ body }) => (body as { n: number }).n)).toEqual([1, 3]);
  });
});

describe('a person', () => {
  it('who is signed out finds everything paused, no attempt spent, and goes on after signing in', async () => {
    const made = world();
    await made.outbox.enqueue(draft());
    await made.outbox.enqueue(inLane());
    made.server.session = null;
    expect(await made.outbox.flush()).toMatchObject({ outcome: 'paused', nextWake: null });
    expect(await made.outbox.paused()).toBe('signed-out');
    expect((await made.outbox.entries()).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['paused', 0],
      ['paused', 0],
    ]);
    const sent = made.network.seen.length;
    expect(await made.outbox.flush({ now: true })).toMatchObject({ outcome: 'paused' });
    expect(made.network.seen).toHaveLength(sent);
    expect(await made.outbox.resume('sub-2')).toBe(false);
    expect(await made.outbox.paused()).toBe('signed-out');
    made.server.session = SUB;
    expect(await made.outbox.resume(SUB)).toBe(true);
    expect((await made.outbox.flush()).acknowledged).toBe(2);
  });

  it('never has their commands sent for another, whoever has the session', async () => {
    const made = world();
    await made.outbox.enqueue(draft());
    made.server.session = 'sub-2';
    made.pageSub = 'sub-2';
    expect(await made.outbox.flush()).toMatchObject({ outcome: 'other-person' });
    expect([made.network.seen.length, await made.outbox.nextWake()]).toEqual([0, null]);
    made.pageSub = SUB; // a page that has not noticed: the server refuses
    expect(await made.outbox.flush()).toMatchObject({ outcome: 'paused' });
    expect([made.server.ledger, await made.outbox.paused()]).toEqual([[], 'other-person']);
  });
});

describe('without a network', () => {
  it('the lanes that were not tried are spared, and nobody asks again before time', async () => {
    const { outbox, network, server, clock } = world();
    for (let n = 0; n < 50; n++) await outbox.enqueue(draft({ n }));
    network.faults = Array<Fault>(100).fill('before-delivery');
    const { nextWake } = await outbox.flush();
    expect(network.seen.length).toBeLessThan(20);
    expect(nextWake).toBeGreaterThan(clock.time);
    const tried = network.seen.length;
    expect(await outbox.flush()).toMatchObject({ acknowledged: 0, nextWake });
    expect(network.seen).toHaveLength(tried);
    await outbox.enqueue(draft({ n: 50 })); // whatever the person does is tried
    await outbox.flush();
    expect(network.seen.length).toBeGreaterThan(tried);
    network.faults = [];
    clock.advance(10);
    expect((await outbox.flush({ now: true })).acknowledged).toBe(51);
    expect(server.ledger).toHaveLength(51);
  });
});

describe('a crash', () => {
  it('leaves what was under way to the next flush, which sends it under the same key', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(draft());
    const { fetch } = made.network;
    const dying = async (url: string, init: RequestInit): Promise<Response> => {
      const response = await fetch(url, init);
      made.tab(0).life.die();
      return response;
    };
    Object.assign(made.network, { fetch: dying });
    await made.in(0, null, (outbox) => outbox.flush());
    Object.assign(made.network, { fetch });
    expect(made.network.seen).toHaveLength(1);
    expect(await states(made)).toEqual(['inflight']);
    expect((await made.outbox.flush()).acknowledged).toBe(1);
    expect(made.server.ledger.map((done) => done.key)).toEqual([key]);
  });
});

describe('two flushers', () => {
  it('take turns, and each entry is sent by one', async () => {
    const made = world();
    for (let n = 0; n < 20; n++) await made.outbox.enqueue(draft({ n }, { lane: `thing-${n % 4}` }));
    const results = await Promise.all([
      made.tab(0).outbox.flush(),
      made.tab(1).outbox.flush(),
      made.tab(0).outbox.flush(),
    ]);
    expect(results.map(({ acknowledged }) => acknowledged).sort((a, b) => a - b)).toEqual([0, 0, 20]);
    expect(made.network.seen).toHaveLength(20);
    expect(made.locks.isHeld(`portico-outbox:${SUB}`)).toBe(false);
  });

  it('wait for each other, but not longer than a caller wants', async () => {
    const made = world();
    await made.outbox.enqueue(draft());
    const { fetch } = made.network;
    const stop = new AbortController();
    const second: Promise<unknown>[] = [];
    const during = async (url: string, init: RequestInit): Promise<Response> => {
      const waiting = made.tab(1).outbox.flush({ signal: stop.signal });
      second.push(made.tab(1).outbox.flush());
      stop.abort();
      expect(await waiting).toMatchObject({ outcome: 'aborted' });
      return fetch(url, init);
    };
    Object.assign(made.network, { fetch: during });
    expect((await made.outbox.flush()).acknowledged).toBe(1);
    expect(await Promise.all(second)).toMatchObject([{ outcome: 'done', acknowledged: 0 }]);
    Object.assign(made.network, { fetch });
    await made.outbox.enqueue(draft());
    expect((await made.tab(1).outbox.flush()).acknowledged).toBe(1);
  });

  it('do not outlive a caller that gave up', async () => {
    const made = world();
    await made.outbox.enqueue(draft());
    const stop = new AbortController();
    const { fetch } = made.network;
    Object.assign(made.network, {
      fetch: async (url: string, init: RequestInit) => {
        stop.abort();
        init.signal?.throwIfAborted();
        return fetch(url, init);
      },
    });
    expect(await made.outbox.flush({ signal: stop.signal })).toMatchObject({ outcome: 'aborted' });
    expect(await states(made)).toEqual(['queued']);
  });
});

describe('a key that the server will not take', () => {
  it('is too old: the person decides, and gets a new one', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(draft());
    made.clock.advance(40 * 24 * 3_600_000);
    await made.outbox.flush();
    expect((await made.outbox.entries())[0]).toMatchObject({
      state: 'failed',
      lastProblem: { code: 'idempotency-key-expired' },
    });
    expect(await made.outbox.retry(key)).toMatchObject({ replaces: null, state: 'queued' });
    expect((await made.outbox.flush()).acknowledged).toBe(1);
  });

  it('replaces one that is too old: the person decides, once, and only that one is let go', async () => {
    const made = world();
    const failed = { state: 'failed', lastProblem: { code: 'idempotency-key-expired' } };
    const { key: old } = await made.outbox.enqueue(inLane({ n: 1 }));
    made.network.faults = ['before-delivery'];
    await made.outbox.flush();
    made.clock.advance(20 * DAY_MS);
    const { key: younger } = await made.outbox.edit(old, { body: { n: 2 } });
    made.network.faults = ['before-delivery'];
    await made.outbox.flush();
    made.clock.advance(20 * DAY_MS);
    await made.outbox.flush();
    expect((await made.outbox.entries())[0]).toMatchObject({ key: younger, ...failed });
    const again = await made.outbox.edit(younger, { body: { n: 3 } });
    expect(again).toMatchObject({ replaces: younger, replaced: [] });
    expect((await made.outbox.flush()).acknowledged).toBe(1);
    expect(made.server.ledger.map(({ body }) => body)).toEqual([{ n: 3 }]);
  });

  it('is of a clock that is ahead: the person decides, and the next ones are made by the server’s', async () => {
    const made = world();
    made.ahead = -400 * DAY_MS;
    const { key } = await made.outbox.enqueue(inLane({ n: 1 }));
    await made.outbox.flush();
    const [refused] = await made.outbox.entries();
    expect(refused).toMatchObject({ state: 'failed', lastProblem: { code: 'idempotency-key-invalid' } });
    expect(await made.outbox.retry(key)).toMatchObject({ replaces: null, laneSeq: 1 });
    await made.outbox.enqueue(inLane({ n: 2 }));
    expect((await made.outbox.flush()).acknowledged).toBe(2);
  });

  it('is too old because the device’s clock is: the next ones are made by the server’s', async () => {
    const made = world();
    made.ahead = 400 * 24 * 3_600_000;
    const { key } = await made.outbox.enqueue(draft());
    await made.outbox.flush();
    await made.outbox.retry(key);
    await made.outbox.enqueue(draft());
    expect((await made.outbox.flush()).acknowledged).toBe(2);
  });

  it('was used for something else: that is reported', async () => {
    const made = world();
    const { key } = await made.outbox.enqueue(draft({ n: 1 }));
    await made.outbox.flush();
    await made.outbox.enqueue(draft({ n: 2 }, { key }));
    await made.outbox.flush();
    expect(made.reports.map(({ message }) => message)).toEqual([expect.stringContaining(key)]);
    expect(await states(made)).toEqual(['failed']);
    await made.outbox.retry(key);
    expect((await made.outbox.flush()).acknowledged).toBe(1);
  });
});

describe('an export', () => {
  it('is JSON with everything that waits', async () => {
    const { outbox } = world();
    const { key } = await outbox.enqueue(draft({ n: 1 }));
    const exported = JSON.parse(await outbox.export());
    expect(exported).toMatchObject({ format: 'portico-outbox', sub: SUB, entries: [{ key, body: '{"n":1}' }] });
  });
});

describe('updates of cached reads', () => {
  const updates = [{ app: 'things', read: { path: '/things' }, merge: { count: 1 } }];

  it('are pending while the command waits, and confirmed when it is done', async () => {
    const made = world();
    const rows = async () =>
      made
        .tab(0)
        .db.transact({ mode: 'readonly' }, async (tables) => (await tables.patches()).map(({ state }) => state));
    await made.outbox.enqueue(draft({}, { updates }));
    expect(await rows()).toEqual(['pending']);
    await made.outbox.flush();
    expect(await rows()).toEqual(['confirmed']);
  });

  it('are hidden while it is refused, move with a new key, and vanish with it', async () => {
    const made = world();
    const rows = async () =>
      made
        .tab(0)
        .db.transact({ mode: 'readonly' }, async (tables) =>
          (await tables.patches()).map(({ key, state }) => [key, state]),
        );
    const { key } = await made.outbox.enqueue(draft({ refuse: 403 }, { updates }));
    await made.outbox.flush();
    expect(await rows()).toEqual([[key, 'hidden']]);
    await made.outbox.retry(key);
    expect(await rows()).toEqual([[key, 'pending']]);
    const { key: next } = await made.outbox.edit(key, { body: {}, updates });
    expect(await rows()).toEqual([[next, 'pending']]);
    await made.outbox.discard(next);
    await made.outbox.flush();
    expect(await rows()).toEqual([]);
  });

  it('stay as they were declared when the command gets a new key', async () => {
    const made = world();
    made.ahead = 400 * 24 * 3_600_000;
    const { key } = await made.outbox.enqueue(
      draft({}, { updates: updates.map((update) => ({ ...update, complete: true })) }),
    );
    await made.outbox.flush();
    const { key: next } = await made.outbox.retry(key);
    const rows = await made.tab(0).db.transact({ mode: 'readonly' }, (tables) => tables.patches());
    expect(rows).toMatchObject([{ key: next, state: 'pending', merge: { count: 1 }, complete: true }]);
  });
});

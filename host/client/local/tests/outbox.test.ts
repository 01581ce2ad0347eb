import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { draft, inLane, world } from './drafts.ts';
import type { Fault } from './network.ts';
import { SUB } from './world.ts';

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

describe('an export', () => {
  it('is JSON with everything that waits', async () => {
    const { outbox } = world();
    const { key } = await outbox.enqueue(draft({ n: 1 }));
    const exported = JSON.parse(await outbox.export());
    expect(exported).toMatchObject({ format: 'portico-outbox', sub: SUB, entries: [{ key, body: '{"n":1}' }] });
  });
});

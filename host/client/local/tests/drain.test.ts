import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { draft, inLane, states, world } from './drafts.ts';
import type { Fault } from './network.ts';
import { SUB } from './world.ts';

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

  it('who is about to sign out has nothing more sent, in no page, until they stay', async () => {
    const made = world();
    await made.outbox.enqueue(draft());
    await made.outbox.enqueue(inLane());
    await made.outbox.enqueue(inLane());
    const { fetch } = made.network;
    const during = async (url: string, init: RequestInit): Promise<Response> => {
      await made.tab(1).outbox.hold(); // in the middle of it
      return fetch(url, init);
    };
    Object.assign(made.network, { fetch: during });
    const begun = await made.outbox.flush();
    expect(begun.outcome).toBe('paused');
    const done = made.server.ledger.length;
    expect(done).toBe(begun.acknowledged);
    expect(done).toBeLessThan(3); // what was under way
    expect(await made.outbox.flush({ now: true })).toMatchObject({ outcome: 'paused', nextWake: null });
    expect(made.server.ledger).toHaveLength(done);
    expect(await made.tab(1).outbox.resume(SUB)).toBe(true);
    Object.assign(made.network, { fetch });
    await made.outbox.flush();
    expect(made.server.ledger).toHaveLength(3);
  });

  it.each([
    ['nobody’s session', null],
    ['another person’s', 'sub-2'],
  ])('is not paused by the late answer to what was sent in %s', async (_, session) => {
    const made = world();
    await made.outbox.enqueue(draft());
    await made.outbox.enqueue(inLane());
    const { fetch } = made.network;
    const held: ((answer: Response) => void)[] = [];
    const answers: Response[] = [];
    let release = (): void => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const during = async (url: string, init: RequestInit): Promise<Response> => {
      answers.push(await fetch(url, init));
      if (answers.length === 2) release();
      return new Promise((resolve) => void held.push(resolve));
    };
    Object.assign(made.network, { fetch: during });
    made.server.session = session;
    const flushing = made.outbox.flush();
    await both;
    Object.assign(made.network, { fetch });
    made.server.session = SUB;
    expect(await made.tab(1).outbox.resume(SUB)).toBe(true); // nothing was paused yet
    held.forEach((answer, index) => void answer(answers[index] as Response));
    expect(await flushing).toMatchObject({ outcome: 'done', acknowledged: 2 });
    expect([await made.outbox.paused(), await made.outbox.entries()]).toEqual([null, []]);
    expect(made.hub.heard.some(({ kind }) => kind === 'paused')).toBe(false);
    expect(made.server.ledger).toHaveLength(2);
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

import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { draft, ends, inLane, states, world } from './drafts.ts';

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

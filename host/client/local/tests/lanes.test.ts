import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { draft, inLane, states, world } from './drafts.ts';
import { SUB } from './world.ts';

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

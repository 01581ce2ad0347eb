import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { DAY_MS, draft, inLane, states, world } from './drafts.ts';

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

  it('is of a clock that is ahead, and under way from before: it is not done beside the one that replaces it', async () => {
    const made = world();
    made.ahead = -25 * 3_600_000;
    const { key } = await made.outbox.enqueue(draft());
    made.network.faults = ['late'];
    await made.outbox.flush();
    made.clock.advance(60_000);
    await made.outbox.flush();
    expect((await made.outbox.entries())[0]).toMatchObject({ lastProblem: { code: 'idempotency-key-invalid' } });
    expect(await made.outbox.retry(key)).toMatchObject({ replaces: key });
    expect((await made.outbox.flush()).acknowledged).toBe(1);
    made.clock.advance(2 * 3_600_000); // by then the server takes keys of that time
    made.network.deliver();
    expect(made.server.ledger).toHaveLength(1);
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

import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { draft, world } from './drafts.ts';

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

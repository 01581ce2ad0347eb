import { expect, test } from 'vitest';
import { BasketStore } from '../src/basket-store.ts';
import { Refusal } from '../src/refusal.ts';
import { basketOf, counter, FakeApi, settled } from './fake-api.ts';

const NO = new Refusal('No.', 'other-restaurant', 'refused');
const SILENCE = new Refusal('No answer.', 'network', 'unknown');

async function loaded(): Promise<{ api: FakeApi; store: BasketStore }> {
  const api = new FakeApi();
  const store = new BasketStore(api, counter());
  const load = store.load();
  await settled();
  api.reads[0]?.answer(basketOf(1, ['pizza', 1, 950]));
  await load;
  return { api, store };
}

const quantities = (store: BasketStore) => store.snapshot().basket?.lines.map(({ quantity }) => quantity);

test('reading twice at the same time asks once', async () => {
  const api = new FakeApi();
  const store = new BasketStore(api, counter());
  expect(store.load()).toBe(store.load());
  await settled();
  expect(api.reads).toHaveLength(1);
});

test('a change shows before it is answered, and the answer takes its place', async () => {
  const { api, store } = await loaded();
  const change = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 4 });
  expect([quantities(store), store.snapshot().waiting]).toEqual([[4], 1]);
  await settled();
  api.changes[0]?.answer(basketOf(2, ['pizza', 4, 1000]));
  await change;
  expect(store.snapshot()).toMatchObject({ waiting: 0, failure: null, basket: basketOf(2, ['pizza', 4, 1000]) });
});

test('changes are sent one after the other, each with its own key', async () => {
  const { api, store } = await loaded();
  const all = [2, 3, 4].map((quantity) => store.change({ kind: 'quantity', dishId: 'pizza', quantity }));
  await settled();
  expect(api.changes).toHaveLength(1);
  for (const [index, quantity] of [2, 3, 4].entries()) {
    api.changes[index]?.answer(basketOf(index + 2, ['pizza', quantity, 950]));
    await settled();
    expect(quantities(store)).toEqual([4]);
  }
  await Promise.all(all);
  expect(api.changes.map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-3']);
});

test('a refused change disappears again, says why, and the ones behind it still go', async () => {
  const { api, store } = await loaded();
  const refused = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 7 });
  await settled();
  api.changes[0]?.fail(NO);
  await expect(refused).rejects.toBe(NO);
  expect([quantities(store), store.snapshot().failure?.refusal]).toEqual([[1], NO]);
  const next = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 2 });
  expect(store.snapshot().failure).toBeNull();
  await settled();
  api.changes[1]?.answer(basketOf(2, ['pizza', 2, 950]));
  await next;
  expect(quantities(store)).toEqual([2]);
});

test('trying again sends the same change under the same key', async () => {
  const { api, store } = await loaded();
  const lost = store.change({ kind: 'add', dishId: 'pizza', quantity: 1, fresh: false }, 'message-1');
  await settled();
  api.changes[0]?.fail(SILENCE);
  await expect(lost).rejects.toBe(SILENCE);
  store.retry();
  await settled();
  expect(api.changes.map(({ input, key }) => [input.kind, key])).toEqual([
    ['add', 'message-1'],
    ['add', 'message-1'],
  ]);
});

test('a repeated old answer does not bring back an old basket', async () => {
  const { api, store } = await loaded();
  const first = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 5 });
  await settled();
  api.changes[0]?.answer(basketOf(6, ['pizza', 5, 950]));
  await first;
  const replayed = store.change({ kind: 'add', dishId: 'pizza', quantity: 1, fresh: false }, 'message-1');
  await settled();
  api.changes[1]?.answer(basketOf(2, ['pizza', 1, 950]));
  await expect(replayed).resolves.toMatchObject({ version: 6 });
  expect(quantities(store)).toEqual([5]);
});

test('a basket that cannot be read can be read again', async () => {
  const api = new FakeApi();
  const store = new BasketStore(api, counter());
  const load = store.load();
  await settled();
  api.reads[0]?.fail(SILENCE);
  await load;
  expect(store.snapshot()).toMatchObject({
    basket: null,
    loading: false,
    failure: { refusal: SILENCE, command: null },
  });
  store.retry();
  await settled();
  api.reads[1]?.answer(basketOf(0));
  await settled();
  expect(store.snapshot()).toMatchObject({ failure: null, basket: { count: 0 } });
});

test('a basket that was ordered is empty at once and read anew', async () => {
  const { api, store } = await loaded();
  store.emptied();
  expect(store.snapshot().basket?.count).toBe(0);
  await settled();
  expect(api.reads).toHaveLength(2);
});

test('who listens is told of every change until they leave', async () => {
  const { store } = await loaded();
  let heard = 0;
  const leave = store.subscribe(() => heard++);
  store.dismiss();
  leave();
  store.dismiss();
  expect(heard).toBe(1);
});

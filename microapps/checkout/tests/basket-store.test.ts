import { expect, test } from 'vitest';
import { BasketStore } from '../src/basket-store.ts';
import { KeptStore } from '../src/kept.ts';
import { Refusal } from '../src/refusal.ts';
import { load } from '../src/say.ts';
import { basketOf, counter, euros, FakeApi, FakeKept, keptOf, settled } from './fake-api.ts';

await load();

const NO = new Refusal('No.', 'other-restaurant', 'refused');
const SILENCE = new Refusal('No answer.', 'not-kept', 'unknown');
const PIZZA = { kind: 'add', dishId: 'pizza', quantity: 1, fresh: false } as const;

interface World {
  readonly api: FakeApi;
  readonly device: FakeKept;
  readonly store: BasketStore;
  /** What the page knows of the connection; the test changes it. */
  readonly now: { online: boolean; worker: boolean };
}

function world(): World {
  const [api, device, now] = [new FakeApi(), new FakeKept(), { online: true, worker: true }];
  const connection = { online: () => now.online, readsShowWaiting: () => now.worker };
  const store = new BasketStore({ api, kept: new KeptStore(device), connection, newKey: counter() });
  return { api, device, store, now };
}

async function loaded(): Promise<World> {
  const all = world();
  const load = all.store.load();
  await settled();
  all.api.reads[0]?.answer(basketOf(1, ['pizza', 1, 950]));
  await load;
  return all;
}

/** A change that this device keeps: the page gave up waiting for its answer, and the outbox tells that it is there. */
async function kept({ api, device, store }: World, quantity: number): Promise<string> {
  const change = store.change({ kind: 'quantity', dishId: 'pizza', quantity });
  const { key = '' } = api.changes.at(-1) ?? {};
  device.holds(keptOf(key));
  api.changes.at(-1)?.keep();
  expect(await change).toEqual({ state: 'kept' });
  await settled();
  return key;
}

const quantities = (store: BasketStore) => store.snapshot().basket?.lines.map(({ quantity }) => quantity);

test('reading twice at the same time asks once', async () => {
  const { api, store } = world();
  expect(store.load()).toBe(store.load());
  await settled();
  expect(api.reads).toHaveLength(1);
});

test('a change shows before it is answered, and the answer takes its place', async () => {
  const { api, store } = await loaded();
  const change = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 4 });
  expect([quantities(store), store.snapshot().waiting]).toEqual([[4], 1]);
  api.changes[0]?.answer(basketOf(2, ['pizza', 4, 1000]));
  await change;
  expect(store.snapshot()).toMatchObject({ waiting: 0, failure: null, basket: basketOf(2, ['pizza', 4, 1000]) });
});

test('every change is handed over at once, with its own key, its words and what is expected of it', async () => {
  const { api, store } = await loaded();
  for (const quantity of [2, 3]) store.change({ kind: 'quantity', dishId: 'pizza', quantity }).catch(String);
  expect(api.changes.map(({ key, describe, expected }) => [key, describe, expected.total])).toEqual([
    ['key-1', 'Have 2 × pizza in the basket', euros(2090)],
    ['key-2', 'Have 3 × pizza in the basket', euros(3040)],
  ]);
});

test('answers that come one after the other do not take back what came later', async () => {
  const { api, store } = await loaded();
  const all = [2, 3, 4].map((quantity) => store.change({ kind: 'quantity', dishId: 'pizza', quantity }));
  for (const [index, quantity] of [2, 3, 4].entries()) {
    api.changes[index]?.answer(basketOf(index + 2, ['pizza', quantity, 950]));
    await settled();
    expect(quantities(store)).toEqual([4]);
  }
  await Promise.all(all);
});

test('a refused change disappears again, says why, and the ones behind it still count', async () => {
  const { api, store } = await loaded();
  const refused = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 7 });
  api.changes[0]?.fail(NO);
  await expect(refused).rejects.toBe(NO);
  expect([quantities(store), store.snapshot().failure?.refusal]).toEqual([[1], NO]);
  const next = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 2 });
  expect(store.snapshot().failure).toBeNull();
  api.changes[1]?.answer(basketOf(2, ['pizza', 2, 950]));
  await next;
  expect(quantities(store)).toEqual([2]);
});

test('what may have happened is tried again under the same key, what was refused under a new one', async () => {
  const { api, store } = await loaded();
  store.change(PIZZA, 'message-1').catch(String);
  api.changes[0]?.fail(SILENCE);
  await settled();
  store.retry();
  api.changes[1]?.fail(NO);
  await settled();
  store.retry();
  expect(api.changes.map(({ input, key }) => [input.kind, key])).toEqual([
    ['add', 'message-1'],
    ['add', 'message-1'],
    ['add', 'key-1'],
  ]);
});

test('a repeated old answer does not bring back an old basket', async () => {
  const { api, store } = await loaded();
  const first = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 5 });
  api.changes[0]?.answer(basketOf(6, ['pizza', 5, 950]));
  await first;
  const replayed = store.change(PIZZA, 'message-1');
  api.changes[1]?.answer(basketOf(2, ['pizza', 1, 950]));
  await replayed;
  expect([quantities(store), store.snapshot().basket?.version]).toEqual([[5], 6]);
});

test('a basket that cannot be read can be read again', async () => {
  const { api, store } = world();
  const load = store.load();
  await settled();
  api.reads[0]?.fail(SILENCE);
  await load;
  const failure = { refusal: SILENCE, command: null };
  expect(store.snapshot()).toMatchObject({ basket: null, loading: false, failure });
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

test('a kept change stays, is no longer waited for, and is read with what waits', async () => {
  const all = await loaded();
  await kept(all, 3);
  expect([quantities(all.store), all.store.snapshot().waiting]).toEqual([[3], 0]);
  // From the worker, an old answer with what waits laid over it: older than what this page heard, and true.
  all.api.reads.at(-1)?.answer(basketOf(0, ['pizza', 3, 950]));
  await settled();
  expect(all.store.snapshot().basket).toEqual(basketOf(0, ['pizza', 3, 950]));
});

test('without a worker, nothing is read that could not hold what waits', async () => {
  const all = await loaded();
  all.now.worker = false;
  await kept(all, 3);
  expect(all.api.reads).toHaveLength(1);
  all.device.holds();
  await settled();
  all.api.reads[1]?.answer(basketOf(2, ['pizza', 3, 1000]));
  await settled();
  expect(all.store.snapshot().basket).toEqual(basketOf(2, ['pizza', 3, 1000]));
});

test('changes that are kept in another order than they were made count in the order they were made', async () => {
  const { api, store } = await loaded();
  const changes = [2, 3].map((quantity) => store.change({ kind: 'quantity', dishId: 'pizza', quantity }));
  api.changes[1]?.keep();
  await changes[1];
  api.changes[0]?.keep();
  await changes[0];
  expect(quantities(store)).toEqual([3]);
});

test('what another tab or the worker saved, sent or gave up is read; what this page does itself is not', async () => {
  const { api, device, store } = await loaded();
  const own = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 2 });
  device.holds(keptOf('key-1'));
  await settled();
  expect(api.reads).toHaveLength(1);
  api.changes[0]?.answer(basketOf(2, ['pizza', 2, 950]));
  await own;
  device.holds();
  await settled();
  expect(api.reads).toHaveLength(1);
  device.holds(keptOf('of another tab'));
  await settled();
  expect(api.reads).toHaveLength(2);
});

test('a reading waits until no change is under way', async () => {
  const { api, store } = await loaded();
  const change = store.change({ kind: 'quantity', dishId: 'pizza', quantity: 2 });
  void store.load();
  await settled();
  expect(api.reads).toHaveLength(1);
  api.changes[0]?.answer(basketOf(2, ['pizza', 2, 950]));
  await change;
  await settled();
  expect(api.reads).toHaveLength(2);
});

test('with no network, what the server would refuse is refused at once, and saved nowhere', async () => {
  const { api, store, now } = await loaded();
  now.online = false;
  const facts = { name: 'Sushi', restaurantName: 'Hanami', unitPrice: euros(500), delivery: euros(0) };
  const add = store.change({ ...PIZZA, dishId: 'sushi', facts });
  await expect(add).rejects.toMatchObject({ code: 'other-restaurant', outcome: 'refused' });
  expect([api.changes.length, store.snapshot().failure?.command?.change.kind]).toEqual([0, 'add']);
});

test('with no network, a change waits until the basket that is kept was read: only then can it be refused', async () => {
  const { api, store, now } = world();
  now.online = false;
  const facts = { name: 'Sushi', restaurantName: 'Hanami', unitPrice: euros(500), delivery: euros(0) };
  void store.load();
  const add = store.change({ ...PIZZA, dishId: 'sushi', facts });
  const refused = expect(add).rejects.toMatchObject({ code: 'other-restaurant', outcome: 'refused' });
  await settled();
  api.reads[0]?.answer(basketOf(1, ['pizza', 1, 950]));
  await refused;
  expect([api.reads.length, api.changes.length]).toEqual([1, 0]);
});

test('a basket that was never read can still be filled', async () => {
  const { api, store, now } = world();
  now.online = false;
  const facts = { name: 'Pizza', restaurantName: 'Trattoria', unitPrice: euros(950), delivery: euros(190) };
  const add = store.change({ ...PIZZA, facts });
  await settled();
  api.reads[0]?.fail(new Refusal('No copy.', 'offline', 'unknown'));
  await settled();
  api.changes[0]?.keep();
  await add;
  expect(store.snapshot().basket).toMatchObject({ count: 1, restaurantName: 'Trattoria', total: euros(1140) });
});

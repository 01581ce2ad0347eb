import { expect, test } from 'vitest';
import { effectScope } from 'vue';
import { type UsedDelivery, useDelivery } from '../src/use-delivery.ts';
import { deliveryOf, FakeApi, settled } from './fake-api.ts';

const NOW = Date.parse('2026-03-01T18:30:00Z');
const ID = `${NOW.toString(16)
  .padStart(12, '0')
  .replace(/^(.{8})/, '$1-')}-7abc-8abc-0123456789ab`;

async function used(api: FakeApi): Promise<{ delivery: UsedDelivery; stop: () => void }> {
  const scope = effectScope();
  const delivery = scope.run(() => useDelivery({ api, now: () => NOW }, ID)) as UsedDelivery;
  await settled();
  return { delivery, stop: () => scope.stop() };
}

test('an order that waits here is told of without asking the server', async () => {
  const api = new FakeApi();
  api.placingState = 'waiting';
  const { delivery } = await used(api);
  expect(delivery.found.value).toEqual({ state: 'absent', why: 'waiting' });
  expect(api.reads).toEqual([]);
});

test('from this device to the restaurant: waiting, on its way, there', async () => {
  const api = new FakeApi();
  api.placingState = 'waiting';
  const { delivery } = await used(api);
  api.placingState = null;
  api.waitingChanged();
  await settled();
  expect(delivery.found.value).toEqual({ state: 'absent', why: 'on-its-way' });
  api.known = [deliveryOf(ID)];
  api.move(ID);
  await settled();
  expect(delivery.found.value).toMatchObject({ state: 'there', delivery: { status: 'SUBMITTED' } });
});

test('it moves by itself, and takes no notice of other orders', async () => {
  const api = new FakeApi();
  api.known = [deliveryOf(ID)];
  const { delivery } = await used(api);
  api.known = [deliveryOf(ID, 'ACCEPTED')];
  api.move('another');
  await settled();
  expect(delivery.found.value).toMatchObject({ delivery: { status: 'SUBMITTED' } });
  api.move(ID);
  await settled();
  expect(delivery.found.value).toMatchObject({ delivery: { status: 'ACCEPTED' } });
});

test('the list is read again for the keeping, whichever order moved', async () => {
  const api = new FakeApi();
  api.known = [deliveryOf(ID)];
  await used(api);
  for (const moved of [ID, 'another', null]) {
    api.reads.length = 0;
    api.move(moved);
    await settled();
    expect(api.reads).toContain('page null');
  }
});

test('a list that cannot be read again takes nothing off the screen', async () => {
  const api = new FakeApi();
  api.known = [deliveryOf(ID)];
  const { delivery } = await used(api);
  api.failure = new Error('no answer');
  api.move('another');
  await settled();
  expect(delivery.found.value.state).toBe('there');
});

test('a failure shows only where nothing else does', async () => {
  const api = new FakeApi();
  api.failure = new Error('no answer');
  const { delivery } = await used(api);
  expect(delivery.found.value).toEqual({ state: 'failed', failure: api.failure });
  api.failure = undefined;
  api.known = [deliveryOf(ID)];
  await delivery.load();
  api.failure = new Error('no answer');
  await delivery.load();
  expect(delivery.found.value.state).toBe('there');
});

test('who leaves listens no more', async () => {
  const api = new FakeApi();
  const { stop } = await used(api);
  stop();
  expect(api.listeners).toBe(0);
});

import { expect, test } from 'vitest';
import { effectScope } from 'vue';
import type { DeliveryPage } from '../src/model.ts';
import { type Deliveries, useDeliveries } from '../src/use-deliveries.ts';
import { deliveryOf, FakeApi, settled } from './fake-api.ts';

async function used(api: FakeApi): Promise<{ deliveries: Deliveries; stop: () => void }> {
  const scope = effectScope();
  const deliveries = scope.run(() => useDeliveries(api)) as Deliveries;
  await settled();
  return { deliveries, stop: () => scope.stop() };
}

const shown = ({ page }: Deliveries) => page.value?.nodes.map(({ id, status }) => `${id} ${status}`);

test('pages follow one another', async () => {
  const api = new FakeApi(2);
  api.known = ['3', '2', '1'].map((id) => deliveryOf(id));
  const { deliveries } = await used(api);
  expect(deliveries.page.value?.hasNextPage).toBe(true);
  await deliveries.more();
  expect(shown(deliveries)).toEqual(['3 SUBMITTED', '2 SUBMITTED', '1 SUBMITTED']);
  expect(deliveries.page.value?.hasNextPage).toBe(false);
});

test('what moves comes in, and the kept first page is read again, one reading at a time', async () => {
  const api = new FakeApi();
  api.known = [deliveryOf('1')];
  const { deliveries } = await used(api);
  api.known = [deliveryOf('2'), deliveryOf('1', 'ACCEPTED')];
  api.move('1');
  api.move('2');
  api.move('1');
  await settled();
  expect(shown(deliveries)).toEqual(['2 SUBMITTED', '1 ACCEPTED']);
  expect(api.reads).toEqual(['page null', 'page null', '1', '2', '1', 'page null']);
});

test('older pages stay on screen when something moves', async () => {
  const api = new FakeApi(1);
  api.known = ['2', '1'].map((id) => deliveryOf(id));
  const { deliveries } = await used(api);
  await deliveries.more();
  api.known = [deliveryOf('2', 'READY'), deliveryOf('1')];
  api.move('2');
  await settled();
  expect(shown(deliveries)).toEqual(['2 READY', '1 SUBMITTED']);
});

test('after a gap everything is read anew', async () => {
  const api = new FakeApi();
  const { deliveries } = await used(api);
  api.known = [deliveryOf('1', 'READY')];
  api.move(null);
  await settled();
  expect(shown(deliveries)).toEqual(['1 READY']);
});

test('what was asked for last shows, whatever order the answers come in', async () => {
  const api = new FakeApi();
  const answers: ((page: DeliveryPage) => void)[] = [];
  api.deliveries = () => new Promise((resolve) => answers.push(resolve));
  const { deliveries } = await used(api);
  api.move('1');
  const page = { endCursor: null, hasNextPage: false };
  answers[1]?.({ ...page, nodes: [deliveryOf('1')] });
  answers[0]?.({ ...page, nodes: [] });
  await settled();
  expect(shown(deliveries)).toEqual(['1 SUBMITTED']);
  expect(deliveries.loading.value).toBe(false);
});

test('a failure leaves what is on screen, and trying again takes it away', async () => {
  const api = new FakeApi();
  api.known = [deliveryOf('1')];
  const { deliveries } = await used(api);
  api.failure = new Error('no answer');
  await deliveries.load();
  expect(shown(deliveries)).toEqual(['1 SUBMITTED']);
  expect(deliveries.failure.value).toBe(api.failure);
  api.failure = undefined;
  await deliveries.load();
  expect(deliveries.failure.value).toBeUndefined();
});

test('who leaves listens no more', async () => {
  const api = new FakeApi();
  const { stop } = await used(api);
  expect(api.listeners).toBe(1);
  stop();
  expect(api.listeners).toBe(0);
});

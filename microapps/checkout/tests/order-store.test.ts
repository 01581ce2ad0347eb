import { expect, test } from 'vitest';
import { OrderStore } from '../src/order-store.ts';
import { Refusal } from '../src/refusal.ts';
import { load } from '../src/say.ts';
import { basketOf, counter, euros, FakeApi, orderOf, settled } from './fake-api.ts';

await load();

const BASKET = basketOf(1, ['pizza', 1, 950]);
const SILENCE = new Refusal('No answer.', 'network', 'unknown');
const INVALID = new Refusal('Some details are missing.', 'invalid-order', 'refused', {
  street: 'Enter a street.',
  city: 'Enter a town.',
});

function filled(): { api: FakeApi; store: OrderStore } {
  const api = new FakeApi();
  const now = () => new Date('2026-03-01T18:30:00Z');
  const store = new OrderStore({ api, newKey: counter(), now, name: 'Ada' });
  store.type('street', 'Row 12');
  store.type('postalCode', '1815');
  store.type('city', 'London');
  store.type('note', 'Ring twice');
  return { api, store };
}

async function failed(error: unknown): Promise<{ api: FakeApi; store: OrderStore }> {
  const { api, store } = filled();
  const placing = store.place(BASKET);
  api.submissions[0]?.fail(error);
  expect(await placing).toBeNull();
  return { api, store };
}

test('the order carries what was typed and the total that was seen', async () => {
  const { api, store } = filled();
  void store.place(BASKET);
  expect(api.submissions[0]?.input).toEqual({
    address: { name: 'Ada', street: 'Row 12', postalCode: '1815', city: 'London' },
    note: 'Ring twice',
    seenTotal: euros(1140),
  });
});

test('an order that is only saved yet is the one that is expected, under the number it will have', async () => {
  const { api, store } = filled();
  const placing = store.place(BASKET);
  expect(api.submissions[0]?.describe).toBe('Order from Trattoria for €11.40');
  api.submissions[0]?.keep();
  expect(await placing).toEqual({
    kept: true,
    order: {
      id: 'key-1',
      placedAt: '2026-03-01T18:30:00.000Z',
      status: 'SUBMITTED',
      reason: null,
      restaurantName: 'Trattoria',
      count: 1,
      lines: BASKET.lines,
      subtotal: euros(950),
      delivery: euros(190),
      total: euros(1140),
      address: { name: 'Ada', street: 'Row 12', postalCode: '1815', city: 'London' },
      note: 'Ring twice',
    },
  });
});

test('a double click sends one order', async () => {
  const { api, store } = filled();
  const first = store.place(BASKET);
  expect(await store.place(BASKET)).toBeNull();
  api.submissions[0]?.answer(orderOf('o-1'));
  expect(await first).toEqual({ order: orderOf('o-1'), kept: false });
  expect(api.submissions).toHaveLength(1);
});

test('after a lost answer the same details go again under the same key', async () => {
  const { api, store } = await failed(SILENCE);
  void store.place(BASKET);
  expect(api.submissions.map(({ key }) => key)).toEqual(['key-1', 'key-1']);
});

test('after a lost answer other details are another attempt', async () => {
  const { api, store } = await failed(SILENCE);
  store.type('note', 'Do not ring');
  void store.place(BASKET);
  expect(api.submissions.map(({ key }) => key)).toEqual(['key-1', 'key-2']);
});

test('after a refusal the next attempt has a new key, and so has the next order', async () => {
  const { api, store } = await failed(INVALID);
  const second = store.place(BASKET);
  api.submissions[1]?.answer(orderOf('o-1'));
  await second;
  void store.place(BASKET);
  expect(api.submissions.map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-3']);
});

test('nothing typed is lost when it fails, also not what was typed meanwhile', async () => {
  const { api, store } = filled();
  const placing = store.place(BASKET);
  store.type('city', 'Cambridge');
  api.submissions[0]?.fail(SILENCE);
  await placing;
  expect(store.snapshot()).toMatchObject({
    placing: false,
    refusal: SILENCE,
    draft: { name: 'Ada', street: 'Row 12', city: 'Cambridge', note: 'Ring twice' },
  });
});

test('after an order the address stays for the next one and the note does not', async () => {
  const { api, store } = filled();
  const placing = store.place(BASKET);
  api.submissions[0]?.answer(orderOf('o-1'));
  await placing;
  expect(store.snapshot()).toMatchObject({
    placed: { order: { id: 'o-1' }, kept: false },
    draft: { street: 'Row 12', note: '' },
  });
});

test('a complaint about a field goes when the field is changed, and the whole refusal with the last of them', async () => {
  const { store } = await failed(INVALID);
  store.type('street', 'Row 13');
  await settled();
  expect(store.snapshot().refusal?.fields).toEqual({ city: 'Enter a town.' });
  store.type('name', 'A. Lovelace');
  expect(store.snapshot().refusal?.fields).toEqual({ city: 'Enter a town.' });
  store.type('city', 'Cambridge');
  expect(store.snapshot().refusal).toBeNull();
});

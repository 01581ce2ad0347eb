import { type Mounted, mountApp, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as checkout from '../src/index.ts';
import type { BasketPartsFragment } from '../src/portico/api.ts';

const money = (minor: number) => ({ minor, currency: 'EUR' });
const BASKET: BasketPartsFragment = {
  version: 3,
  restaurantName: 'Lotus',
  count: 2,
  lines: [{ dishId: 'soup', name: 'Soup', quantity: 2, unitPrice: money(950), total: money(1900) }],
  subtotal: money(1900),
  fee: money(200),
  delivery: money(200),
  total: money(2100),
};
const EMPTY = { ...BASKET, lines: [], count: 0, restaurantName: '' };
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'ada', name: 'Ada', roles: [] },
  path: '/basket',
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
});

it('shows what is in the basket, and sends what the person changes', async () => {
  const graphql = { Basket: { basket: BASKET }, ClearBasket: { clearBasket: EMPTY } };
  app = await mountApp(checkout, { ...WORLD, graphql });
  await expect.element(page.getByText('Soup', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Empty the basket' }).click();
  await expect.element(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
  await expect.poll(() => app?.received.filter(({ body }) => /ClearBasket/.test(JSON.stringify(body)))).toHaveLength(1);
  const sent = app.received.find(({ body }) => /mutation ClearBasket/.test(JSON.stringify(body)));
  expect(sent?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

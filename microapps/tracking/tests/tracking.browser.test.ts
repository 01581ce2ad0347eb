import { type Mounted, mountApp, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as tracking from '../src/index.ts';
import type { Delivery } from '../src/model.ts';

const PLACED = { status: 'SUBMITTED', at: '2026-03-01T18:30:00Z' } as const;
const ORDER: Delivery = {
  id: '0195f3a2-0000-7000-8000-00000000beef',
  restaurantName: 'Lotus',
  total: { minor: 2100, currency: 'EUR' },
  status: 'SUBMITTED',
  reason: null,
  courierName: null,
  steps: [PLACED],
};
const page1 = (...nodes: Delivery[]) => ({
  deliveries: { nodes, pageInfo: { endCursor: null, hasNextPage: false } },
});
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'ada', name: 'Ada', roles: [] },
  path: '/track',
};

const ONE = { path: `/track/${ORDER.id}` };
const REST = { Deliveries: page1(ORDER) };

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

it('lists the orders, and opens one in the page', async () => {
  app = await mountApp(tracking, { ...WORLD, graphql: { Deliveries: page1(ORDER), Delivery: { delivery: ORDER } } });
  await expect.element(page.getByRole('article')).toHaveTextContent('€21.00');
  await page.getByRole('link', { name: 'Lotus' }).click();
  await expect.element(page.getByRole('heading', { level: 1, name: 'From Lotus' })).toBeVisible();
  expect(location.pathname).toBe(`/track/${ORDER.id}`);
});

it('moves an order along when the word of it comes', async () => {
  let now = ORDER;
  const path = `/track/${ORDER.id}`;
  const graphql = { Deliveries: () => page1(now), Delivery: () => ({ delivery: now }) };
  app = await mountApp(tracking, { ...WORLD, path, graphql });
  await expect.element(page.getByText('Your order was placed.')).toBeInTheDocument();
  now = { ...ORDER, status: 'READY', steps: [PLACED, { status: 'READY', at: '2026-03-01T18:50:00Z' }] };
  app.live('tracking.order-changed', { id: ORDER.id });
  await expect.element(page.getByText('Your order is ready to go.')).toBeInTheDocument();
  expect(document.querySelector('[aria-current="step"]')?.textContent).toContain('Ready to go');
});

it('says that there is no such order', async () => {
  app = await mountApp(tracking, { ...WORLD, path: '/track/none', graphql: { Delivery: { delivery: null } } });
  await expect.element(page.getByRole('heading', { level: 1, name: 'There is no such order' })).toBeVisible();
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(tracking, { ...WORLD, graphql: { Deliveries: page1() } });
  await expect.element(page.getByRole('heading', { level: 1, name: 'لا شيء في الطريق' })).toBeVisible();
});

it('says why an order will not come, and that the money goes back', async () => {
  const steps = (['SUBMITTED', 'CONFIRMED', 'REJECTED', 'CANCELLED'] as const).map((status) => ({ ...PLACED, status }));
  const delivery: Delivery = { ...ORDER, status: 'CANCELLED', reason: 'SOLD_OUT', steps };
  app = await mountApp(tracking, { ...WORLD, ...ONE, graphql: { ...REST, Delivery: { delivery } } });
  const words = 'Lotus could not take your order: something you chose is sold out.';
  await expect.element(page.getByText(words)).toBeVisible();
  await expect.element(page.getByText('Your money is on its way back to you.')).toBeVisible();
  await expect.element(page.getByText('Turned down by the restaurant')).toBeVisible();
  await expect.element(page.getByText('Not yet')).not.toBeInTheDocument();
});

it('says who brings an order', async () => {
  const delivery: Delivery = { ...ORDER, status: 'PICKED_UP', courierName: 'Karim Benali' };
  app = await mountApp(tracking, { ...WORLD, ...ONE, graphql: { ...REST, Delivery: { delivery } } });
  await expect.element(page.getByText('Karim Benali is bringing it.')).toBeVisible();
});

import { navigate } from '@portico/sdk';
import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as menu from '../src/index.tsx';
import type { Dish, Restaurant } from '../src/model.ts';

const price = { amount: 950, currency: 'EUR' };
const RESTAURANT: Restaurant = {
  id: 'lotus',
  name: 'Lotus',
  nativeName: null,
  cuisine: 'thai',
  area: 'Harbour',
  tagline: 'Quick and hot',
  rating: 48,
  delivery: { minutes: [20, 30], fee: { amount: 200, currency: 'EUR' } },
};
const SOUP: Dish = {
  id: 'soup',
  name: 'Soup',
  description: 'With noodles',
  price,
  tags: [],
  restaurantId: 'lotus',
  restaurantName: 'Lotus',
};
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'ada', name: 'Ada', roles: [] },
  api: {
    'GET /cuisines': { items: [{ id: 'thai', name: 'Thai' }], nextCursor: null },
    'GET /restaurants': { items: [RESTAURANT], nextCursor: null },
    'GET /restaurants/:id': ({ params }: { params: Readonly<Record<string, string>> }) =>
      params.id === 'lotus'
        ? { ...RESTAURANT, sections: [{ name: 'Soups', dishes: [SOUP] }] }
        : problem(404, 'not-found', 'There is no such restaurant.'),
    'GET /dishes': { items: [SOUP], nextCursor: null },
  },
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  sessionStorage.clear();
});

it('welcomes who is not signed in, without asking the server', async () => {
  app = await mountApp(menu, { ...WORLD, user: null });
  await expect.element(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(app.received).toEqual([]);
});

it('lists restaurants, and opens one in the page', async () => {
  app = await mountApp(menu, WORLD);
  await page.getByRole('link', { name: 'Lotus' }).click();
  await expect.element(page.getByRole('heading', { name: 'Lotus', level: 1 })).toBeVisible();
  expect(location.pathname).toBe('/restaurants/lotus');
});

it('asks whoever keeps the basket for a dish, in the words of its schema', async () => {
  app = await mountApp(menu, { ...WORLD, path: '/restaurants/lotus' });
  await page.getByRole('button', { name: 'Add Soup to basket' }).click();
  const named = { dishId: 'soup', name: 'Soup', restaurantId: 'lotus', restaurantName: 'Lotus' };
  const data = { ...named, unitPrice: price, delivery: { amount: 200, currency: 'EUR' } };
  expect(app.messages()).toMatchObject([{ name: 'basket.add/1', data }]);
});

it('says that a restaurant is not there', async () => {
  app = await mountApp(menu, { ...WORLD, path: '/restaurants/none' });
  await expect.element(page.getByRole('heading', { level: 1 })).not.toHaveTextContent('One moment');
  await navigate('/');
  await expect.element(page.getByRole('link', { name: 'Lotus' })).toBeVisible();
});

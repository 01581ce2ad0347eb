import { defineApp } from '@portico/sdk';
import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as ratings from '../src/index.ts';

const REVIEW = { id: 'o-1', author: 'Alan', stars: 4, words: 'Good, and warm.', at: '2026-03-01T18:30:00Z' };
const REVIEWS = { average: 45, count: 12, items: [REVIEW], nextCursor: 'c' };
const OLDER = { ...REVIEWS, items: [{ ...REVIEW, id: 'o-0', words: 'طيب' }], nextCursor: null };

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

/** A page of another app with the parcel in it, as the runtime mounts it; its calls are played by the world. */
function pageWith(about: Readonly<Record<string, unknown>>, world: World): Promise<Mounted> {
  const other = defineApp({
    bootstrap: ratings.bootstrap,
    mount: (props) => ratings.mount({ ...props, ...about }),
    unmount: (props) => ratings.unmount(props),
  });
  return mountApp(other, {
    manifest: { name: '@discovery/ratings', routes: [{ path: '/here' }] },
    path: '/here',
    user: { sub: 'ada', name: 'Ada', roles: ['customer'] },
    ...world,
  });
}

it('shows what people say, and more of it on demand', async () => {
  const api: World['api'] = {
    'GET /restaurants/:id': ({ query }: { query: URLSearchParams }) => (query.get('cursor') ? OLDER : REVIEWS),
  };
  app = await pageWith({ restaurantId: 'da-mario' }, { api });
  await expect.element(page.getByText('4.5 of 5, from 12 ratings')).toBeVisible();
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await expect.element(page.getByText('طيب')).toBeVisible();
  await expect.element(page.getByText('Good, and warm.')).toBeVisible();
  expect(document.querySelector('button')).toBeNull();
});

it('asks for older ones once, however often the button is pressed', async () => {
  const asked: (string | null)[] = [];
  const api: World['api'] = {
    'GET /restaurants/:id': ({ query }: { query: URLSearchParams }) => {
      asked.push(query.get('cursor'));
      return query.get('cursor') ? OLDER : REVIEWS;
    },
  };
  app = await pageWith({ restaurantId: 'da-mario' }, { api });
  await page.getByRole('button', { name: 'Show older ones' }).dblClick();
  await expect.element(page.getByText('طيب')).toBeVisible();
  expect(asked).toEqual([null, 'c']);
});

it('is a page of its own as well', async () => {
  const api: World['api'] = {
    'GET /restaurants/:id': ({ params }: { params: Readonly<Record<string, string>> }) =>
      params.id === 'lotus' ? OLDER : problem(404, 'not-found'),
  };
  app = await mountApp(ratings, {
    manifest: manifest as NonNullable<World['manifest']>,
    path: '/restaurants/lotus/reviews',
    user: { sub: 'ada', name: 'Ada', roles: ['customer'] },
    api,
  });
  await expect.element(page.getByRole('heading', { level: 1, name: 'What people say' })).toBeVisible();
});

it('says that nobody has rated, and nothing at all when it cannot know', async () => {
  const none = { average: null, count: 0, items: [], nextCursor: null };
  app = await pageWith({ restaurantId: 'new' }, { api: { 'GET /restaurants/:id': none } });
  await expect.element(page.getByText('Nobody has rated this restaurant yet.')).toBeVisible();
  await app.unmount();
  app = await pageWith({ restaurantId: 'new' }, { api: { 'GET /restaurants/:id': problem(503, 'away') } });
  expect(document.querySelector('.ratings')).toBeNull();
});

it('says on its own page what is in the way, and has it fetched again', async () => {
  let isThere = false;
  app = await mountApp(ratings, {
    manifest: manifest as NonNullable<World['manifest']>,
    path: '/restaurants/lotus/reviews',
    user: { sub: 'ada', name: 'Ada', roles: ['customer'] },
    api: { 'GET /restaurants/:id': () => (isThere ? REVIEWS : problem(504, 'offline')) },
  });
  await expect.element(page.getByRole('heading', { level: 1, name: 'What people say' })).toBeVisible();
  await expect.element(page.getByRole('alert')).toHaveTextContent('no copy of them on this device');
  isThere = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.element(page.getByText('Good, and warm.')).toBeVisible();
  expect(document.querySelector('[role=alert]')).toBeNull();
});

it('keeps what it shows when older ones cannot be fetched', async () => {
  const api: World['api'] = {
    'GET /restaurants/:id': ({ query }: { query: URLSearchParams }) =>
      query.get('cursor') ? problem(503, 'away') : REVIEWS,
  };
  app = await pageWith({ restaurantId: 'da-mario' }, { api });
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent('The mistake is on our side.');
  await expect.element(page.getByText('Good, and warm.')).toBeVisible();
});

it('rates an order once there are stars, and shows the rating then', async () => {
  const order = { orderId: 'o-1', mayRate: true, restaurantName: 'Da Mario', rating: null };
  let rated: typeof REVIEW | null = null;
  const api: World['api'] = {
    'GET /orders/:id': () => ({ ...order, mayRate: rated === null, rating: rated }),
    'POST /ratings': () => {
      rated = REVIEW;
      return REVIEW;
    },
  };
  app = await pageWith({ orderId: 'o-1' }, { api });
  await page.getByRole('button', { name: 'Send the rating' }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent('Choose from one to five stars.');
  await page.getByRole('radio', { name: '4 of 5 stars' }).click();
  await page.getByRole('textbox').fill('Good, and warm.');
  await page.getByRole('button', { name: 'Send the rating' }).click();
  await expect.element(page.getByRole('heading', { name: 'Your rating' })).toBeVisible();
  await expect.element(page.getByText('Thank you for your rating.')).toBeVisible();
  const sent = app.received.find(({ method }) => method === 'POST');
  expect(sent?.body).toEqual({ orderId: 'o-1', stars: 4, words: 'Good, and warm.' });
});

it('offers nothing for an order that is still on its way, until it has arrived', async () => {
  let mayRate = false;
  const api: World['api'] = {
    'GET /orders/:id': () => ({ orderId: 'o-1', mayRate, restaurantName: 'Da Mario', rating: null }),
  };
  app = await pageWith({ orderId: 'o-1' }, { api });
  expect(document.querySelector('form')).toBeNull();
  mayRate = true;
  app.live('ratings.order-completed', { id: 'o-1' });
  await expect.element(page.getByRole('heading', { name: 'How was it?' })).toBeVisible();
});

it('shows what it has asked for last, whatever order the answers come in', async () => {
  const answers: ((order: object) => void)[] = [];
  const api: World['api'] = { 'GET /orders/:id': () => new Promise<object>((resolve) => answers.push(resolve)) };
  app = await pageWith({ orderId: 'o-1' }, { api });
  app.live('ratings.order-completed', { id: 'o-1' });
  await expect.poll(() => answers.length).toBe(2);
  const order = { orderId: 'o-1', restaurantName: 'Da Mario', rating: null };
  answers[1]?.({ ...order, mayRate: true });
  await expect.element(page.getByRole('heading', { name: 'How was it?' })).toBeVisible();
  answers[0]?.({ ...order, mayRate: false });
  const gone = expect
    .element(page.getByRole('heading', { name: 'How was it?' }), { timeout: 500 })
    .not.toBeInTheDocument();
  await expect(gone).rejects.toThrow();
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await pageWith({ restaurantId: 'x' }, { api: { 'GET /restaurants/:id': REVIEWS } });
  await expect.element(page.getByRole('heading', { name: 'ماذا يقول الناس' })).toBeVisible();
});

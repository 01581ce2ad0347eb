import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as courier from '../src/index.tsx';
import { jobOf, roundOf } from './fake-api.ts';

const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'karim', name: 'Karim', roles: ['courier'] },
  path: '/courier',
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

// First: the app remembers its round, and shows that rather than what went wrong.
it('says that it could not be fetched, and tries again', async () => {
  let down = true;
  const graphql = { Round: () => (down ? problem(503, 'unavailable') : { round: roundOf() }) };
  app = await mountApp(courier, { ...WORLD, graphql });
  await expect.element(page.getByRole('alert')).toHaveTextContent('could not be fetched.');
  // Not before: what is read again by itself, as the outbox is heard of, would be enough to bring it back.
  const bringBack = () => {
    down = false;
  };
  document.addEventListener('click', bringBack, { capture: true, once: true });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.element(page.getByText('Nothing to pick up just now')).toBeVisible();
});

it('picks an order up and delivers it', async () => {
  let known = jobOf('a');
  const pickUp = () => {
    known = jobOf('a', 'PICKED_UP', 3);
    return { pickUp: known };
  };
  const deliver = () => {
    known = jobOf('a', 'DELIVERED', 4);
    return { deliver: known };
  };
  app = await mountApp(courier, {
    ...WORLD,
    graphql: { Round: () => ({ round: roundOf(known) }), PickUp: pickUp, Deliver: deliver },
  });
  await expect.element(page.getByRole('article', { name: 'Kitchen of a' })).toHaveTextContent('Row 12');
  await page.getByRole('button', { name: 'Picked up: the order from Kitchen of a' }).click();
  await page.getByRole('button', { name: 'Delivered: the order from Kitchen of a' }).click();
  await expect.element(page.getByRole('region', { name: 'Delivered' })).toHaveTextContent('Kitchen of a');
  // The screen says so before the server has heard of it.
  const sent = () => app?.received.filter(({ body }) => /mutation/.test(JSON.stringify(body))) ?? [];
  await expect.poll(sent).toHaveLength(2);
  expect(sent().map(({ body }) => (body as { variables: unknown }).variables)).toEqual([
    { id: 'a', version: 2 },
    { id: 'a', version: 3 },
  ]);
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(courier, { ...WORLD, graphql: { Round: { round: roundOf(jobOf('b')) } } });
  await expect.element(page.getByRole('heading', { level: 1, name: 'التوصيل' })).toBeVisible();
  await expect.element(page.getByText('حصتان')).toBeVisible();
});

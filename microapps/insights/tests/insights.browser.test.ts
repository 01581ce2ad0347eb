import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as insights from '../src/index.tsx';
import type { Numbers } from '../src/model.ts';

const NUMBERS: Numbers = {
  orders: 12,
  completed: 11,
  revenue: [{ minor: 24_000, currency: 'EUR' }],
  cancelled: { rejected: 1 },
  minutesToAccept: 3.5,
  minutesToReady: 18,
  minutesToDeliver: null,
  stars: 4.5,
  ratings: 4,
  paid: [{ minor: 25_550, currency: 'EUR' }],
  refunded: [{ minor: 1550, currency: 'EUR' }],
  failedPayments: 2,
};
const REPORT = { days: [{ day: '2026-03-01', numbers: NUMBERS }], total: NUMBERS };
const ALL = { items: [{ id: 'da-mario', name: 'Da Mario' }], all: true };
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'grace', name: 'Grace', roles: ['operator'] },
  path: '/insights',
  api: { 'GET /restaurants': ALL, 'GET /report': REPORT },
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

it('draws what it tells, and tells it in a table as well', async () => {
  app = await mountApp(insights, WORLD);
  await expect.element(page.getByText('€240.00').first()).toBeVisible();
  await expect.poll(() => document.querySelector('canvas')?.getAttribute('style')).toContain('height');
  await page.getByText('Minutes from the order on as a table').click();
  const table = page.getByRole('table', { name: 'Minutes from the order on' });
  await expect.element(table).toBeVisible();
  await expect.element(table.getByRole('row').nth(1)).toHaveTextContent('Mar 13.518none');
});

it('shows what went back and which payments failed, and does without in an older copy', async () => {
  app = await mountApp(insights, WORLD);
  const total = page.getByRole('region', { name: 'Altogether' });
  await expect.element(total).toHaveTextContent('Refunded€15.50');
  await expect.element(total).toHaveTextContent('Failed payments2');
  await app.unmount();
  const { paid, refunded, failedPayments, ...older } = NUMBERS;
  const report = { days: [{ day: '2026-03-01', numbers: older }], total: older };
  app = await mountApp(insights, { ...WORLD, api: { ...WORLD.api, 'GET /report': report } });
  await expect.element(total).toHaveTextContent('Failed payments0');
});

it('asks for the restaurant and the time that were chosen', async () => {
  app = await mountApp(insights, WORLD);
  await page.getByLabelText('Restaurant').selectOptions('Da Mario');
  await page.getByLabelText('Time').selectOptions('The last 7 days');
  await expect
    .poll(() => app?.received.at(-1)?.query.toString())
    .toBe(new URLSearchParams({ days: '7', restaurant: 'da-mario' }).toString());
});

it('offers a cook no other restaurant', async () => {
  app = await mountApp(insights, { ...WORLD, api: { ...WORLD.api, 'GET /restaurants': { ...ALL, all: false } } });
  await expect.element(page.getByLabelText('Time')).toBeVisible();
  expect(document.querySelector('#insights-restaurant')).toBeNull();
});

it('says what is wrong and tries again', async () => {
  let away = true;
  const report = () => (away ? problem(503, 'away') : REPORT);
  app = await mountApp(insights, { ...WORLD, api: { ...WORLD.api, 'GET /report': report } });
  await expect.element(page.getByRole('alert')).toHaveTextContent('could not be fetched');
  away = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.element(page.getByText('€240.00').first()).toBeVisible();
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(insights, WORLD);
  await expect.element(page.getByRole('heading', { level: 1, name: 'نظرة عامة' })).toBeVisible();
});

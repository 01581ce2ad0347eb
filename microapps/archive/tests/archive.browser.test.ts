import { type Mounted, mountApp, problem, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import type { Receipt } from '../src/api.ts';
import * as archive from '../src/index.ts';

const RECEIPT: Receipt = {
  id: 'o-1',
  restaurantName: 'Da Mario',
  placedAt: '2026-03-01T18:30:00Z',
  status: 'completed',
  total: { minor: 2100, currency: 'EUR' },
  filed: true,
  customer: null,
};
const one = (...items: Receipt[]) => ({ items, nextCursor: null });
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'ada', name: 'Ada', roles: ['customer'] },
  path: '/receipts',
  api: { 'GET /receipts': one(RECEIPT) },
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

it('hands out a document by a link that is made for it', async () => {
  const api: World['api'] = {
    ...WORLD.api,
    'POST /receipts/:id/link': { path: '/documents/signed', expiresAt: '2026-03-01T19:00:00Z' },
    'GET /documents/:link': () => new Response('%PDF-', { headers: { 'Content-Type': 'application/pdf' } }),
  };
  app = await mountApp(archive, { ...WORLD, api });
  await page.getByRole('button', { name: 'Download the receipt of Da Mario' }).click();
  await expect.poll(() => app?.received.at(-1)?.path).toContain('/documents/signed');
  expect(document.querySelector('[role="alert"]')).toBeNull();
});

it('says when a document cannot be had, and which are still made', async () => {
  const api: World['api'] = {
    'GET /receipts': one(RECEIPT, { ...RECEIPT, id: 'o-2', filed: false }),
    'POST /receipts/:id/link': problem(503, 'away'),
  };
  app = await mountApp(archive, { ...WORLD, api });
  await expect.element(page.getByText('Being made')).toBeVisible();
  await page.getByRole('button', { name: 'Download the receipt' }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent('could not be fetched');
});

it('shows a receipt when the word of it comes, and older ones on demand', async () => {
  let known = one();
  const receipts = ({ query }: { query: URLSearchParams }) =>
    query.get('cursor') ? one({ ...RECEIPT, id: 'o-0', restaurantName: 'Lotus' }) : { ...known, nextCursor: 'c' };
  app = await mountApp(archive, { ...WORLD, api: { 'GET /receipts': receipts } });
  await expect.element(page.getByText('No receipts yet')).toBeVisible();
  known = one(RECEIPT);
  app.live('archive.receipt-filed', { id: 'o-1' });
  await expect.element(page.getByText('€21.00')).toBeVisible();
  await page.getByRole('button', { name: 'Show older receipts' }).click();
  await expect.element(page.getByText('Lotus')).toBeVisible();
});

it('shows what it has asked for last, whatever order the answers come in', async () => {
  const answers: ((receipts: object) => void)[] = [];
  const receipts = () => new Promise<object>((resolve) => answers.push(resolve));
  app = await mountApp(archive, { ...WORLD, api: { 'GET /receipts': receipts } });
  app.live('archive.receipt-filed', { id: 'o-1' });
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.(one(RECEIPT));
  await expect.element(page.getByRole('button', { name: 'Download the receipt' })).toBeVisible();
  answers[0]?.(one({ ...RECEIPT, filed: false }));
  const outdated = expect.element(page.getByText('Being made'), { timeout: 500 }).toBeVisible();
  await expect(outdated).rejects.toThrow();
});

it('shows older ones once, however often they are asked for', async () => {
  const receipts = ({ query }: { query: URLSearchParams }) =>
    query.get('cursor') ? one({ ...RECEIPT, id: 'o-0' }) : { ...one(RECEIPT), nextCursor: 'c' };
  app = await mountApp(archive, { ...WORLD, api: { 'GET /receipts': receipts } });
  await page.getByRole('button', { name: 'Show older receipts' }).dblClick();
  await expect.element(page.getByRole('button', { name: 'Show older receipts' })).not.toBeInTheDocument();
  expect(document.querySelectorAll('tbody tr')).toHaveLength(2);
});

it('tells an auditor whose each is', async () => {
  app = await mountApp(archive, { ...WORLD, api: { 'GET /receipts': one({ ...RECEIPT, customer: 'alan' }) } });
  await expect.element(page.getByRole('columnheader', { name: 'Customer' })).toBeVisible();
  await expect.element(page.getByText('alan')).toBeVisible();
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(archive, WORLD);
  await expect.element(page.getByRole('heading', { level: 1, name: 'الإيصالات' })).toBeVisible();
});

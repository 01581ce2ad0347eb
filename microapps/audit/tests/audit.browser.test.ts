import { type Mounted, mountApp, type World } from '@portico/sdk/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as audit from '../src/index.ts';
import type { Entry } from '../src/model.ts';

const entry = (seq: number, actor: string): Entry => ({
  seq,
  at: Date.UTC(2026, 2, 1, 18, seq),
  actor,
  action: 'put',
  outcome: seq % 2 ? 'allowed' : 'refused',
  kind: 'lamp',
  key: `lamp-${seq}`,
  sort: '',
  version: seq,
  client: null,
  tenant: null,
  reason: seq % 2 ? null : 'role-required',
});
const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  user: { sub: 'noor', name: 'Noor', roles: ['auditor'] },
  path: '/audit',
};

let app: Mounted | undefined;
const asked: URL[] = [];

/** The host's own addresses, which no BFF answers: its places, and its audit. */
beforeEach(() => {
  asked.length = 0;
  const answered = { '/auth/audit/places': { places: [{ name: 'host', url: '/auth/audit' }] } };
  const original = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (!url.pathname.startsWith('/auth/audit')) return original(input, init);
    asked.push(url);
    const actor = url.searchParams.get('actor');
    const items = [entry(2, 'grace'), entry(1, 'ada')].filter((one) => !actor || one.actor === actor);
    return Response.json(answered[url.pathname as keyof typeof answered] ?? { items, nextCursor: null });
  });
});

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  vi.restoreAllMocks();
  document.documentElement.lang = 'en';
});

it('shows who did what, and what was refused', async () => {
  app = await mountApp(audit, WORLD);
  await expect.element(page.getByRole('status')).toHaveTextContent('2 entries.');
  await expect.element(page.getByRole('row', { name: /grace/ })).toHaveTextContent(/put, refused.*role-required/);
  await expect.element(page.getByRole('row', { name: /ada/ })).toHaveTextContent('lamp-1, version 1');
});

it('asks for what the form says', async () => {
  app = await mountApp(audit, WORLD);
  await expect.element(page.getByRole('row', { name: /ada/ })).toBeVisible();
  await page.getByLabelText('Who', { exact: true }).fill('grace');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect.element(page.getByRole('status')).toHaveTextContent('1 entry.');
  expect(asked.at(-1)?.searchParams.get('actor')).toBe('grace');
  await expect.element(page.getByRole('row', { name: /ada/ })).not.toBeInTheDocument();
});

it('shows older ones once, however often they are asked for', async () => {
  const newest = Array.from({ length: 50 }, (_, index) => entry(51 - index, 'grace'));
  const answer = ({ pathname, searchParams }: URL) => {
    if (pathname.endsWith('/places')) return { places: [{ name: 'host', url: '/auth/audit' }] };
    return searchParams.has('cursor')
      ? { items: [entry(1, 'ada')], nextCursor: null }
      : { items: newest, nextCursor: 'c' };
  };
  vi.mocked(fetch).mockImplementation(async (input) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    return Response.json(answer(url));
  });
  app = await mountApp(audit, WORLD);
  await expect.element(page.getByRole('status')).toHaveTextContent('50 entries, and older ones.');
  await page.getByRole('button', { name: 'Show older' }).dblClick();
  await expect.element(page.getByRole('status')).toHaveTextContent('51 entries.');
  expect(document.querySelectorAll('tbody tr')).toHaveLength(51);
});

it('says nothing of what it found before it knows where to look, and asks again for that', async () => {
  let tell: (places: Response) => void = () => {};
  const original = vi.mocked(fetch).getMockImplementation();
  const places = () =>
    new Promise<Response>((resolve) => {
      tell = resolve;
    });
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const isAsked = String(input).endsWith('/places');
    return isAsked ? places() : (original?.(input, init) ?? Response.error());
  });
  app = await mountApp(audit, WORLD);
  const [status, show] = [page.getByRole('status'), page.getByRole('button', { name: 'Show', exact: true })];
  await show.click();
  await expect.element(status).toHaveTextContent('Looking');
  tell(new Response(null, { status: 503 }));
  await expect.element(status).toHaveTextContent('cannot be read');
  await show.click();
  await expect.element(status).toHaveTextContent('Looking');
  tell(Response.json({ places: [{ name: 'host', url: '/auth/audit' }] }));
  await expect.element(status).toHaveTextContent('2 entries.');
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(audit, WORLD);
  await expect.element(page.getByRole('heading', { level: 1, name: 'سجل التدقيق' })).toBeVisible();
  await expect.element(page.getByRole('status')).toHaveTextContent('قيدان.');
});

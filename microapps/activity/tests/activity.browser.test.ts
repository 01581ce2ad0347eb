import { type Mounted, mountApp, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as activity from '../src/index.ts';

const WORLD: World = { manifest: manifest as NonNullable<World['manifest']>, path: '/activity' };
const ADA = { sub: 'ada', name: 'Ada', roles: [] };

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  document.documentElement.lang = 'en';
});

it('asks who is not signed in to sign in, and shows nothing of anybody', async () => {
  app = await mountApp(activity, WORLD);
  const link = page.getByRole('link', { name: 'Sign in' });
  await expect.element(link).toHaveAttribute('href', '/auth/sign-in?return_to=%2Factivity');
  expect(app.element.querySelector('portico-queue, portico-inbox, portico-push')).toBeNull();
});

it('gives room to what waits, what came, and being told of it', async () => {
  app = await mountApp(activity, { ...WORLD, user: ADA });
  const parts = { 'Waiting to be sent': 'queue', Messages: 'inbox', 'Notifications on this device': 'push' };
  for (const [name, element] of Object.entries(parts)) {
    const part = page.getByRole('region', { name });
    await expect.element(part).toBeVisible();
    expect(part.element().querySelector(`portico-${element}`)).not.toBeNull();
  }
});

it('speaks the page’s language', async () => {
  document.documentElement.lang = 'ar';
  app = await mountApp(activity, { ...WORLD, user: ADA });
  await expect.element(page.getByRole('heading', { level: 1, name: 'قيد الانتظار والرسائل' })).toBeVisible();
});

import { navigate } from '@portico/sdk';
import { type Mounted, mountApp, type World } from '@portico/sdk/testing';
import { afterEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import manifest from '../app.json';
import * as nav from '../src/index.ts';

const WORLD: World = {
  manifest: manifest as NonNullable<World['manifest']>,
  slot: 'header',
  user: { sub: 'ada', name: 'Ada Lovelace', roles: [] },
  mountPoints: {
    nav: [
      { app: 'lamps', key: 'lamps', order: 1, label: 'Lamps', href: '/lamps' },
      { app: 'rooms', key: 'rooms', order: 2, label: 'Rooms', href: '/rooms' },
    ],
  },
};

let app: Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
});

it('shows what apps offer and marks where the person is, also after they went on', async () => {
  app = await mountApp(nav, { ...WORLD, path: '/lamps' });
  const [lamps, rooms] = [page.getByRole('link', { name: 'Lamps' }), page.getByRole('link', { name: 'Rooms' })];
  await expect.element(lamps).toHaveAttribute('aria-current', 'page');
  await navigate('/rooms');
  await expect.element(rooms).toHaveAttribute('aria-current', 'page');
  await expect.element(lamps).not.toHaveAttribute('aria-current');
});

it('says who is signed in, and offers the way out', async () => {
  app = await mountApp(nav, WORLD);
  await expect.element(page.getByRole('link', { name: /Signed in as Ada Lovelace/ })).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
});

it('offers the way in to who is not, back to where they are', async () => {
  app = await mountApp(nav, { ...WORLD, user: null, path: '/rooms' });
  const signIn = page.getByRole('link', { name: 'Sign in' });
  await expect.element(signIn).toHaveAttribute('href', '/auth/sign-in?return_to=%2Frooms');
  await expect.element(page.getByRole('button', { name: 'Sign out' })).not.toBeInTheDocument();
});

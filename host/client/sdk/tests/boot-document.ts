/** A boot document for unit tests, put where the sdk looks for it. */

import { vi } from 'vitest';
import type { Boot } from '../boot.ts';

const BASE: Boot = {
  revision: 3,
  loadTimeoutMs: 1000,
  user: null,
  apps: [],
  mountPoints: {},
  page: { status: 200, slot: 'main' },
  urls: { signIn: '/auth/sign-in', signOut: '/auth/sign-out' },
};

/** Puts a page with this boot document (or none) into the globals. Import the module under test anew after it. */
export function stubPage(changes: Partial<Boot> | null, href = 'https://portico.test/'): void {
  vi.resetModules();
  const text = changes && JSON.stringify({ ...BASE, ...changes });
  vi.stubGlobal('document', {
    getElementById: (id: string) => (text && id === 'portico-apps' ? { textContent: text } : null),
  });
  vi.stubGlobal('location', new URL(href));
}

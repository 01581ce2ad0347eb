/** Showing and hiding manually activated apps, when somebody asks for it. */

import { boot } from '@portico/sdk';
import type { Active } from './activations.ts';

/** What of the page is needed. */
export interface ActivePage {
  readonly active: Active;
  /** Brings every slot but the view's up to date. */
  showRest(): Promise<unknown>;
}

/** See `activate` of the sdk. */
export async function activate(page: ActivePage, name: string, slot?: string): Promise<void> {
  const { apps, page: at } = boot();
  if (!apps.find((app) => app.name === name)?.activation)
    throw new Error(`${name} cannot be activated: this page has no such app with "activation": "manual"`);
  if (slot === at.slot) throw new Error(`${name} cannot be activated in ${slot}: it follows the address`);
  page.active.set(name, slot);
  await page.showRest();
}

/** See `deactivate` of the sdk. */
export async function deactivate(page: ActivePage, name: string): Promise<void> {
  if (page.active.delete(name)) await page.showRest();
}

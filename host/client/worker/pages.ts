/** What is known of open pages: the version of the messages that each of them speaks. */

import { PAGES } from './names.ts';
import type { Shelves } from './shelves.ts';

/** Kept outside of memory: the worker may be stopped at any time, and a waiting one has heard no page yet. */
export class Pages {
  constructor(
    readonly shelves: Shelves,
    /** The ids of all pages that are open now. */
    readonly open: () => Promise<readonly string[]>,
  ) {}

  /** A page has said which version it speaks. */
  async heard(id: string, version: number): Promise<void> {
    const shelf = await this.shelves.open(PAGES);
    await shelf.put(keyOf(id), new Response(String(version)));
    const open = new Set((await this.open()).map(keyOf));
    for (const key of await shelf.keys()) if (!open.has(key) && key !== keyOf(id)) await shelf.delete(key);
  }

  /** Whether every open page that has said anything speaks this version. One that has not is not in the middle of anything. */
  async allSpeak(version: number): Promise<boolean> {
    const shelf = await this.shelves.open(PAGES);
    const spoken = await Promise.all((await this.open()).map(async (id) => (await shelf.get(keyOf(id)))?.text()));
    return spoken.every((said) => said === undefined || said === String(version));
  }
}

function keyOf(id: string): string {
  return `/_portico/pages/${id}`;
}

/** Gives the person a file. */

import { QUEUE } from '../wording.ts';
import { h } from './base.ts';

/** Saves what waits as a JSON file. */
export function saveCopy(json: string): void {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  h('a', { href: url, download: QUEUE.file(new Date()) }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click has returned
}
